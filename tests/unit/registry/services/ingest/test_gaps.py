"""What is worth asking for one by one, and when a list was whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from registry.model.record import CheckedRecord, Condition, KnownRecord
from registry.model.run import Ending, Scope, Tally, Walk
from registry.services.ingest.gaps import is_whole, wanted

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
NAME = "oai:x:1"
RUN = 7
HELD = KnownRecord(1, NAME, b"raw", 1, b"digest", False, 1, None, None, False, NOON, ())


def listed(condition: Condition = Condition.KNOWN, stamp: datetime | None = NOON) -> CheckedRecord:
    return CheckedRecord(NAME, condition, datestamp=stamp)


@pytest.mark.parametrize(
    ("header", "held", "worth"),
    [
        (listed(), None, True),
        (listed(Condition.DELETED), None, False),
        (listed(), HELD, False),
        (listed(stamp=NOON + timedelta(seconds=1)), HELD, True),
        (listed(stamp=None), HELD, True),
        (listed(), HELD._replace(datestamp=None), True),
        (listed(), HELD._replace(stale=True), True),
        (listed(), HELD._replace(deleted=True), True),
        (listed(Condition.DELETED), HELD, True),
        (listed(Condition.DELETED), HELD._replace(deleted=True), False),
        (listed(stamp=None), HELD._replace(seen_run=RUN), False),
        (listed(stamp=None), HELD._replace(seen_run=RUN - 1), True),
    ],
)
def test_only_news_is_worth_asking_for(header: CheckedRecord, held: KnownRecord | None, worth: bool) -> None:
    assert wanted([header], {} if held is None else {NAME: held}, (), RUN) == [worth]
    assert wanted([header], {} if held is None else {NAME: held}, (NAME,), RUN) == [False]


WHOLE = Walk(Ending.FINISHED, declared_total=3)


@pytest.mark.parametrize(
    ("walk", "scope", "tally", "whole"),
    [
        (WHOLE, Scope.FULL, Tally(received=3), True),
        (WHOLE, Scope.FULL, Tally(received=4, singly=1), True),
        (WHOLE, Scope.FULL, Tally(received=3, singly=1), False),
        (WHOLE, Scope.DELTA, Tally(received=3), False),
        (replace(WHOLE, scope=Scope.FULL), Scope.DELTA, Tally(received=3), True),
        (replace(WHOLE, end_untold=True), Scope.FULL, Tally(received=3), False),
        (replace(WHOLE, missed=1), Scope.FULL, Tally(received=3), False),
        (replace(WHOLE, pages_lost=1), Scope.FULL, Tally(received=3), False),
    ],
)
def test_what_came_singly_makes_no_list_whole(walk: Walk, scope: Scope, tally: Tally, whole: bool) -> None:
    assert is_whole(walk, scope, tally) is whole
