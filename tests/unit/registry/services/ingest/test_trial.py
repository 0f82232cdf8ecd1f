"""A trial says what a harvest of the same answer then does, and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from registry.model.issue import Issue, Severity, Text
from registry.model.record import CheckedRecord, Condition, Page
from registry.model.run import Ending, Scope, Tally, Walk, Window
from registry.services.ingest.trial import TrialSink
from registry.store import sources
from registry.store.engine import Engines
from tests.factories import (
    BEGINNING,
    Installation,
    catalogue_document,
    deleted,
    identifier_of,
    live,
)

HELD = [live(str(number)) for number in range(30)]
LATER = BEGINNING + timedelta(days=1)
WHOLE = Walk(Ending.FINISHED, scope=Scope.FULL)
FAULT = Issue("planted", Severity.ERROR, Text("错", "wrong"))

Pages = Sequence[Sequence[CheckedRecord]]


def changed(key: str, title: str = "另一标题") -> CheckedRecord:
    return live(key, catalogue_document(key, title=title))._replace(place=f"place of {title}")


def refused(key: str) -> CheckedRecord:
    return CheckedRecord(identifier_of(key), Condition.REFUSED, b"r" * 32, issues=(FAULT,))


ANSWERS: dict[str, Pages] = {
    "the same": [HELD],
    "more": [HELD, [live("new"), live("newer")]],
    "changed": [[changed("1"), *HELD[2:], HELD[0]]],
    "deleted and back": [[deleted("1"), deleted("2"), *HELD[3:], HELD[0]]],
    "refused": [[refused("1"), refused("never seen"), *HELD[2:], HELD[0]]],
    "repeated": [[*HELD, live("new"), live("new")], [live("new")]],
    "conflicting": [[*HELD[:-1], changed("x", "甲"), changed("x", "乙")]],
    "conflicting with what is held": [[*HELD, changed("1")]],
    "conflicting on two pages": [[*HELD, changed("x", "甲")], [changed("x", "乙")]],
    "known again on another page": [HELD, [HELD[3], changed("4")]],
    "moved under the walk": [[*HELD], [changed("1")._replace(datestamp=LATER)]],
    "looped": [[*HELD, live("far", path=(replace(HELD[0].path[0], register="330100"),))]],
    "two missing": [HELD[2:]],
    "most missing": [HELD[25:]],
    "empty": [[]],
    "rewritten": [[changed(str(number)) for number in range(30)]],
}


@pytest.mark.parametrize("pages", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize(
    "walk", [WHOLE, Walk(Ending.TRANSPORT, scope=Scope.FULL)], ids=["whole", "broken off"]
)
def test_a_trial_says_what_a_harvest_then_does(engines: Engines, pages: Pages, walk: Walk) -> None:
    installation = Installation(engines)
    code = installation.register_with_source("330100")
    installation.harvest(code, HELD)
    before = installation.read("330100")
    tried = _try(installation, code, pages, walk)
    assert installation.read("330100") == before
    run = installation.harvest(code, *pages, walk=walk, full=True)
    assert _counted(tried.tally) == _counted(run.tally)
    assert tried.verdict is run.verdict
    if walk is WHOLE:
        assert [each.code for each in tried.reasons] == [each.code for each in run.hold_reasons]


def _try(installation: Installation, code: str, pages: Pages, walk: Walk) -> TrialSink:
    with installation.engines.read.connect() as connection:
        source = sources.get(connection, code)
    sink = TrialSink(
        installation.engines, source, Window(Scope.FULL), rules_version=1, now=installation.clock()
    )
    for number, records in enumerate(pages, 1):
        sink.take([Page(number, records, None)])
    sink.finish(walk)
    return sink


def _counted(tally: Tally) -> Tally:
    return replace(tally, pages=0)


def test_issues_are_kept_up_to_a_limit(engines: Engines) -> None:
    installation = Installation(engines)
    code = installation.register_with_source("330100")
    with engines.read.connect() as connection:
        source = sources.get(connection, code)
    sink = TrialSink(
        engines, source, Window(Scope.FULL), rules_version=None, now=installation.clock(), issue_limit=3
    )
    sink.take([Page(1, [refused(str(number)) for number in range(5)], None, (FAULT,))])
    assert [each.identifier for each in sink.issues] == ["", identifier_of("0"), identifier_of("1")]
    assert sink.tally.refused == 5
