"""Telling people what concerns them: what acts, runs and the health of sources put into the outbox becomes
notifications, once each, and (for those who want it) orders to mail them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from registry.errors import NotFound
from registry.model.event import Actor
from registry.model.hierarchy import rising
from registry.model.issue import Text
from registry.model.lifecycle import SourceAction
from registry.model.notification import RECIPIENTS, Facts, Kind, told_of_health
from registry.model.role import Role
from registry.model.run import RunStatus
from registry.model.source import SourceStatus
from registry.services import ordering
from registry.store import (
    accounts,
    events,
    health,
    hierarchy,
    issue_life,
    leases,
    notifications,
    outbox,
    runs,
    sources,
)
from registry.store.engine import Connection, Engine, transaction
from registry.store.outbox import Topic

_LEASE = "notices"
_LASTING = timedelta(seconds=10)


def tell(engine: Engine, *, holder: str, by_mail: bool, now: datetime, limit: int = 200) -> int:
    """Tell of what waits, at most ``limit`` items; returns how many were dealt with. None where another process
    than ``holder`` is at it. ``by_mail``: the installation has a mail server."""
    with transaction(engine) as connection:
        if leases.take(connection, _LEASE, holder, now, _LASTING) is None:
            return 0
        waiting = outbox.waiting(connection, Topic.NOTICE, limit)
        for each in waiting:
            for notice in _notices(connection, each.item):
                _deliver(connection, notice, each.item, by_mail, now)
        outbox.take_out(connection, waiting)
        return len(waiting)


def rest(engine: Engine, *, holder: str, now: datetime) -> None:
    """``holder`` tells nobody for now: another process may at once."""
    with transaction(engine) as connection:
        leases.take(connection, _LEASE, holder, now, timedelta(0))


def read(engine: Engine, actor: Actor, ids: Collection[int] | None, now: datetime) -> int:
    """Whoever is signed in has read these of its notifications (None: all); returns how many it had not. It
    concerns nobody else, so that it is no event."""
    assert actor.account is not None
    with transaction(engine) as connection:
        return notifications.mark_read(connection, actor.account, ids, now)


@dataclass(frozen=True, slots=True)
class _Notice:
    """Something to be told about a source. ``spared``: the name of an account that knows, or could not act."""

    kind: Kind
    subject: str
    source: sources.Source
    facts: Facts
    spared: str = ""


def _notices(connection: Connection, item: str) -> list[_Notice]:
    source, _, number = item.partition(":")
    try:
        return _NOTICES[source](connection, int(number))
    except NotFound:  # what it was about is not kept any more
        return []


def _of_event(connection: Connection, event_id: int) -> list[_Notice]:
    event = events.get(connection, event_id).event
    kind = _ACTS.get(event.action)
    if kind is None or not event.subject.startswith("source:"):
        return []
    source = sources.get(connection, event.subject.removeprefix("source:"))
    if kind is Kind.SUBMITTED and source.status is not SourceStatus.SUBMITTED:
        return []  # an amendment that needs no approval, or somebody has decided already
    reason = Text(event.reason, event.reason)
    return [
        _notice(kind, event.subject, source, spared=event.actor.name, reason=reason, actor=event.actor.name)
    ]


_ACTS = {
    str(SourceAction.SUBMIT): Kind.SUBMITTED,
    str(SourceAction.AMEND): Kind.SUBMITTED,
    str(SourceAction.APPROVE): Kind.APPROVED,
    str(SourceAction.REJECT): Kind.REJECTED,
}


def _of_run(connection: Connection, run_id: int) -> list[_Notice]:
    run = runs.get(connection, run_id)
    source = sources.by_id(connection, run.source_id)
    subject = f"run:{run_id}"
    notices = []
    if run.status is RunStatus.HELD:
        reason = Text(
            "".join(each.text.zh for each in run.hold_reasons),
            " ".join(each.text.en for each in run.hold_reasons),
        )
        spared = source.submitted_by
        notices.append(_notice(Kind.HELD, subject, source, run=run_id, reason=reason, spared=spared))
    if codes := issue_life.new_codes(connection, run_id):
        notices.append(_notice(Kind.ISSUES, subject, source, run=run_id, codes=tuple(codes)))
    return notices


def _of_health(connection: Connection, change_id: int) -> list[_Notice]:
    found = health.get(connection, change_id)
    kind = told_of_health(found.change)
    if kind is None:
        return []
    source = sources.get(connection, found.source_code)
    return [_notice(kind, f"source:{source.code}", source, reason=found.change.reason)]


_NOTICES: dict[str, Callable[[Connection, int], list[_Notice]]] = {
    "event": _of_event,
    "run": _of_run,
    "health": _of_health,
}


def _notice(
    kind: Kind,
    subject: str,
    source: sources.Source,
    *,
    spared: str = "",
    run: int = 0,
    reason: Text | None = None,
    actor: str = "",
    codes: tuple[str, ...] = (),
) -> _Notice:
    reason = reason or Text("", "")
    facts = Facts(source.code, source.name, source.description.register_code, run, reason, actor, codes)
    return _Notice(kind, subject, source, facts, spared)


def _deliver(connection: Connection, notice: _Notice, cause: str, by_mail: bool, now: datetime) -> None:
    register_id = notice.source.description.register_id
    mailed = False
    for account_id in _recipients(connection, notice):
        account = accounts.by_id(connection, account_id)
        wants = by_mail and account.mails and bool(account.email)
        told = notifications.add(
            connection, account_id, notice.kind, notice.subject, register_id=register_id, cause=cause,
            facts=notice.facts, by_mail=wants, now=now,
        )  # fmt: skip
        mailed = mailed or (told and wants)
    if mailed:
        ordering.place_delivery(connection, register_id, requested_by="notices", now=now)


def _recipients(connection: Connection, notice: _Notice) -> list[int]:
    """Who submitted the source; or who holds the role nearest above it: on its register, else on the next ones
    above, else everywhere."""
    role = RECIPIENTS[notice.kind]
    if role is Role.SUBMITTER:
        account = accounts.named(connection, notice.source.submitted_by)
        return [] if account is None or account.locked or account.name == notice.spared else [account.id]
    spared = accounts.named(connection, notice.spared) if notice.spared else None
    register_id = notice.source.description.register_id
    steps = [frozenset({register_id}), *rising(register_id, hierarchy.readings(connection))]
    for step in (*steps, None):
        places = [None] if step is None else sorted(step)
        holders = {each for place in places for each in accounts.holders(connection, role, place)}
        if spared is not None:
            holders.discard(spared.id)
        if holders:
            return sorted(holders)
    return []
