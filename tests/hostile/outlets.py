"""Everything that leaves an installation, read as its readers do: answers, exports, what commands print."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Final

import openpyxl
from lxml import etree
from sqlalchemy import inspect, select, text

from registry.commands.finding import export
from registry.formats import FORMATS
from registry.formats.cells import as_written
from registry.outlets.tables import TABLES
from registry.store import tables
from schemas.oaipmh import DC
from schemas.xsd import NAMESPACE
from tests.hostile.site import REGISTER, Site
from tests.integration.repository import Entry, Reader

UNSEEN: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
"""What moves a cursor, turns a line around or hides in it; never a character of a text on a screen."""

WRITTEN: Final = [prefix for prefix, row in FORMATS.items() if row.write is not None]
_TITLES: Final = {"catalogue": f"{{{NAMESPACE}}}resTitle", "oai_dc": f"{{{DC}}}title"}


def listed(site: Site) -> Iterator[tuple[str, Entry]]:
    """The entries of every format as OAI-PMH lists them, each answer valid against the official schema."""
    with site.app() as app:
        reader = Reader(app)
        for prefix in WRITTEN:
            for entry in reader.entries(REGISTER, metadataPrefix=prefix):
                yield prefix, entry


def exported(site: Site) -> dict[str, bytes]:
    """What ``mulu export`` writes in every format that it knows."""
    (choice,) = [each for each in export.params if each.name == "prefix"]
    found = {}
    for prefix in choice.type.choices:  # type: ignore[attr-defined]
        file = site.mulu.home / f"export-{prefix}"
        ended = site.mulu.ended("export", REGISTER, "--format", prefix, "--audience", "peer", "-o", file)
        assert ended.code in ((0, 4) if prefix in TABLES else (0,)), ended
        found[str(prefix)] = file.read_bytes()
    return found


def titles_in(prefix: str, content: bytes) -> list[str]:
    """The titles in an export (or in one record of it), read by a strict parser of its kind."""
    if prefix in _TITLES:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        return [each.text or "" for each in etree.fromstring(content, parser).iter(_TITLES[prefix])]
    return [as_written(row["resTitle"]) for row in rows_in(prefix, content)]


def texts_in(prefix: str, content: bytes) -> str:
    """All that a reader of an export sees."""
    if prefix == "xlsx":
        return "\n".join(cell for row in rows_in(prefix, content) for cell in row.values())
    return content.decode("utf-8-sig")


def links_in(prefix: str, content: bytes) -> list[str]:
    """The links in an export."""
    if prefix in _TITLES:
        return re.findall(r"<onLineSrc>(.*?)<", content.decode())
    cells = [row["onLineSrc"] for row in rows_in(prefix, content)]
    return [link for cell in cells for link in cell.split("; ") if link]


def rows_in(prefix: str, content: bytes) -> list[Mapping[str, str]]:
    """The rows of a table, by the short names of its columns."""
    if prefix == "csv":
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    if prefix == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        head, *body = sheet.iter_rows()
        names = [str(cell.value) for cell in head]
        return [dict(zip(names, (str(cell.value or "") for cell in row), strict=True)) for row in body]
    raise AssertionError(f"nobody has said yet how an export in {prefix} is read")


def formulas_in(prefix: str, content: bytes) -> list[str]:
    """The cells that a spreadsheet would compute rather than show."""
    if prefix == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    cells = [cell for row in rows_in(prefix, content) for cell in row.values()]
    return [
        cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not _is_number(cell)
    ]


def stored(site: Site) -> Iterator[tuple[str, str]]:
    """The table and the text of every value in the store, but for the raw bytes in the archive."""
    with site.engines() as engines, engines.read.connect() as connection:
        for table in inspect(connection).get_table_names():
            if table == tables.raw_records.name:
                continue
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                for value in row:
                    yield table, value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def archived(site: Site) -> list[bytes]:
    """The raw bytes in the archive."""
    with site.engines() as engines, engines.read.connect() as connection:
        return [bytes(row.content) for row in connection.execute(select(tables.raw_records))]


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?", cell) is not None
