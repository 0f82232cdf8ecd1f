"""The book of acts: who did what, when, from where; one act with what was before and after; the seals over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from flask import Response, request

from registry.errors import Refused
from registry.model.acts import ACTS, SUBJECTS
from registry.model.event import Entered
from registry.model.issue import Text
from registry.model.role import Permission
from registry.model.seal import Examination
from registry.outlets import book
from registry.outlets.csv_lines import BEGINNING
from registry.services import sealing
from registry.services.signing import TrustedKeys
from registry.store import events, seals
from registry.web.admin import paging
from registry.web.admin.routing import Nav, Pages
from registry.web.admin.targets import Reach, anywhere, installation, of_event
from registry.web.admin.visit import Visit

pages = Pages("book", nav=Nav(Text("操作记录", "Book of acts"), "listing", order=90, icon="book"))

EXAMINED = 20_000
"""Seals that a page examines; a longer book is examined on the command line."""

_TOO_LONG = Text(
    zh="封印超过 {limit} 个，请在服务器上核对：mulu verify --audit。",
    en="there are more than {limit} seals; examine them on the server: `mulu verify --audit`.",
)


def _filter(visit: Visit, reach: Reach) -> events.Filter:
    asked = request.args
    subject = asked.get("subject", "").strip()
    if not subject and asked.get("kind") in SUBJECTS:
        subject = f"{asked['kind']}:"
    return events.Filter(
        subject=subject,
        actor=asked.get("actor", "").strip(),
        action=asked.get("action", ""),
        since=_day(visit, asked.get("since", "")),
        until=_day(visit, asked.get("until", ""), after=True),
        registers=reach.ids,
    )


def _day(visit: Visit, written: str, *, after: bool = False) -> datetime | None:
    """The beginning of a day (``after``: of the next one) in the time of the installation; None for nonsense."""
    try:
        day = date.fromisoformat(written) + timedelta(days=after)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, time(), visit.console.zone)


@pages.read("/acts", Permission.READ_AUDIT, on=anywhere)
def listing(visit: Visit, reach: Reach) -> Response:
    """The acts within reach, newest first."""
    found = events.listed(
        visit.connection, _filter(visit, reach), before=paging.after_number() or 0, limit=paging.ROWS + 1
    )
    return visit.page(
        "book/list.html",
        slice=paging.cut(found, lambda each: each.id),
        kinds=list(SUBJECTS.items()),
        known=sorted(ACTS.items()),
        head=seals.head(visit.connection),
        is_whole=reach.ids is None,
    )


@pages.read("/acts/<int:id>", Permission.READ_AUDIT, on=of_event)
def show(visit: Visit, entered: Entered) -> Response:
    """One act, with what was before and after, and its seal."""
    before, after = entered.event.before, entered.event.after
    names = [*before, *(name for name in after if name not in before)]
    return visit.page(
        "book/show.html",
        entered=entered,
        changes=[(name, told(before.get(name)), told(after.get(name))) for name in names],
        seal=seals.seal_of(visit.connection, entered.id),
    )


def told(value: Any) -> Any:
    """A value of an event as people read it."""
    if isinstance(value, Mapping):
        return "; ".join(
            f"{name}: {told(each)}" for name, each in value.items() if each not in (None, "", [], {})
        )
    if isinstance(value, list | tuple):
        return ", ".join(str(told(each)) for each in value)
    return "" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


@pages.read("/acts/export", Permission.READ_AUDIT, on=anywhere)
def export(visit: Visit, reach: Reach) -> Response:
    """The acts of the filter as a file, oldest first."""
    wanted, engine = _filter(visit, reach), visit.engines.read
    as_json = request.args.get("format") == "json"

    def lines() -> Iterator[str]:
        with engine.connect() as connection:
            acts = events.exported(connection, wanted)
            if not as_json:
                yield BEGINNING
            yield from book.json_lines(acts) if as_json else book.csv_lines(acts)

    name = f"mulu-acts-{visit.now.astimezone(visit.console.zone):%Y%m%d-%H%M}.{'jsonl' if as_json else 'csv'}"
    kind = "application/x-ndjson" if as_json else "text/csv; charset=utf-8"
    return Response(lines(), mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@pages.read("/acts/seals", Permission.READ_AUDIT, on=installation)
def state(visit: Visit) -> Response:
    """How far the book is sealed, its head, the key that proves it; on demand an examination of all of it."""
    examination: Examination | None = None
    head = seals.head(visit.connection)
    if request.args.get("examine"):
        if head.number > EXAMINED:
            raise Refused(_TOO_LONG.format(limit=EXAMINED))
        examination = sealing.examine(visit.connection, TrustedKeys([visit.console.public_key]))
    return visit.page(
        "book/state.html",
        head=head,
        key=visit.console.public_key,
        unsealed=seals.unsealed(visit.connection),
        examination=examination,
    )


@pages.read("/acts/head", Permission.READ_AUDIT, on=installation)
def head(visit: Visit) -> Response:
    """The head of the book as a file, to be kept elsewhere."""
    exported = sealing.exported_head(visit.connection, visit.console.public_key, visit.now)
    name = f"mulu-audit-head-{exported.head.number}.txt"
    return Response(
        exported.text(),
        mimetype="text/plain",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
