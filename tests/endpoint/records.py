"""What a municipality of the tests has to tell: records with metadata that nobody checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
CATALOGUE = "urn:mulu:catalogue:1"

_DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
    "<dc:identifier>{identifier}</dc:identifier></oai_dc:dc>"
)
_CATALOGUE = (
    f'<record xmlns="{CATALOGUE}"><mdId>{{key}}</mdId><resTitle>{{title}}</resTitle>'
    "<abstract>{abstract}</abstract><IdPoC><rpOrgName>{body}</rpOrgName></IdPoC>"
    "<TpCat><cateStd>项目信息公开目录</cateStd><cateName>施工许可</cateName><cateCode>2.1</cateCode></TpCat>"
    "<resID>{division}/{key}</resID><catalogue>project</catalogue><item>2.1</item><division>{division}</division>"
    "<sharing>1</sharing><openness>1</openness></record>"
)


@dataclass(frozen=True, slots=True)
class Record:
    """One record. ``datestamp`` and ``metadata`` (one XML element) are sent as they stand, however wrong."""

    identifier: str
    datestamp: str
    metadata: str
    deleted: bool = False
    sets: tuple[str, ...] = ()


def dublin_core(title: str, identifier: str) -> str:
    """The least metadata that ``oai_dc`` allows."""
    return _DC.format(title=escape(title), identifier=escape(identifier))


def catalogue_record(
    key: str,
    title: str = "城北污水处理厂一期工程",
    *,
    abstract: str = "施工许可信息",
    body: str = "城乡建设委员会",
    division: str = "330100",
) -> str:
    """Metadata in the format ``catalogue``, in which nothing is wrong."""
    texts = {"key": key, "title": title, "abstract": abstract, "body": body, "division": division}
    return _CATALOGUE.format(**{name: escape(text) for name, text in texts.items()})


def sample_records(count: int, namespace: str = "endpoint.test") -> list[Record]:
    """``count`` records in ``oai_dc``, a minute apart from :data:`BEGINNING` on, the same ones every time."""
    return [
        _sample(number, namespace, dublin_core(_title(number), f"oai:{namespace}:{number:06}"))
        for number in range(1, count + 1)
    ]


def catalogue_records(
    count: int, namespace: str = "endpoint.test", division: str = "330100", edition: str = ""
) -> list[Record]:
    """The same in the format ``catalogue``, about one division; ``edition`` stands in every title."""
    return [
        _sample(
            number,
            namespace,
            catalogue_record(f"{number:06}", f"{edition}{_title(number)}", division=division),
        )
        for number in range(1, count + 1)
    ]


def earlier(record: Record) -> Record:
    """What ``record`` said a year before, under another title."""
    stamp = f"{int(record.datestamp[:4] or '1') - 1:04}{record.datestamp[4:]}"
    metadata = record.metadata
    for tag in ("<dc:title>", "<resTitle>"):
        metadata = metadata.replace(tag, f"{tag}原", 1)
    return replace(record, datestamp=stamp, metadata=metadata)


def _title(number: int) -> str:
    return f"杭州市𠮷祥路第{number}号道路工程"


def _sample(number: int, namespace: str, metadata: str) -> Record:
    moment = BEGINNING + timedelta(minutes=number)
    return Record(f"oai:{namespace}:{number:06}", f"{moment:%Y-%m-%dT%H:%M:%SZ}", metadata)


def plain_list(records: Sequence[Record], root: str = "MetaDatas", encoding: str = "UTF-8") -> bytes:
    """A list without any protocol: the metadata of every record that is not deleted, below ``root``."""
    lines = [each.metadata for each in records if not each.deleted]
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>'
    return "\n".join([declaration, f"<{root}>", *lines, f"</{root}>\n"]).encode(encoding)
