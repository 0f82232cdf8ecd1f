"""Absence (house section 6): a tombstone needs two complete lists a day apart; whatever was seen stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from registry.model.issue import Issue, Severity, Text
from registry.model.record import CheckedRecord, Condition, Raw
from registry.model.run import Ending, Scope, Walk
from registry.model.source import Protocol
from registry.services.ingest.opening import Windowing, next_window
from registry.store.engine import Engines
from tests.factories import (
    COMPLETE_WALK,
    Installation,
    identifier_of,
    live,
)
from tests.integration.standing import digests, held, source_of

BROKEN = Walk(Ending.PROTOCOL, Text("不是 XML", "not XML"))
DAY = timedelta(hours=24)


def listing(count: int, *, first: int = 0) -> list[CheckedRecord]:
    return [live(str(number)) for number in range(first, first + count)]


def fill(city: Installation, count: int) -> None:
    city.harvest("hz", listing(count))
    city.clock.advance(days=30)


def refused(key: str) -> CheckedRecord:
    issue = Issue("division-unknown", Severity.ERROR, Text("未知区划", "unknown division"))
    raw = Raw(key.encode().ljust(32, b"r"), b"<bad/>")
    return CheckedRecord(
        identifier_of(key), Condition.REFUSED, raw.digest, raw, issues=(issue,), place=f"record {key}"
    )


@pytest.mark.parametrize(
    ("apart", "gone"), [(DAY - timedelta(seconds=1), False), (DAY, True), (DAY + timedelta(seconds=1), True)]
)
def test_two_complete_lists_a_day_apart_make_a_tombstone(
    city: Installation, apart: timedelta, gone: bool
) -> None:
    fill(city, 20)
    first = city.harvest("hz", listing(19))
    assert first.tally.absent == 1
    assert len(digests(city.engines, "330100")) == 20
    city.clock.now = first.started_at + apart
    second = city.harvest("hz", listing(19))
    assert (second.tally.vanished, second.tally.absent) == (int(gone), 0)
    assert len(digests(city.engines, "330100")) == 20 - gone
    assert held(city.engines, "hz")[identifier_of("19")].deleted is gone


def test_the_day_is_counted_between_the_beginnings_of_the_walks(city: Installation) -> None:
    """A walk of three hours that began 22 hours after the other is no second look a day later."""
    fill(city, 20)
    first = city.harvest("hz", listing(19))
    city.clock.now = first.started_at + timedelta(hours=22)
    begun = city.open("hz")
    assert begun is not None
    begun.take(listing(19))
    city.clock.advance(hours=3)
    ended = city.take_over(begun).finish()
    assert (ended.id, ended.tally.vanished) == (begun.run.id, 0)
    assert len(digests(city.engines, "330100")) == 20


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(BROKEN, id="partial"),
        pytest.param(replace(COMPLETE_WALK, total_changed=True, declared_total=19), id="unknown"),
    ],
)
def test_only_complete_lists_count_for_the_two(city: Installation, between: Walk) -> None:
    fill(city, 20)
    city.harvest("hz", listing(19), walk=between)
    city.clock.advance(hours=25)
    assert city.harvest("hz", listing(19)).tally.absent == 1
    city.clock.advance(hours=25)
    assert city.harvest("hz", listing(19), walk=between).tally.vanished == 0
    assert len(digests(city.engines, "330100")) == 20
    city.clock.advance(hours=1)
    assert city.harvest("hz", listing(19)).tally.vanished == 1
    assert len(digests(city.engines, "330100")) == 19


def test_a_change_list_says_nothing_about_what_it_does_not_hold(city: Installation) -> None:
    fill(city, 3)
    for _ in range(3):
        run = city.harvest("hz", listing(1), full=False, walk=replace(COMPLETE_WALK, scope=Scope.DELTA))
        assert (run.scope, run.tally.absent) == (Scope.DELTA, 0)
        city.clock.advance(hours=25)
    assert len(digests(city.engines, "330100")) == 3


def test_what_is_seen_again_begins_anew(city: Installation) -> None:
    fill(city, 20)
    city.harvest("hz", listing(19))
    city.clock.advance(hours=23)
    city.harvest("hz", listing(20))
    city.clock.advance(hours=2)
    assert city.harvest("hz", listing(19)).tally.absent == 1
    assert len(digests(city.engines, "330100")) == 20


def test_seen_in_a_walk_that_broke_off_counts_as_seen(city: Installation) -> None:
    fill(city, 20)
    city.harvest("hz", listing(19))
    city.clock.advance(hours=23)
    city.harvest("hz", listing(1, first=19), walk=BROKEN)
    city.clock.advance(hours=2)
    assert city.harvest("hz", listing(19)).tally.vanished == 0


def test_what_comes_back_is_restored_under_its_identifier(city: Installation) -> None:
    fill(city, 20)
    before = digests(city.engines, "330100")
    for _ in range(2):
        city.harvest("hz", listing(19))
        city.clock.advance(hours=25)
    assert len(digests(city.engines, "330100")) == 19
    run = city.harvest("hz", listing(20))
    assert run.tally.restored == 1
    assert digests(city.engines, "330100") == before
    assert source_of(city.engines, "hz").live == 20


def test_refused_counts_as_seen_and_its_last_good_version_stays_stale(city: Installation) -> None:
    fill(city, 3)
    before = digests(city.engines, "330100")
    for _ in range(3):
        run = city.harvest("hz", [*listing(2), refused("2")])
        assert (run.tally.refused, run.tally.absent, run.tally.vanished) == (1, 0, 0)
        assert held(city.engines, "hz")[identifier_of("2")].stale
        city.clock.advance(hours=25)
    assert digests(city.engines, "330100") == before
    city.harvest("hz", listing(3))
    assert not held(city.engines, "hz")[identifier_of("2")].stale


def test_not_modified_never_confirms_an_absence(engines: Engines) -> None:
    """A document that lost two records and then stands still must be read again until they are gone."""
    city = Installation(engines)
    city.register("330100")
    city.source("hz", "330100", protocol=Protocol.XML_DOCUMENT)
    answered = replace(COMPLETE_WALK, etag='"a"', last_modified="Mon, 06 May 2024 07:08:09 GMT")
    city.harvest("hz", listing(20), walk=answered)
    assert source_of(engines, "hz").etag == '"a"'
    for hours in (1, 25):
        city.clock.advance(hours=hours)
        begun = city.open("hz", full=False)
        assert begun is not None
        begun.take(listing(18))
        begun.finish(answered)
        if hours == 1:
            assert source_of(engines, "hz").etag == ""
    assert len(digests(engines, "330100")) == 18
    assert source_of(engines, "hz").etag == '"a"'


def test_other_rules_ask_for_the_whole_list_again(engines: Engines) -> None:
    """An upgrade of the rules must reach records whose source says "not modified"."""
    city = Installation(engines)
    city.register("330100")
    city.source("doc", "330100", protocol=Protocol.XML_DOCUMENT)
    city.source("oai", "330100", protocol=Protocol.OAI_PMH)
    city.harvest("doc", listing(2), walk=replace(COMPLETE_WALK, etag='"a"'))
    city.harvest("oai", listing(2), walk=replace(COMPLETE_WALK, cursor_since=city.clock()))
    asked = [
        next_window(
            source_of(engines, code),
            full=False,
            rules_version=version,
            now=city.clock(),
            windowing=Windowing(),
        )
        for code in ("doc", "oai")
        for version in (1, 2)
    ]
    assert [each.etag for each in asked] == ['"a"', "", "", ""]
    assert [each.scope for each in asked[2:]] == [Scope.DELTA, Scope.FULL]
