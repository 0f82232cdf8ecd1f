"""The same key twice in one answer (house section 7): what it comes to, in whatever order and on whatever pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

import pytest

from registry.model.issue import Issue, Severity, Text
from registry.model.record import CheckedRecord, Condition
from registry.model.run import Tally
from registry.services.ingest import comparison
from tests.factories import BEGINNING, Installation, catalogue_document, deleted, identifier_of, live
from tests.integration.standing import digests, held, issue_rows, log_of, raw_kept

KEY = identifier_of("1")


def copy(text: str, place: str = "", *, days: int | None = 0, raw: str = "") -> CheckedRecord:
    """A record under the one key; ``days``: its datestamp (None: it has none), ``raw``: other bytes around
    the same document."""
    record = live("1", catalogue_document("1", title=text))
    stamp = None if days is None else BEGINNING + timedelta(days=days)
    record = record._replace(datestamp=stamp, place=place)
    if raw and record.raw is not None:
        digest = raw.encode().ljust(32, b".")
        record = record._replace(raw_digest=digest, raw=record.raw._replace(digest=digest))
    return record


def bad(place: str = "", *, days: int | None = 0) -> CheckedRecord:
    issue = Issue("division-unknown", Severity.ERROR, Text("未知区划", "unknown division"))
    return copy("bad", place, days=days)._replace(
        condition=Condition.REFUSED, document=None, document_digest=b"", issues=(issue,)
    )


def gone(place: str = "", *, days: int = 0) -> CheckedRecord:
    return deleted("1")._replace(place=place, datestamp=BEGINNING + timedelta(days=days))


def digest(text: str) -> bytes:
    return catalogue_document("1", title=text).digest


def is_consistent(tally: Tally) -> bool:
    """Whether each record that came counts exactly once."""
    counted = (
        tally.created, tally.updated, tally.unchanged, tally.deleted, tally.restored, tally.refused,
        tally.repeated, tally.declined, tally.looped,
    )  # fmt: skip
    return tally.received == sum(counted) and min(counted) >= 0


def paged(records: Sequence[CheckedRecord], split: bool) -> list[list[CheckedRecord]]:
    """The records on one page, or each on its own."""
    return [[record] for record in records] if split else [list(records)]


split_or_not = pytest.mark.parametrize("split", [False, True], ids=["same page", "across pages"])
known_or_not = pytest.mark.parametrize("known", [False, True], ids=["new", "known"])


@split_or_not
@known_or_not
def test_equal_copies_are_one_record_and_a_note(city: Installation, split: bool, known: bool) -> None:
    if known:
        city.harvest("hz", [copy("a")])
    run = city.harvest("hz", *paged([copy("a", "row 1"), copy("a", "row 2", raw="other bytes")], split))
    assert (run.tally.created + run.tally.unchanged, run.tally.repeated) == (1, 1)
    assert is_consistent(run.tally)
    assert len(issue_rows(city.engines, run.id, "record-repeated")) == 1
    assert digests(city.engines, "330100") == {KEY: digest("a")}


@split_or_not
@known_or_not
def test_of_different_copies_none_is_accepted(city: Installation, split: bool, known: bool) -> None:
    """One issue names both places, the bytes of both are kept, and what stood before stands, stale."""
    if known:
        city.harvest("hz", [copy("before")])
    before = digests(city.engines, "330100")
    copies = [copy("a", "row 1"), copy("b", "row 2")]
    run = city.harvest("hz", *paged(copies, split))
    assert (run.tally.refused, run.tally.received) == (2, 2)
    assert is_consistent(run.tally)
    ((identifier, place, message),) = issue_rows(city.engines, run.id, "record-conflict")
    assert (identifier, place) == (KEY, f"page {2 if split else 1}, row 2")
    assert "page 1, row 1" in message and place in message
    assert all(raw_kept(city.engines, each.raw_digest) for each in copies)
    assert digests(city.engines, "330100") == before
    if known:
        assert held(city.engines, "hz")[KEY].stale


@split_or_not
@pytest.mark.parametrize("known_first", [False, True])
def test_a_known_copy_and_another_one_are_different(
    city: Installation, split: bool, known_first: bool
) -> None:
    """The known one arrives without its text; it speaks for it all the same, before or behind the other."""
    city.harvest("hz", [copy("before")])
    copies = [copy("before", "row 1"), copy("b", "row 2")]
    run = city.harvest("hz", *paged(copies if known_first else copies[::-1], split))
    assert (run.tally.refused, run.tally.unchanged, run.tally.updated) == (2, 0, 0)
    assert is_consistent(run.tally)
    assert digests(city.engines, "330100") == {KEY: digest("before")}
    assert held(city.engines, "hz")[KEY].stale
    assert all(raw_kept(city.engines, each.raw_digest) for each in copies)
    assert len(issue_rows(city.engines, run.id, "record-conflict")) == 1


@split_or_not
@pytest.mark.parametrize("newest", ["b", "before", "deleted"])
def test_the_newer_copy_wins_wherever_it_stands(city: Installation, split: bool, newest: str) -> None:
    """Also over two that contradict each other, over a refused one, and where it is what was held."""
    others = [copy("a", "row 1"), copy("c", "row 2"), bad("row 3")]
    last = gone("row 4", days=9) if newest == "deleted" else copy(newest, "row 4", days=9)
    expected = {} if newest == "deleted" else {KEY: digest(newest)}
    city.harvest("hz", [copy("before", days=-9)])
    for order in list(permutations([*others, last]))[::5]:
        city.clock.advance(days=8)  # what went longer ago does not count for the brake
        run = city.harvest("hz", *paged(order, split))
        assert digests(city.engines, "330100") == expected
        assert not held(city.engines, "hz")[KEY].stale
        assert is_consistent(run.tally)
        city.harvest("hz", [copy("before", days=-9)])


@split_or_not
def test_three_different_copies_count_once_each(city: Installation, split: bool) -> None:
    city.harvest("hz", [copy("before", days=None)])
    copies = [copy(text, f"row {text}", days=None) for text in ("before", "a", "b", "a", "before")]
    for order in list(permutations(copies))[::13]:
        run = city.harvest("hz", *paged(order, split))
        assert run.tally.refused + run.tally.repeated == 5 == run.tally.received
        assert is_consistent(run.tally)
        assert digests(city.engines, "330100") == {KEY: digest("before")}


def test_the_last_conflict_names_all_places(city: Installation) -> None:
    texts = ("a", "b", "a", "c", "d")
    copies = [
        copy(text, f"row {row}", days=None, raw=f"raw {row}") for row, text in enumerate(texts, start=1)
    ]
    run = city.harvest("hz", copies)
    conflicts = [message for _, _, message in issue_rows(city.engines, run.id, "record-conflict")]
    assert all(f"row {row}" in conflicts[-1] for row in range(1, 6))
    assert run.tally.refused == 5


@split_or_not
def test_a_deleted_header_against_a_text(city: Installation, split: bool) -> None:
    """Without datestamps that tell, they contradict each other in either order, also for a tombstone."""
    city.harvest("hz", [copy("a"), live("2")])
    for record in (gone(), copy("a")):
        city.harvest("hz", [record, live("2")])
        before = digests(city.engines, "330100")
        for order in ([copy("a"), gone()], [gone(), copy("a")]):
            run = city.harvest("hz", *paged(order, split), [live("2")])
            assert run.tally.refused == 2
            assert is_consistent(run.tally)
            assert digests(city.engines, "330100") == before


@split_or_not
def test_a_deleted_header_twice_is_a_repeat(city: Installation, split: bool) -> None:
    city.harvest("hz", [copy("a"), live("2"), live("3")])
    run = city.harvest("hz", *paged([gone(), gone()], split), [live("2"), live("3")])
    assert (run.tally.deleted, run.tally.repeated) == (1, 1)
    assert KEY not in digests(city.engines, "330100")


@split_or_not
def test_the_same_refused_bytes_twice_are_one_refusal(city: Installation, split: bool) -> None:
    run = city.harvest("hz", *paged([bad("row 1"), bad("row 2")], split))
    assert (run.tally.refused, run.tally.repeated) == (1, 1)


def test_new_bytes_around_an_unchanged_text_are_archived(city: Installation) -> None:
    """Whatever the registry says that a source delivered can be looked at."""
    city.harvest("hz", [copy("a")])
    mark = log_of(city.engines, "330100")
    later = copy("a", raw="written anew")
    assert city.harvest("hz", [later]).tally.unchanged == 1
    assert raw_kept(city.engines, later.raw_digest)
    assert log_of(city.engines, "330100") == mark


def test_refused_records_without_identifier_survive_a_resumption(city: Installation) -> None:
    """Page numbers begin anew with a new worker; what stands for a missing identifier must not."""
    nameless = [bad(f"row {n}")._replace(identifier="", raw_digest=bytes([n]) * 32, raw=None) for n in (1, 2)]
    begun = city.open("hz")
    assert begun is not None
    begun.take([nameless[0], live("2")])
    city.clock.advance(minutes=5)
    again = city.take_over(begun)
    assert again.run.id == begun.run.id
    again.pages = 0
    again.take([nameless[1], live("3")])
    run = again.finish()
    assert (run.tally.refused, run.tally.created, run.tally.pages) == (2, 2, 2)


def test_the_check_notices_when_the_first_copy_stands(
    city: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: a page that forgets what came before it."""
    monkeypatch.setattr(comparison.Comparison, "_earlier", lambda *_: None)
    with pytest.raises(AssertionError):
        test_of_different_copies_none_is_accepted(city, split=False, known=False)
