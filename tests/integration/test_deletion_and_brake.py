"""Deletion and brake (house section 6): no answer, however wrong, deletes what it should not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from registry.model import brake
from registry.model.document import Document
from registry.model.issue import Text
from registry.model.record import CheckedRecord
from registry.model.run import Ending, RunStatus, Verdict, Walk
from registry.services import reviewing
from registry.services.ingest import closing, gaps
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


def listing(count: int, *, first: int = 0) -> list[CheckedRecord]:
    return [live(str(number)) for number in range(first, first + count)]


def fill(city: Installation, count: int) -> None:
    city.harvest("hz", listing(count))
    city.clock.advance(days=30)


def changed_document(number: int) -> Document:
    return catalogue_document(str(number), title=f"改 {number}")


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


@pytest.mark.parametrize(
    ("live_before", "lost", "is_held"),
    [(2, 1, False), (4, 3, True), (18, 2, False), (18, 17, True), (20, 2, False), (20, 3, True)],
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


# Planted defects


@pytest.mark.parametrize(("off", "lost"), [(1, 3), (-1, 2)])
def test_the_check_notices_a_brake_that_is_off_by_one(
    city: Installation, monkeypatch: pytest.MonkeyPatch, off: int, lost: int
) -> None:
    real = brake.allowed_to_vanish
    monkeypatch.setattr(brake, "allowed_to_vanish", lambda live, limits: real(live, limits) + off)
    with pytest.raises(AssertionError):
        test_the_brake_at_its_boundaries(city, 20, lost, lost == 3, "deleted")


def test_the_check_notices_who_believes_every_list(
    city: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that broke off counts as complete, and nothing holds it: what it did not hold is deleted."""
    for module in (closing, gaps):
        monkeypatch.setattr(module, "verdict", lambda *_: Verdict.COMPLETE)
    monkeypatch.setattr(closing, "reasons_to_hold", lambda *_, **__: ())
    fill(city, 20)
    for _ in range(2):
        city.harvest("hz", listing(3), walk=BROKEN)
        city.clock.advance(hours=25)
    assert len(digests(city.engines, "330100")) == 3
    with pytest.raises(AssertionError):
        test_no_answer_deletes_wrongly_however_often_it_comes(
            city, [3], BROKEN, Verdict.PARTIAL, RunStatus.PUBLISHED
        )
