"""``mulu doctor``: what is wrong with the installation, and the way out; and letting publication go on."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from config.load import SettingsError
from harvester.assembly import open_short_look
from harvester.canaries import Outcome
from harvester.commands.bridge import Bridge, pass_bridge, queueing
from harvester.diagnosis import Check, Finding, Patient, State, examine, worst
from harvester.diagnosis.examination import SECONDS
from harvester.diagnosis.finding import TITLES
from harvester.errors import HarvestFailure
from registry.commands import exits
from registry.commands.output import json_option, print_json, remark, tell
from registry.commands.session import Session, acting, pass_session
from registry.commands.upward import carry_upward
from registry.errors import Conflict
from registry.model.issue import Text
from registry.model.labels import visible_text
from registry.services import stopping
from registry.services.ingest.settle import left_over
from registry.store import registers
from registry.store.engine import Engines, open_engines

_MARKS = {State.WELL: "✓", State.SKIPPED: "-", State.WARNING: "!", State.FAILED: "✗"}
_COLOURS = {State.WELL: "green", State.SKIPPED: "white", State.WARNING: "yellow", State.FAILED: "red"}
_LOOKING = Text("检查{what}…", "looking at: {what}")
_CORRECT = Text("请改正后再运行一次", "correct it, and run this again")
_SUMMARY = {
    State.WELL: Text("一切正常。", "all is well."),
    State.WARNING: Text(
        "可以运行，但有需要留意之处。", "it works, but somebody should look at the warnings."
    ),
    State.FAILED: Text("有问题需要处理。", "something does not work."),
}
_STILL = Text(
    "金丝雀仍未全部通过（{canaries}），不能恢复发布；请先修复。",
    "the canaries have not all ended as they must ({canaries}); mend that before publication is resumed.",
)
_RESUMED = Text(
    "已恢复发布；{count} 个登记册的待发布内容已处理。",
    "publication is resumed; {count} registers had something waiting.",
)
_EXITS = {
    State.WELL: exits.DONE,
    State.SKIPPED: exits.HELD,
    State.WARNING: exits.HELD,
    State.FAILED: exits.FAILED,
}


@click.command()
@click.option(
    "--source", "source_code", default="", metavar="SOURCE", help="Look at this source only (and all else)."
)
@click.option("--resume-publication", "resumes", is_flag=True, help="Lift the stop that a canary has set.")
@click.option("--reason", default="", help="Why publication may go on.")
@json_option
@acting
@pass_session
@pass_bridge
def doctor(
    bridge: Bridge, session: Session, source_code: str, resumes: bool, reason: str, as_json: bool
) -> None:
    """Look at settings, keys, disk, database, clocks, workers, canaries and sources, within a minute, and say
    what is wrong and the way out.

    Exit code 0 where all is well, 1 where something does not work, 4 where there are warnings only.

    Publication that a canary has stopped is resumed by a person, once all canaries end as they must.

    \b
    Examples:
      mulu doctor
      mulu doctor --source jiujiang --json
      mulu doctor --resume-publication --reason "lxml is up to date again"
    """
    if resumes:
        _resume(bridge, session, reason, as_json)
        return
    if reason:
        raise click.UsageError("--reason goes with --resume-publication")
    began = time.monotonic()
    findings = _examined(bridge, session, source_code)
    state = worst(findings)
    if as_json:
        rows = [_row_of(each) for each in findings]
        print_json({"state": state, "findings": rows, "seconds": round(time.monotonic() - began, 1)})
    else:
        _print(session, findings, state)
    click.get_current_context().exit(_EXITS[state])


def _examined(bridge: Bridge, session: Session, source_code: str) -> list[Finding]:
    try:
        _ = session.settings
    except SettingsError as error:
        return [Finding(Check.SETTINGS, State.FAILED, Text(error.zh, error.en), _CORRECT)]
    end = time.monotonic() + SECONDS
    with (
        _patient(bridge, session, source_code, lambda: end - time.monotonic()) as patient,
        _telling(session) as begun,
    ):
        return list(examine(patient, begun))


@contextmanager
def _patient(
    bridge: Bridge, session: Session, source_code: str, left: Callable[[], float]
) -> Iterator[Patient]:
    settings = session.settings
    engines = _engines(session)
    try:
        with ExitStack() as stack:
            watch = stack.enter_context(bridge.watch(session, engines)) if engines else None
            yield Patient(
                settings=settings,
                keyring=session.keyring,
                engines=engines,
                watch=watch,
                door=open_short_look(settings, session.keyring, session.clock),
                broker=lambda seconds: _broker_fault(session, seconds),
                temporary=Path(tempfile.gettempdir()),
                source_code=source_code,
                clock=session.clock,
                rng=bridge.rng,
                monotonic=time.monotonic,
                left=left,
            )
    finally:
        if engines is not None:
            engines.dispose()


def _engines(session: Session) -> Engines | None:
    """The store, whatever its state; None where there is no file of it (one must not be made by looking)."""
    settings = session.settings
    if not settings.database.url and not (settings.home / "mulu.sqlite3").is_file():
        return None
    return open_engines(settings.database_url, pool_size=settings.database.pool_size)


def _broker_fault(session: Session, seconds: float) -> Text | None:
    queue = session.settings.queue
    try:
        dispatch = queueing()
    except HarvestFailure as failure:
        return failure.text
    fault = dispatch.unreachable(dispatch.celery_app(queue.url, queue.name), seconds)
    return None if fault is None else Text(f"消息队列无应答：{fault}", f"the broker does not answer: {fault}")


@contextmanager
def _telling(session: Session) -> Iterator[Callable[[Check], None]]:
    """Says on standard error what is being looked at, where a person watches."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with Console(stderr=True).status("") as status:
        yield lambda check: status.update(session.say(_LOOKING.format(what=session.say(TITLES[check]))))


