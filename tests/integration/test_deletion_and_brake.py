"""Deletion and brake (house section 6): no answer, however wrong, deletes what it should not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from registry.model.document import Document
from registry.model.issue import Issue, Severity, Text
from registry.model.record import CheckedRecord, Condition, Raw
from registry.model.run import Ending, RunStatus, Scope, Verdict, Walk
from registry.model.source import Protocol
from registry.services import reviewing
from registry.store.engine import Engines
from tests.factories import (
    APPROVER,
    COMPLETE_WALK,
    Installation,
    catalogue_document,
    deleted,
    identifier_of,
    live,
)
from tests.integration.standing import digests, held, log_of, source_of

BROKEN = Walk(Ending.PROTOCOL, Text("不是 XML", "not XML"))
DAY = timedelta(hours=24)


@pytest.fixture
def city(engines: Engines) -> Installation:
    """A municipal register with an OAI-PMH source, ``hz``."""
    installation = Installation(engines)
    installation.register("330100")
    installation.source("hz", "330100", protocol=Protocol.OAI_PMH)
    return installation


def listing(count: int, *, first: int = 0) -> list[CheckedRecord]:
    return [live(str(number)) for number in range(first, first + count)]


def fill(city: Installation, count: int) -> None:
    city.harvest("hz", listing(count))
    city.clock.advance(days=30)


def changed_document(number: int) -> Document:
    return catalogue_document(str(number), title=f"改 {number}")


def refused(key: str) -> CheckedRecord:
    issue = Issue("division-unknown", Severity.ERROR, Text("未知区划", "unknown division"))
    raw = Raw(key.encode().ljust(32, b"r"), b"<bad/>")
    return CheckedRecord(
        identifier_of(key), Condition.REFUSED, raw.digest, raw, issues=(issue,), place=f"record {key}"
    )


@pytest.mark.parametrize(
    ("pages", "walk", "verdict", "status"),
    [
        pytest.param([3], BROKEN, Verdict.PARTIAL, RunStatus.PUBLISHED, id="truncated"),
        pytest.param([], BROKEN, Verdict.PARTIAL, RunStatus.FAILED, id="an HTML page"),
        pytest.param([], replace(BROKEN, ending=Ending.TRANSPORT), Verdict.PARTIAL, RunStatus.FAILED, id="down"),
        pytest.param([0], COMPLETE_WALK, Verdict.COMPLETE, RunStatus.HELD, id="empty"),
        pytest.param(
            [0], replace(COMPLETE_WALK, declared_total=20), Verdict.PARTIAL, RunStatus.PUBLISHED,
            id="empty, though 20 are declared",
        ),
        pytest.param([3], COMPLETE_WALK, Verdict.COMPLETE, RunStatus.HELD, id="shrunken"),
        pytest.param(
            [3], replace(COMPLETE_WALK, declared_total=20), Verdict.PARTIAL, RunStatus.PUBLISHED,
            id="3 of 20 declared",
        ),
        pytest.param(
            [3], replace(COMPLETE_WALK, pages_lost=1), Verdict.PARTIAL, RunStatus.PUBLISHED, id="a page lost"
        ),
        pytest.param(
            [3], replace(COMPLETE_WALK, declared_total=3, total_changed=True), Verdict.UNKNOWN,
            RunStatus.PUBLISHED, id="the total moved",
        ),
        pytest.param(
            [3], replace(COMPLETE_WALK, declared_total=2), Verdict.UNKNOWN, RunStatus.PUBLISHED,
            id="more than declared",
        ),
        pytest.param(
            [], Walk(Ending.NOT_MODIFIED), Verdict.UNKNOWN, RunStatus.PUBLISHED, id="not modified"
        ),
    ],
)  # fmt: skip
def test_no_answer_deletes_wrongly_however_often_it_comes(
    city: Installation, pages: list[int], walk: Walk, verdict: Verdict, status: RunStatus
) -> None:
    fill(city, 20)
    before = digests(city.engines, "330100")
    for _ in range(3):
        run = city.harvest("hz", *[listing(count) for count in pages], walk=walk)
        assert (run.verdict, run.status) == (verdict, status)
        city.clock.advance(hours=25)
    assert digests(city.engines, "330100") == before
    assert len(before) == 20
    absent = [record for record in held(city.engines, "hz").values() if record.absent]
    assert not absent


def test_a_list_that_moves_under_the_walk_deletes_nothing(city: Installation) -> None:
    """A record is put in front while the first page is read: the last of it stands on the second page again,
    and where one goes in front, the first of the second page is never shown."""
    fill(city, 6)
    for _ in range(3):
        run = city.harvest("hz", listing(3), listing(2, first=2), walk=COMPLETE_WALK)
        assert (run.verdict, run.tally.repeated, run.tally.moved) == (Verdict.UNKNOWN, 1, 1)
        assert run.tally.absent == run.tally.vanished == 0
        city.clock.advance(hours=25)
    assert len(digests(city.engines, "330100")) == 6
    # The cursor stays: what the moving list hid is asked for again.
    assert source_of(city.engines, "hz").cursor_since is None


def test_a_repeat_on_the_same_page_does_not_make_a_list_incomplete(city: Installation) -> None:
    fill(city, 3)
    run = city.harvest("hz", [*listing(3), live("1")])
    assert (run.verdict, run.tally.repeated) == (Verdict.COMPLETE, 1)


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


def test_a_deleted_header_deletes_at_once_and_again_changes_nothing(city: Installation) -> None:
    fill(city, 20)
    run = city.harvest("hz", [*listing(19), deleted("19")])
    assert run.tally.deleted == 1
    assert len(digests(city.engines, "330100")) == 19
    before = log_of(city.engines, "330100")
    run = city.harvest("hz", [*listing(19), deleted("19"), deleted("never here")])
    assert run.tally.unchanged == 21
    assert log_of(city.engines, "330100") == before
    assert identifier_of("never here") not in held(city.engines, "hz")


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


@pytest.mark.parametrize(
    ("live_before", "lost", "is_held"),
    [(2, 1, False), (2, 2, True), (18, 2, False), (18, 17, True), (20, 2, False), (20, 3, True)],
)
@pytest.mark.parametrize("how", ["absent", "deleted"])
def test_the_brake_at_its_boundaries(
    city: Installation, live_before: int, lost: int, is_held: bool, how: str
) -> None:
    fill(city, live_before)
    left = listing(live_before - lost)
    if how == "deleted":
        left += [deleted(str(number)) for number in range(live_before - lost, live_before)]
    run = city.harvest("hz", left)
    assert run.status is (RunStatus.HELD if is_held else RunStatus.PUBLISHED)
    stands = live_before if is_held or how == "absent" else live_before - lost
    assert len(digests(city.engines, "330100")) == stands


def test_small_losses_add_up_over_seven_days(city: Installation) -> None:
    fill(city, 30)
    for lost in (1, 2, 3):
        run = city.harvest("hz", listing(30 - lost))
        assert run.status is RunStatus.PUBLISHED
        city.clock.advance(hours=12)
    run = city.harvest("hz", listing(26))
    assert run.status is RunStatus.HELD
    assert [reason.code for reason in run.hold_reasons] == ["vanished"]


def test_the_share_is_of_what_was_live_when_the_losses_began(city: Installation) -> None:
    """11 of 101 may go within a week, also when they go one after the other."""
    fill(city, 101)
    for lost in range(1, 12):
        run = city.harvest("hz", [*listing(101 - lost), *(deleted(str(101 - n)) for n in range(1, lost + 1))])
        assert run.status is RunStatus.PUBLISHED, lost
        city.clock.advance(hours=1)
    run = city.harvest("hz", [*listing(89), *(deleted(str(101 - n)) for n in range(1, 13))])
    assert run.status is RunStatus.HELD


def test_an_absence_is_not_live_and_vanished_at_once(city: Installation) -> None:
    """Two of 20 absent are still live; that does not make room for a third."""
    fill(city, 20)
    assert city.harvest("hz", listing(18)).status is RunStatus.PUBLISHED
    city.clock.advance(hours=1)
    assert city.harvest("hz", listing(17)).status is RunStatus.HELD


@pytest.mark.parametrize(("later", "is_held"), [(timedelta(seconds=-1), True), (timedelta(0), False)])
def test_losses_older_than_seven_days_count_no_more(
    city: Installation, later: timedelta, is_held: bool
) -> None:
    fill(city, 20)
    first = city.harvest("hz", listing(18))
    assert first.finished_at is not None
    city.harvest("hz", listing(20))
    # The run's end, a second behind its beginning, is what is compared.
    city.clock.now = first.finished_at + timedelta(days=7) + later - timedelta(seconds=1)
    run = city.harvest("hz", listing(19))
    assert run.status is (RunStatus.HELD if is_held else RunStatus.PUBLISHED)


def test_a_release_begins_the_count_anew(city: Installation) -> None:
    fill(city, 20)
    run = city.harvest("hz", listing(10))
    assert run.status is RunStatus.HELD
    city.clock.advance(hours=1)
    reviewing.release(city.engines.write, run.id, actor=APPROVER, now=city.clock(), reason="they closed")
    city.clock.advance(seconds=5)  # settling takes its time: what was released is published later
    city.settle(run.register_id)
    city.clock.advance(hours=1)
    assert city.harvest("hz", listing(9)).status is RunStatus.PUBLISHED
    city.clock.advance(hours=25)
    # All that was released and missed again goes, without asking a second time.
    run = city.harvest("hz", listing(9))
    assert (run.status, run.tally.vanished) == (RunStatus.PUBLISHED, 11)
    assert len(digests(city.engines, "330100")) == 9


@pytest.mark.parametrize(("rewritten", "is_held"), [(10, False), (11, True)])
def test_more_than_half_rewritten_is_held(city: Installation, rewritten: int, is_held: bool) -> None:
    fill(city, 20)
    changed = [live(str(n), changed_document(n)) for n in range(rewritten)]
    run = city.harvest("hz", [*changed, *listing(20 - rewritten, first=rewritten)])
    assert run.status is (RunStatus.HELD if is_held else RunStatus.PUBLISHED)


def test_small_lists_may_be_rewritten(city: Installation) -> None:
    fill(city, 19)
    assert city.harvest("hz", [live(str(n), changed_document(n)) for n in range(19)]).tally.updated == 19


@pytest.mark.parametrize(("new", "is_held"), [(18, False), (19, True)])
def test_more_than_ten_times_as_many_is_held(city: Installation, new: int, is_held: bool) -> None:
    fill(city, 2)
    run = city.harvest("hz", listing(2 + new))
    assert run.status is (RunStatus.HELD if is_held else RunStatus.PUBLISHED)
    assert len(digests(city.engines, "330100")) == (2 if is_held else 2 + new)


def test_a_newer_full_list_supersedes_a_held_run_and_a_change_list_waits(city: Installation) -> None:
    fill(city, 20)
    held_run = city.harvest("hz", listing(3), walk=replace(COMPLETE_WALK, cursor_since=city.clock()))
    assert held_run.status is RunStatus.HELD
    source = source_of(city.engines, "hz")
    assert source.cursor_since is None  # it moves at publish only
    newer = city.harvest("hz", listing(20))
    assert newer.status is RunStatus.PUBLISHED
    assert city.read_run(held_run.id).status is RunStatus.SUPERSEDED
    assert len(digests(city.engines, "330100")) == 20


def test_a_delta_finds_a_held_run_in_its_way(city: Installation) -> None:
    city.harvest("hz", listing(20), walk=replace(COMPLETE_WALK, cursor_since=city.clock()))
    city.clock.advance(hours=1)
    assert city.harvest("hz", listing(3)).status is RunStatus.HELD
    assert city.open("hz", full=False) is None


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
