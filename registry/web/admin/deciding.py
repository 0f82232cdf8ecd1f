"""What people decide about one entry: which record stands, that its content is erased; and what came as it came, shown
with a reason."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from registry.errors import Conflict, NotFound, Refused
from registry.model.issue import Text
from registry.model.register import Register
from registry.model.role import Permission
from registry.services import erasing, pinning, revealing
from registry.store import erasures, pins, runs
from registry.store.sources import Source
from registry.web.admin.entries import entry_of
from registry.web.admin.reviews import reason
from registry.web.admin.routing import Pages
from registry.web.admin.targets import of_entry, of_run
from registry.web.admin.visit import Visit

pages = Pages("deciding")

_PINNED = Text(
    zh="已指定采用 {source} 的记录，条目随后更新。",
    en="The record of {source} is pinned; the entry follows in a moment.",
)
_UNPINNED = Text(zh="已取消指定，条目随后更新。", en="The pin is taken out; the entry follows in a moment.")
_ASKED = Text(zh="已申请抹除，等待另一人确认。", en="The erasure is asked for, and waits for another person.")
_WITHDRAWN = Text(zh="抹除申请已撤回。", en="The request is taken back.")
_ERASED = Text(
    zh="内容已抹除，条目随后标记为已删除。此前的备份仍含有这些内容。",
    en="The content is erased; the entry is a tombstone in a moment. Backups that were made before still hold it.",
)
_RAW = "application/octet-stream"


def _asked(
    visit: Visit, register: Register, identifier: str, error: Text | None, template: str, status: int = 422
) -> Response:
    """A page that asks before an act on an entry."""
    return visit.page(
        f"entries/{template}.html",
        status if error else 200,
        register=register,
        entry=entry_of(visit, register, identifier),
        error=error,
        pinned=pins.of_entry(visit.connection, register.id, identifier),
        source=request.values.get("source", ""),
    )


def _back(visit: Visit, register: Register, identifier: str, told: Text) -> Response:
    visit.tell(told)
    return visit.to("entries.show", code=register.code, identifier=identifier)


def _tried(act: Callable[[], None], again: Callable[[Text], Response]) -> Response | None:
    """Act; where that is refused, the page again, with what is wrong."""
    try:
        act()
    except (Refused, Conflict) as refused:
        return again(refused.text)
    return None


@pages.form("/registers/<code>/entry/pin", Permission.PIN, on=of_entry)
def pin_form(visit: Visit, register: Register, identifier: str) -> Response:
    """Which record is to stand, and why."""
    return _asked(visit, register, identifier, None, "pin")


@pages.act("/registers/<code>/entry/pin", Permission.PIN, on=of_entry)
def pin(visit: Visit, register: Register, identifier: str) -> Response:
    """Pin it."""
    source = request.form.get("source", "")

    def act() -> None:
        pinning.pin(
            visit.engines.write, register.code, identifier, source, actor=visit.actor, now=visit.now,
            reason=reason(),
        )  # fmt: skip

    refused = _tried(act, lambda error: _asked(visit, register, identifier, error, "pin"))
    return refused or _back(visit, register, identifier, _PINNED.format(source=source))


@pages.form("/registers/<code>/entry/unpin", Permission.PIN, on=of_entry)
def unpin_form(visit: Visit, register: Register, identifier: str) -> Response:
    """What taking a pin out would do."""
    return _asked(visit, register, identifier, None, "unpin")


@pages.act("/registers/<code>/entry/unpin", Permission.PIN, on=of_entry)
def unpin(visit: Visit, register: Register, identifier: str) -> Response:
    """Take it out."""

    def act() -> None:
        pinning.unpin(
            visit.engines.write, register.code, identifier, actor=visit.actor, now=visit.now, reason=reason()
        )

    refused = _tried(act, lambda error: _asked(visit, register, identifier, error, "unpin"))
    return refused or _back(visit, register, identifier, _UNPINNED)


def _erasure_page(visit: Visit, register: Register, identifier: str, error: Text | None = None) -> Response:
    done = erasures.of_identifier(visit.connection, identifier)
    return visit.page(
        "entries/erase.html",
        422 if error else 200,
        register=register,
        entry=entry_of(visit, register, identifier),
        extent=erasing.extent(visit.connection, identifier),
        asked=done[0] if done and done[0].decided_at is None else None,
        error=error,
    )


@pages.form("/registers/<code>/entry/erase", Permission.ERASE, on=of_entry)
def erase_form(visit: Visit, register: Register, identifier: str) -> Response:
    """What an erasure would remove: asked for by one person, or (where that was done) confirmed by another."""
    return _erasure_page(visit, register, identifier)


@pages.act("/registers/<code>/entry/erase", Permission.ERASE, on=of_entry)
def ask_erasure(visit: Visit, register: Register, identifier: str) -> Response:
    """Ask for it."""

    def act() -> None:
        erasing.ask(
            visit.engines.write, register.code, identifier, actor=visit.actor, now=visit.now, reason=reason()
        )

    refused = _tried(act, lambda error: _erasure_page(visit, register, identifier, error))
    return refused or _back(visit, register, identifier, _ASKED)


@pages.act("/registers/<code>/entry/erase/confirm", Permission.ERASE, on=of_entry)
def confirm_erasure(visit: Visit, register: Register, identifier: str) -> Response:
    """Erase what somebody else asked for."""
    erasing.confirm(visit.engines.write, identifier, actor=visit.actor, now=visit.now)
    return _back(visit, register, identifier, _ERASED)


@pages.act("/registers/<code>/entry/erase/withdraw", Permission.ERASE, on=of_entry)
def withdraw_erasure(visit: Visit, register: Register, identifier: str) -> Response:
    """Take a request back."""
    erasing.withdraw(visit.engines.write, identifier, actor=visit.actor, now=visit.now, reason=reason())
    return _back(visit, register, identifier, _WITHDRAWN)


@pages.form("/registers/<code>/entry/raw", Permission.REVEAL, on=of_entry)
def raw_form(visit: Visit, register: Register, identifier: str) -> Response:
    """Why the record of a source is to be shown as it came."""
    return _asked(visit, register, identifier, None, "raw")


@pages.act("/registers/<code>/entry/raw", Permission.REVEAL, on=of_entry)
def raw(visit: Visit, register: Register, identifier: str) -> Response:
    """Show it, once."""
    source = request.form.get("source", "")
    try:
        content = revealing.record(
            visit.engines.write, register.code, identifier, source, actor=visit.actor, now=visit.now,
            reason=reason(),
        )  # fmt: skip
    except (NotFound, Refused) as failure:
        return _asked(visit, register, identifier, failure.text, "raw", _status(failure))
    return visit.page(
        "entries/revealed.html",
        register=register,
        entry=entry_of(visit, register, identifier),
        source=source,
        content=content.decode("utf-8", "replace"),
        size=len(content),
    )


def _status(failure: NotFound | Refused) -> int:
    return 404 if isinstance(failure, NotFound) else 422


def _issue_id() -> int:
    given = request.values.get("issue", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0


def _issue_page(
    visit: Visit, run: runs.Run, source: Source, error: Text | None = None, status: int = 200
) -> Response:
    return visit.page("runs/raw.html", status, run=run, source=source, issue=_issue_id(), error=error)


@pages.form("/runs/<int:id>/raw", Permission.REVEAL, on=of_run)
def refused_form(visit: Visit, run: runs.Run, source: Source) -> Response:
    """Why the bytes in which an issue was found (``?issue=``) are to be handed out."""
    return _issue_page(visit, run, source)


@pages.act("/runs/<int:id>/raw", Permission.REVEAL, on=of_run)
def refused(visit: Visit, run: runs.Run, source: Source) -> Response:
    """Hand them out, to be saved: a browser must not take them for anything."""
    number = _issue_id()
    try:
        content = revealing.refused(
            visit.engines.write, run.id, number, actor=visit.actor, now=visit.now, reason=reason()
        )
    except (NotFound, Refused) as failure:
        return _issue_page(visit, run, source, failure.text, _status(failure))
    headers = {"Content-Disposition": f'attachment; filename="mulu-run-{run.id}-issue-{number}.bin"'}
    return Response(content, mimetype=_RAW, headers=headers)
