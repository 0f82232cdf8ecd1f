"""``mulu search`` and ``mulu export``: reading a register, as the public or a peer may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import click

from registry.commands import exits
from registry.commands.output import column, json_option, print_listing, remark
from registry.commands.session import Session, pass_session, reading
from registry.errors import NotFound
from registry.formats import FORMATS
from registry.formats.base import Format
from registry.formats.lists import NAMESPACE, entry
from registry.model.issue import Text
from registry.model.register import Register
from registry.model.version import Version
from registry.model.visibility import Audience, day_of
from registry.outlets import selection
from registry.outlets.oaipmh import sets
from registry.outlets.tables import TABLES, Table
from registry.store import log, registers
from registry.store.engine import Connection

_COLUMNS = (
    column("identifier", "标识符", "identifier"),
    column("title", "名称", "title"),
    column("catalogue", "目录", "catalogue"),
    column("item", "类目", "item"),
    column("division", "行政区划", "division"),
    column("body", "发布机构", "publishing body"),
    column("updated_on", "元数据更新", "updated"),
)
_MORE = Text(zh="还有更多；请用 --limit 显示。", en="there are more; show them with --limit.")
_EXPORTED = Text(zh="已导出 {count} 条(序号 {mark})。", en="exported {count} records (sequence {mark}).")
_NO_SET = Text(
    zh="登记簿 {code} 没有集合 {spec}；/oai/{code}?verb=ListSets 列出全部集合。",
    en="register {code} has no set {spec}; /oai/{code}?verb=ListSets lists them.",
)
_CUT = Text(
    zh="其中 {cut} 条含表格容纳不下的内容，只导出了一部分({lost})；完整内容请用 --format catalogue 导出。",
    en="{cut} of them hold more than a table can, and stand there in part ({lost}); `--format catalogue` writes all.",
)
_SLICE = 500
_WRITABLE = sorted(prefix for prefix, each in FORMATS.items() if each.write is not None)

_audience_option = click.option(
    "--audience",
    type=click.Choice([str(Audience.PUBLIC), str(Audience.PEER)]),
    default=str(Audience.PUBLIC),
    show_default=True,
    help="Who may see what is printed.",
)


@click.command()
@click.argument("register_code", metavar="REGISTER")
@click.argument("words", metavar="TEXT", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@_audience_option
@json_option
@reading
@pass_session
def search(
    session: Session, register_code: str, words: tuple[str, ...], limit: int, audience: str, as_json: bool
) -> None:
    """Find current entries that hold all words: names, codes, numbers, any part of a Chinese text.

    \b
    Example:
      mulu search 330000 老旧小区 萧山
    """
    view = selection.View(Audience(audience), day_of(session.clock()))
    with session.engines.read.connect() as connection:
        register = registers.get(connection, register_code)
        found = selection.found(connection, register, " ".join(words), view, limit=limit)
    print_listing(session, [_row(each) for each in found.versions], _COLUMNS, as_json=as_json)
    if found.last is not None:
        remark(session, _MORE)


@click.command()
@click.argument("register_code", metavar="REGISTER")
@click.option(
    "--format", "prefix", type=click.Choice([*_WRITABLE, *TABLES]), default="catalogue", show_default=True
)
@click.option(
    "--set", "set_spec", default="", help="Only this set (catalogue:credit, division:330000:330100)."
)
@click.option(
    "-o",
    "--output",
    type=click.File("wb", lazy=True, atomic=True),
    default="-",
    help="File, there once it is whole (default: standard output).",
)
@_audience_option
@reading
@pass_session
def export(
    session: Session, register_code: str, prefix: str, set_spec: str, output: IO[bytes], audience: str
) -> None:
    """Write the current entries of a register: as one XML document, a record a line, or as a table (csv, xlsx).

    Each stands under its identifier, so that `mulu import` reads the same entries again (docs/import.md). Exit code 4
    where a table could not hold all of each record.

    \b
    Examples:
      mulu export 330000 --format oai_dc --set catalogue:project -o projects.xml
      mulu export 330000 --format xlsx -o projects.xlsx
    """
    view = selection.View(Audience(audience), day_of(session.clock()))
    with session.engines.read.connect() as connection:
        register = registers.get(connection, register_code)
        filed = _known_set(connection, register, set_spec, view)
    if prefix in TABLES:
        _export_table(session, register, prefix, filed, view, output)
        return
    head = f'<records xmlns="{NAMESPACE}" register="{register.code}" sequence="{register.mark}">\n'
    output.write(b'<?xml version="1.0" encoding="UTF-8"?>\n' + head.encode())
    count = 0
    for identifier, content in _written(session, register, FORMATS[prefix], filed, view):
        output.write(entry(identifier, content) + b"\n")
        count += 1
    output.write(b"</records>\n")
    remark(session, _EXPORTED.format(count=count, mark=register.mark))


def _export_table(
    session: Session, register: Register, kind: str, filed: str, view: selection.View, output: IO[bytes]
) -> None:
    table = Table(_written(session, register, FORMATS["catalogue"], filed, view))
    TABLES[kind](table, output)
    remark(session, _EXPORTED.format(count=table.count, mark=register.mark))
    if table.cut:
        lost = ", ".join(f"{name} {count}" for name, count in table.lost.most_common())
        remark(session, _CUT.format(cut=table.cut, lost=lost))
        click.get_current_context().exit(exits.HELD)


def _known_set(connection: Connection, register: Register, spec: str, view: selection.View) -> str:
    """The set to select, as the log files it. Raises ``NotFound`` where nothing was ever shown in it."""
    filed = sets.filed(spec)
    if filed and filed not in selection.set_specs(connection, register.id, view, mark=register.mark):
        raise NotFound(_NO_SET.format(spec=spec, code=register.code))
    return filed


def _written(
    session: Session, register: Register, metadata: Format, set_spec: str, view: selection.View
) -> Iterator[tuple[str, bytes]]:
    """Identifiers and documents of all entries as of the register's mark that ``view`` shows, a slice a transaction."""
    if metadata.write is None:
        return
    span = selection.Span(0, register.mark, register.mark, set_spec)
    while True:
        with session.engines.read.connect() as connection:
            present = registers.get(connection, register.code).mark
            page = selection.page(connection, register.id, span, view, limit=_SLICE, present=present)
            shown = [line for line, is_shown in page.listed if is_shown]
            versions = log.at(connection, register.id, [line.sequence for line in shown])
        for line in shown:
            facts = versions[line.sequence].facts
            if facts is not None:
                yield line.identifier, metadata.write(line.content, facts)
        if not page.more:
            return
        span = span._replace(after=page.listed[-1][0].sequence)


def _row(version: Version) -> dict[str, Any]:
    facts = version.facts
    row: dict[str, Any] = {"identifier": version.identifier, "sequence": version.sequence}
    if facts is not None:
        row |= {
            "title": facts.title,
            "catalogue": facts.catalogue,
            "item": facts.item,
            "division": facts.division,
            "body": facts.body,
            "updated_on": facts.updated_on,
        }
    return row