def _row_of(finding: Finding) -> dict[str, Any]:
    """A finding as ``--json`` tells it."""
    return {name: getattr(finding, name) for name in ("check", "state", "subject", "text", "way_out")}


def _print(session: Session, findings: Sequence[Finding], state: State) -> None:
    width = max(_width(session.say(TITLES[each.check])) for each in findings)
    for each in findings:
        title = session.say(TITLES[each.check])
        mark = click.style(_MARKS[each.state], fg=_COLOURS[each.state])
        padded = title + " " * (width - _width(title))
        click.echo(f"{mark} {padded}  {visible_text(session.say(each.text))}")
        if way_out := session.say(each.way_out):
            click.echo(f"  {' ' * width}  → {visible_text(way_out)}")
    remark(session, _SUMMARY[State.WARNING if state is State.SKIPPED else state])


def _width(text: str) -> int:
    """The columns that ``text`` takes: two for a Chinese character."""
    return sum(1 if char.isascii() else 2 for char in text)


def _resume(bridge: Bridge, session: Session, reason: str, as_json: bool) -> None:
    """Send the canaries, lift the stop, and publish what waits."""
    with bridge.watch(session, session.engines) as watch:
        odd = [
            each.canary.code
            for each in watch.look()
            if each.outcome not in (Outcome.RIGHT, Outcome.OTHERWISE)
        ]
    if odd:
        raise Conflict(_STILL.format(canaries=", ".join(odd)))
    stop = stopping.resume_publication(
        session.engines.write, actor=session.actor, now=session.clock(), reason=reason
    )
    with session.engines.read.connect() as connection:
        waiting = [each.id for each in registers.listed(connection) if left_over(connection, each.id)]
    for register_id in waiting:
        carry_upward(session, register_id)
    if as_json:
        print_json({"stopped_at": stop.since, "causes": stop.causes, "registers": len(waiting)})
    else:
        tell(session, _RESUMED.format(count=len(waiting)))
