"""The fields that every record of the sample has, in the order of the catalogue schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from demo.records import Field, SampleRecord, moment

THEME = (
    ("cateStd", "政务信息资源主题分类"),
    ("cateName", "城乡建设、环境保护"),
    ("cateCode", "06"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What differs from record to record. ``profile``: the fields of the construction profile between
    the division and the source department; ``second``: the second of the day of its datestamp."""

    host: str
    place: str  # the division that publishes
    serial: int
    catalogue: str
    item: str
    division: str
    title: str
    abstract: str
    body: str
    keywords: tuple[str, ...]
    published: date
    updated: date
    second: int
    profile: tuple[Field, ...] = field(default=())
    sharing: str = "1"
    openness: str = "1"


def record(entry: Entry) -> SampleRecord:
    """A record with all fields that its entry implies."""
    key = f"{entry.place}-{entry.catalogue[0].upper()}-{entry.serial:05d}"
    identifier = f"oai:{entry.host}:{key}"
    contact: tuple[Field, ...] = (("rpOrgName", entry.body),)
    fields: tuple[Field, ...] = (
        ("mdId", identifier),
        ("resTitle", entry.title),
        ("pubDate", entry.published.isoformat()),
        ("abstract", entry.abstract),
        ("IdPoC", contact),
        ("DescKeys", tuple(("keyword", word) for word in entry.keywords)),
        ("TpCat", THEME),
        ("onLineSrc", f"https://www.{entry.host}/catalogue/{key}.html"),
        ("resID", f"{entry.place}{entry.item.replace('.', '')}/{entry.serial:06d}"),
        ("MdContact", contact),
        ("mdDateUpd", entry.updated.isoformat()),
        ("catalogue", entry.catalogue),
        ("item", entry.item),
        ("division", entry.division),
        *entry.profile,
        ("sourceDepartment", entry.body),
        ("collectionDate", entry.updated.isoformat()),
        ("sharing", entry.sharing),
        ("openness", entry.openness),
        ("updateCycle", "4"),
        ("format", "2"),
        ("secrecy", "普通"),
    )
    return SampleRecord(identifier, moment(entry.updated, entry.second), entry.catalogue, fields)


def party(role: str, name: str, credit_code: str) -> Field:
    """A party with its unified social credit code."""
    return (
        "party",
        (("partyRole", role), ("partyName", name), ("partyIdScheme", "uscc"), ("partyId", credit_code)),
    )
