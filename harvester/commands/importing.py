"""``mulu import``: deliver files to a register through a folder source, which is made where there is none.

What is imported takes the road of everything else: it is a delivery in a folder, read in the child, checked,
compared, held by the brake where it must be, and published. The source is submitted by the program and approved
by whoever imports: two acts, two events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from harvester.commands.bridge import Bridge, pass_bridge, tabulator
from harvester.commands.harvest import exit_code, remark_declined, remark_failures, row_of
from harvester.commands.progress import progress
from harvester.commands.waiting import carry_out
from harvester.deliver.delivery import KindRefused, drafted
from harvester.errors import ProtocolFailure
from harvester.tables.documents import TABLES
from registry.commands import exits
from registry.commands.output import column, json_option, print_json, print_listing, remark
from registry.commands.session import Session, acting, pass_session
from registry.errors import NotFound
from registry.formats import FORMATS
from registry.model.event import Actor
from registry.model.lifecycle import SourceAction
from registry.model.register import Register
from registry.model.run import Ending, RunStatus, Scope
from registry.model.source import Protocol, SourceScope, SourceStatus
from registry.services import ordering, registration
from registry.store import issues, registers, sources
from schemas.codes.divisions import CENTRAL

PROGRAM = Actor("mulu:import")
"""Who submits the sources that imports make."""

_ISSUES_SHOWN = 50
_COLUMNS = (
    column("source", "来源", "source"),
    column("run", "运行", "run", right=True),
    column("scope", "范围", "scope"),
    column("status", "状态", "status"),
    column("received", "收到", "received", right=True),
    column("accepted", "合格", "accepted", right=True),
    column("refused", "不合格", "refused", right=True),
    column("declined", "曾被拒绝", "declined", right=True),
    column("message", "说明", "message"),
)
_ISSUES = (
    column("place", "位置", "place"),
    column("severity", "严重程度", "severity"),
    column("code", "问题", "issue"),
    column("message", "说明", "message"),
    column("hint", "建议", "hint"),
)
_PREFIXES = sorted(prefix for prefix, each in FORMATS.items() if each.read)


@click.command("import")
@click.argument("register_code", metavar="REGISTER")
@click.argument("files", nargs=-1, required=True, metavar="FILE...",
                type=click.Path(exists=True, dir_okay=False, path_type=Path))  # fmt: skip
@click.option(
    "--full", is_flag=True, help="These files are the complete list: what is missing counts as gone."
)
@click.option("--prefix", type=click.Choice(_PREFIXES), default="catalogue", show_default=True,
              help="Metadata format of the XML files.")  # fmt: skip
@click.option("--namespace", default="", help="Mints identifiers; counts when the source is made.")
@json_option
@acting
@pass_session
@pass_bridge
def import_files(
    bridge: Bridge,
    session: Session,
    register_code: str,
    files: tuple[Path, ...],
    full: bool,
    prefix: str,
    namespace: str,
    as_json: bool,
) -> None:
    """Deliver XML, zip, CSV and XLSX files to a register.

    The columns of tables are listed in docs/import.md. Exit code 3 where records were refused or a file is not what
    it should be, 4 where the import is held, or people had refused or undone some of it before.

    \b
    Examples:
      mulu import 360400 projects.xlsx
      mulu import 360400 --prefix municipal_list xmjbxx.xml --full
    """
    if prefix != "catalogue" and any(file.suffix.lower() in TABLES for file in files):
        raise click.UsageError("tables are always in the format `catalogue`; import them apart")
    place = _place_of(session, register_code, prefix)
    try:
        with drafted(
            files,
            Path(place.location),
            scope=Scope.FULL if full else Scope.DELTA,
            now=session.clock(),
            tabulate=tabulator(session),
        ) as hand_over:
            source = _approved(session, place, namespace)
            hand_over()
    except (KindRefused, ProtocolFailure) as refused:
        remark(session, refused.text)
        click.get_current_context().exit(exits.INVALID)
    order = ordering.order_harvest(
        session.engines.write, source.code, full=False, actor=session.actor, now=session.clock()
    )
    with bridge.worker(session) as worker, progress(session, 1) as tell:
        ended = carry_out(worker, [order], threads=1, tell=tell)
    rows = [row for row in map(row_of, ended) if row["source"] == source.code]
    _print(session, rows, as_json=as_json)
    remark_declined(session, rows)
    remark_failures(session, rows)
    click.get_current_context().exit(_exit_code(rows))


def _exit_code(rows: Sequence[dict[str, Any]]) -> int:
    """As of a harvest; but who delivers files wants to know whether all of them entered."""
    code = exit_code(rows)
    failed = [row for row in rows if row["status"] is RunStatus.FAILED]
    if failed and all(row["ending"] is Ending.PROTOCOL for row in failed):  # it is the files that are wrong
        return exits.INVALID
    if code == exits.DONE and any(row["declined"] for row in rows):
        return exits.HELD
    if code == exits.DONE and any(row["refused"] for row in rows):
        return exits.INVALID
    return code


@dataclass(frozen=True, slots=True)
class _Place:
    """Where files for a register go: its source's code, format and folder, and the source if it is there already."""

    register: Register
    code: str
    prefix: str
    location: str
    source: sources.Source | None


def _place_of(session: Session, register_code: str, prefix: str) -> _Place:
    """Of the folder source that imports into a register in this format. Raises ``NotFound`` for the register."""
    suffix = "" if prefix == "catalogue" else f"-{prefix.replace('_', '-')}"
    code = f"import-{register_code}{suffix}"
    with session.engines.read.connect() as connection:
        register = registers.get(connection, register_code)
        try:
            found = sources.get(connection, code)
        except NotFound:
            return _Place(register, code, prefix, str(session.settings.home / "deliveries" / code), None)
    return _Place(register, code, prefix, found.description.location, found)


def _approved(session: Session, place: _Place, namespace: str) -> sources.Source:
    """The source of a place; made and approved where there is none. Only once its files have been read: a mistyped
    heading leaves no source behind."""
    found = place.source or _make_source(session, place, namespace)
    if found.status is SourceStatus.APPROVED:
        return found
    return registration.act(
        session.engines.write, place.code, SourceAction.APPROVE, actor=session.actor, now=session.clock()
    )


def _make_source(session: Session, place: _Place, namespace: str) -> sources.Source:
    engine, now, register = session.engines.write, session.clock(), place.register
    registration.add_source(
        engine,
        registration.NewSource(
            code=place.code,
            register_code=register.code,
            name=f"{register.name}(导入)",
            protocol=Protocol.FOLDER,
            location=place.location,
            metadata_prefix=place.prefix,
            namespace=namespace or f"import.r{''.join(char for char in register.code if char.isalnum())}",
            scope=SourceScope(divisions=() if register.division == CENTRAL else (register.division,)),
        ),
        actor=PROGRAM,
        now=now,
    )
    return registration.act(engine, place.code, SourceAction.SUBMIT, actor=PROGRAM, now=now)


def _print(session: Session, rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    told = []
    with session.engines.read.connect() as connection:
        for row in rows:
            found = issues.of_run(connection, row["run"], limit=_ISSUES_SHOWN) if row["run"] else []
            told += [
                {
                    "place": each.place,
                    "identifier": each.identifier,
                    "severity": each.issue.severity,
                    "code": each.issue.code,
                    "message": each.issue.message,
                    "hint": each.issue.hint,
                }
                for each in found
            ]
    if as_json:
        print_json({"runs": rows, "issues": told})
        return
    print_listing(session, rows, _COLUMNS, as_json=False)
    if told:
        click.echo()
        print_listing(session, told, _ISSUES, as_json=False)
