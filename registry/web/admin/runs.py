"""Runs: what harvests brought, how they ended, what was wrong with the records, what they change."""

from __future__ import annotations

from flask import Response, jsonify, request

from registry.errors import NotFound
from registry.formats.difference import difference
from registry.model.choice import EVERYTHING, Choice
from registry.model.issue import Text
from registry.model.issue_life import IssueState
from registry.model.labels import tally_told
from registry.model.role import Permission
from registry.model.run import UNSETTLED, Ending, RunStatus, Verdict
from registry.services.rights import Place
from registry.store import documents, events, issue_life, issues, log, proposals, raw, registers, runs
from registry.store.sources import Source
from registry.web.admin import paging
from registry.web.admin.entries import row_of
from registry.web.admin.forms import member
from registry.web.admin.language import shown
from registry.web.admin.routing import Nav, Pages
from registry.web.admin.targets import Reach, anywhere, of_run
from registry.web.admin.visit import Visit

pages = Pages("runs", nav=Nav(Text("采集运行", "Runs"), "listing", order=30, icon="run"))

_EXAMPLES, _CODES = 3, 40
"""Issues shown under each code on the page of a run, and under how many codes (the most frequent)."""

_NONE = frozenset({""})
"""What names no change."""

_NO_CHANGE = Text(zh="该运行没有这条变更。", en="This run does not change that.")


@pages.read("/runs", Permission.READ_RUNS, on=anywhere)
def listing(visit: Visit, reach: Reach) -> Response:
    """Runs within reach, newest first."""
    asked = request.args
    status = member(RunStatus, asked.get("status", ""))
    found = runs.listed(
        visit.connection,
        within=reach.ids,
        source=asked.get("source", "").strip(),
        statuses=[status] if status else [],
        verdict=member(Verdict, asked.get("verdict", "")),
        ending=member(Ending, asked.get("ending", "")),
        before=paging.after_number(),
        limit=paging.ROWS + 1,
    )
    return visit.page(
        "runs/list.html",
        runs=paging.cut(found, lambda each: each.id),
        statuses=list(RunStatus),
        verdicts=list(Verdict),
        endings=list(Ending),
    )


@pages.read("/runs/<int:id>", Permission.READ_RUNS, on=of_run)
def show(visit: Visit, run: runs.Run, source: Source) -> Response:
    """One run: where it stands, what it counted, what was wrong, what people did about it."""
    counts = issue_life.counts(visit.connection, run.id)
    codes = [each.code for each in counts if each.found][:_CODES]
    return visit.page(
        "runs/show.html",
        run=run,
        source=source,
        register=registers.by_id(visit.connection, run.register_id),
        tally=tally_told(run.tally),
        issues=counts,
        states={str(each): each for each in IssueState},
        examples=issues.examples(visit.connection, run.id, codes, _EXAMPLES),
        changes=proposals.counts(visit.connection, run.id, EVERYTHING, proposals.PROPOSED),
        kept=raw.pages_of(visit.connection, run.id),
        acts=events.of_subject(visit.connection, f"run:{run.id}"),
        under_way=run.status in UNSETTLED and run.status is not RunStatus.HELD,
    )


@pages.read("/runs/<int:id>/progress", Permission.READ_RUNS, on=of_run)
def progress(_visit: Visit, run: runs.Run, _source: Source) -> Response:
    """Where the run stands, as JSON: asked again and again by the page while the run is under way."""
    response = jsonify(
        status=run.status,
        label=shown(run.status),
        ended=run.status not in (RunStatus.COLLECTING, RunStatus.SETTLING),
        pages=run.tally.pages,
        received=run.tally.received,
        settled=run.settled_through,
    )
    response.cache_control.no_store = True
    return response


def choice() -> Choice:
    """Which changes the address or the form means: where only picked ones are, and none is picked, none."""
    given = request.values
    actions = tuple(each for each in proposals.PROPOSED if each in given.getlist("action"))
    chosen = frozenset(given.getlist("identifier"))
    mode = given.get("mode", "")
    return Choice(
        only=(chosen or _NONE) if mode == "only" else frozenset(),
        without=chosen if mode == "without" else frozenset(),
        actions=actions,
        catalogue=given.get("catalogue", ""),
        item=given.get("item", "").strip(),
        division=given.get("division", "").strip(),
        text=given.get("text", "").strip(),
    )


@pages.read("/runs/<int:id>/changes", Permission.READ_RUNS, on=of_run)
def changes(visit: Visit, run: runs.Run, source: Source) -> Response:
    """The change set, filtered and paged."""
    found = proposals.page(
        visit.connection, run.id, choice(), after=paging.after_number() or 0, limit=paging.ROWS + 1
    )
    return visit.page(
        "runs/changes.html",
        run=run,
        source=source,
        changes=paging.cut(found, lambda each: each.id),
        counts=proposals.counts(visit.connection, run.id, choice(), proposals.PROPOSED),
        actions=list(proposals.PROPOSED),
        is_filtered=choice() != EVERYTHING,
    )


@pages.read("/runs/<int:id>/change", Permission.READ_RUNS, on=of_run)
def change(visit: Visit, run: runs.Run, source: Source) -> Response:
    """One change (``?identifier=``), field by field."""
    found = proposals.of_identifier(visit.connection, run.id, request.args.get("identifier", ""))
    if found is None:
        raise NotFound(_NO_CHANGE)
    before, after = (
        None if each is None else documents.content(visit.connection, each)
        for each in (found.previous_id, found.document_id)
    )
    return visit.page(
        "runs/change.html",
        run=run,
        source=source,
        change=found,
        rows=[row_of(each) for each in difference(before, after)],
        entry_in=_entry_in(visit, run, found.identifier),
    )


def _entry_in(visit: Visit, run: runs.Run, identifier: str) -> str:
    """The code of the run's register, where something stands there under the identifier and may be looked at."""
    register = registers.by_id(visit.connection, run.register_id)
    if not visit.may(Permission.READ_ENTRIES, Place(register.id)):
        return ""
    stands = log.entry(visit.connection, register.id, identifier, mark=register.mark)
    return register.code if stands is not None else ""
