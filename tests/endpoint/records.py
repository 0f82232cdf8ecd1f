"""What a municipality of the tests has to tell: records with metadata that nobody checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)

_DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
    "<dc:identifier>{identifier}</dc:identifier></oai_dc:dc>"
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


def sample_records(count: int, namespace: str = "endpoint.test") -> list[Record]:
    """``count`` records in ``oai_dc``, a minute apart from :data:`BEGINNING` on, the same ones every time."""
    return [_sample(number, namespace) for number in range(1, count + 1)]


def _sample(number: int, namespace: str) -> Record:
    identifier = f"oai:{namespace}:{number:06}"
    moment = BEGINNING + timedelta(minutes=number)
    title = f"杭州市第{number}号道路工程"
    return Record(identifier, f"{moment:%Y-%m-%dT%H:%M:%SZ}", dublin_core(title, identifier))


def plain_list(records: Sequence[Record], root: str = "MetaDatas", encoding: str = "UTF-8") -> bytes:
    """A list without any protocol: the metadata of every record that is not deleted, below ``root``."""
    lines = [each.metadata for each in records if not each.deleted]
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>'
    return "\n".join([declaration, f"<{root}>", *lines, f"</{root}>\n"]).encode(encoding)
