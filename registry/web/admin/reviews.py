"""Decisions about runs: a held one is released, whole or in part, or refused; a published one is undone."""

from __future__ import annotations

from flask import Response, request

from registry.errors import Refused
from registry.model.choice import EVERYTHING
from registry.model.diff import CHANGING
from registry.model.issue import Text
from registry.model.role import Permission
from registry.services import reviewing
from registry.store import proposals, runs
from registry.store.sources import Source
from registry.web.admin.routing import Pages
from registry.web.admin.runs import choice
from registry.web.admin.targets import of_run
from registry.web.admin.visit import Visit

pages = Pages("reviews")

_RELEASED = Text(zh="运行 {run} 已放行，正在入库发布。", en="Run {run} is released, and is being published.")
_REFUSED = Text(zh="运行 {run} 已拒绝。", en="Run {run} is refused.")
_UNDONE = Text(
    zh="运行 {run} 由运行 {inverse} 撤销，正在入库发布。",
    en="Run {run} is being undone by run {inverse}.",
)

_NAMED = 10
"""Changes that are named where it is asked whether to release them."""


@pages.form("/runs/<int:id>/release", Permission.RELEASE, on=of_run)
def release_form(visit: Visit, run: runs.Run, source: Source) -> Response:
    """What a release of the chosen changes would do."""
    return _release_page(visit, run, source)


@pages.act("/runs/<int:id>/release", Permission.RELEASE, on=of_run)
def release(visit: Visit, run: runs.Run, source: Source) -> Response:
    """Release the chosen changes; refuse the others."""
    try:
        reviewing.release(
            visit.engines.write, run.id, actor=visit.actor, now=visit.now, reason=reason(), choice=choice()
        )
    except Refused as refused:
        return _release_page(visit, run, source, refused.text)
    visit.tell(_RELEASED.format(run=run.id))
    return visit.to("runs.show", id=run.id)


def _release_page(visit: Visit, run: runs.Run, source: Source, error: Text | None = None) -> Response:
    chosen = proposals.counts(visit.connection, run.id, choice(), CHANGING)
    every = proposals.counts(visit.connection, run.id, EVERYTHING, CHANGING)
    return visit.page(
        "runs/release.html",
        422 if error else 200,
        run=run,
        source=source,
        chosen=chosen,
        left={each: every[each] - chosen.get(each, 0) for each in every if every[each] > chosen.get(each, 0)},
        picked=proposals.page(visit.connection, run.id, choice(), limit=_NAMED + 1),
        named=_NAMED,
        fields=_kept(),
        error=error,
    )


def _kept() -> list[tuple[str, str]]:
    """What says which changes are meant, to be sent along."""
    names = ("mode", "identifier", "action", "catalogue", "item", "division", "text")
    return [(name, value) for name in names for value in request.values.getlist(name) if value]


@pages.form("/runs/<int:id>/refuse", Permission.REFUSE, on=of_run)
def refuse_form(visit: Visit, run: runs.Run, source: Source) -> Response:
    """What a refusal would do."""
    return visit.page("runs/refuse.html", run=run, source=source, error=None)


@pages.act("/runs/<int:id>/refuse", Permission.REFUSE, on=of_run)
def refuse(visit: Visit, run: runs.Run, source: Source) -> Response:
    """Refuse all of it."""
    try:
        reviewing.refuse(visit.engines.write, run.id, actor=visit.actor, now=visit.now, reason=reason())
    except Refused as refused:
        return visit.page("runs/refuse.html", 422, run=run, source=source, error=refused.text)
    visit.tell(_REFUSED.format(run=run.id))
    return visit.to("runs.show", id=run.id)


@pages.form("/runs/<int:id>/undo", Permission.UNDO, on=of_run)
def undo_form(visit: Visit, run: runs.Run, source: Source) -> Response:
    """What an undoing would take back."""
    return _undo_page(visit, run, source)


@pages.act("/runs/<int:id>/undo", Permission.UNDO, on=of_run)
def undo(visit: Visit, run: runs.Run, source: Source) -> Response:
    """Publish the inverse."""
    try:
        inverse = reviewing.undo(
            visit.engines.write, run.id, actor=visit.actor, now=visit.now, reason=reason()
        )
    except Refused as refused:
        return _undo_page(visit, run, source, refused.text)
    visit.tell(_UNDONE.format(run=run.id, inverse=inverse))
    return visit.to("runs.show", id=inverse)


def _undo_page(visit: Visit, run: runs.Run, source: Source, error: Text | None = None) -> Response:
    counts = proposals.counts(visit.connection, run.id, EVERYTHING, CHANGING)
    return visit.page(
        "runs/undo.html", 422 if error else 200, run=run, source=source, counts=counts, error=error
    )


def reason() -> str:
    """What was given as the reason."""
    return request.form.get("reason", "")
