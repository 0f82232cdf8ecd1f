"""The calendar: publication periods that begin and end at midnight in Shanghai, upward too; no text afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from registry.model.record import CheckedRecord
from registry.model.register import Level
from registry.model.source import Protocol
from registry.model.visibility import Audience, day_of, in_publication_period, visible
from registry.outlets.selection import Listing, View, history, listing
from registry.services.ingest import merging
from registry.store import entries, log
from registry.store.engine import Connection, Engines
from tests.factories import Installation, catalogue_document, deleted, identifier_of, live
from tests.integration.standing import digests, log_of

KEY = identifier_of("1")
LAST = date(2024, 6, 30)
MIDNIGHT = datetime(2024, 6, 30, 16, tzinfo=UTC)  # the end of 30 June in Shanghai


@pytest.fixture
def city(engines: Engines) -> Installation:
    """A city's register that the province reads."""
    installation = Installation(engines)
    installation.register("330100")
    installation.source("hz", "330100", protocol=Protocol.OAI_PMH)
    installation.register("330000", level=Level.PROVINCIAL)
    installation.source("from-hz", "330000", location="330100", protocol=Protocol.REGISTER)
    return installation


def conduct(*, until: date | None = None, since: date | None = None, title: str = "a") -> CheckedRecord:
    document = catalogue_document(
        "1", title=title, catalogue="credit", item="6.2", published_from=since, published_until=until
    )
    return live("1", document)


def listed(city: Installation, code: str, audience: Audience, on: date) -> Listing:
    """How the entry is listed for an audience."""
    with city.engines.read.connect() as connection:
        register = city.read(code)
        version = log.entry(connection, register.id, KEY, mark=register.mark)
    return Listing.OMITTED if version is None else listing(version, audience, on)


def texts_in_history(city: Installation, code: str, audience: Audience, on: date) -> int:
    """How many versions of the entry show their text."""
    with city.engines.read.connect() as connection:
        register = city.read(code)
        found = history(connection, register.id, KEY, View(audience, on), mark=register.mark)
    return sum(shown for _, shown in found)


@pytest.mark.parametrize(
    ("moment", "day", "stands"),
    [
        (MIDNIGHT - timedelta(days=1), LAST, True),
        (MIDNIGHT - timedelta(seconds=1), LAST, True),
        (MIDNIGHT, LAST + timedelta(days=1), False),
        (MIDNIGHT + timedelta(days=40), date(2024, 8, 10), False),
    ],
)
def test_an_entry_stands_through_its_last_day_in_shanghai(
    city: Installation, moment: datetime, day: date, stands: bool
) -> None:
    record = conduct(until=LAST)
    city.harvest("hz", [record, live("2")])
    city.clock.now = moment
    assert day_of(moment) == day
    assert city.expire("330100", day) == int(not stands)
    expected = Listing.RECORD if stands else Listing.DELETED
    for audience in (Audience.PUBLIC, Audience.PEER):
        assert listed(city, "330100", audience, day) is expected
        assert texts_in_history(city, "330100", audience, day) == int(stands)
    assert (KEY in digests(city.engines, "330100")) is stands
    assert city.read("330100").entries == 1 + stands


def test_the_text_is_hidden_before_the_tombstone_is_published(city: Installation) -> None:
    """Whoever asks at midnight and a second sees no text, whenever the daily order is carried out."""
    city.harvest("hz", [conduct(until=LAST)])
    for audience in Audience:
        shown = listed(city, "330100", audience, LAST + timedelta(days=1))
        assert shown is (Listing.OMITTED if audience is Audience.NOBODY else Listing.DELETED)
        assert texts_in_history(city, "330100", audience, LAST + timedelta(days=1)) == 0


@pytest.mark.parametrize("province_first", [False, True])
@pytest.mark.parametrize("read_first", [False, True])
def test_expiry_reaches_the_levels_above_once(
    city: Installation, province_first: bool, read_first: bool
) -> None:
    """By the log, by their own calendar, or by both: one tombstone."""
    city.harvest("hz", [conduct(until=LAST), live("2")])
    city.read_upward("from-hz")
    city.clock.now = MIDNIGHT
    steps: list[Callable[[], int]] = [
        lambda: city.expire("330100", day_of(MIDNIGHT)),
        lambda: city.expire("330000", day_of(MIDNIGHT)),
    ]
    steps.insert(0 if read_first else 2, lambda: city.read_upward("from-hz").id)
    for step in reversed(steps) if province_first else steps:
        step()
    city.read_upward("from-hz")
    assert listed(city, "330000", Audience.PUBLIC, day_of(MIDNIGHT)) is Listing.DELETED
    assert texts_in_history(city, "330000", Audience.PEER, day_of(MIDNIGHT)) == 0
    assert log_of(city.engines, "330000").versions == 3
    assert log_of(city.engines, "330100").versions == 3
    assert digests(city.engines, "330000").keys() == {identifier_of("2")}


def test_the_calendar_is_safe_to_repeat_and_to_miss(city: Installation) -> None:
    city.harvest("hz", [conduct(until=LAST)])
    city.clock.now = MIDNIGHT + timedelta(days=9)
    assert city.expire("330100", day_of(city.clock.now)) == 1
    before = log_of(city.engines, "330100")
    for days in (0, 1, 5):
        city.clock.advance(days=days)
        assert city.expire("330100", day_of(city.clock.now)) == 0
    assert log_of(city.engines, "330100") == before


def test_unchanged_harvests_do_not_bring_back_what_expired(city: Installation) -> None:
    city.harvest("hz", [conduct(until=LAST)])
    city.clock.now = MIDNIGHT
    city.expire("330100", day_of(MIDNIGHT))
    before = log_of(city.engines, "330100")
    assert city.harvest("hz", [conduct(until=LAST)]).tally.unchanged == 1
    assert log_of(city.engines, "330100") == before
    # A longer period is another text, which stands again.
    city.harvest("hz", [conduct(until=date(2025, 6, 30))])
    assert KEY in digests(city.engines, "330100")


BEGINS = date(2024, 7, 1)


def _an_embargo_begins(city: Installation) -> None:
    city.harvest("hz", [conduct(since=BEGINS)])
    city.read_upward("from-hz")
    for audience in Audience:
        assert listed(city, "330100", audience, LAST) is Listing.OMITTED
    assert digests(city.engines, "330000") == {}
    city.clock.now = MIDNIGHT - timedelta(seconds=1)
    assert city.expire("330100", day_of(city.clock.now)) == 0
    city.clock.now = MIDNIGHT
    assert city.expire("330100", day_of(city.clock.now)) == 1
    city.read_upward("from-hz")
    for code in ("330100", "330000"):
        assert listed(city, code, Audience.PUBLIC, BEGINS) is Listing.RECORD
        assert city.read(code).entries == 1


def test_an_embargo_begins_at_midnight_upward_too(city: Installation) -> None:
    _an_embargo_begins(city)


@pytest.mark.parametrize("before", ["withdrawn", "expired", "embargoed"])
def test_an_embargo_begins_over_a_tombstone(city: Installation, before: str) -> None:
    """The entry is a tombstone already, which is published a second time only where a text of it was shown once: the
    terms of the new one withdraw that too. Its day must not be missed."""
    first = {"withdrawn": conduct(), "expired": conduct(until=date(2024, 5, 1)),
             "embargoed": conduct(since=date(2024, 9, 1))}[before]  # fmt: skip
    city.harvest("hz", [first, live("2")])
    if before == "withdrawn":
        city.harvest("hz", [deleted("1"), live("2")])
    marks = log_of(city.engines, "330100").mark
    city.harvest("hz", [conduct(since=BEGINS, title="b"), live("2")])
    assert log_of(city.engines, "330100").mark == marks + (before == "withdrawn")
    city.clock.now = MIDNIGHT
    assert city.expire("330100", day_of(MIDNIGHT)) == 1
    assert digests(city.engines, "330100")[KEY] == conduct(since=BEGINS, title="b").document_digest


def test_the_check_notices_a_day_that_is_missed(city: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: tombstones are not noted in the calendar."""
    monkeypatch.setattr(merging, "_note_beginnings", lambda *_: None)
    with pytest.raises(AssertionError):
        test_an_embargo_begins_over_a_tombstone(city, "expired")


def test_the_check_notices_a_calendar_that_runs_ahead(
    city: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the calendar, and what it finds, are judged by the day after."""
    touched, in_period = entries.touched_by_calendar, in_publication_period
    day = timedelta(days=1)

    def touched_tomorrow(
        connection: Connection, register_id: int, since: date | None, on: date, *, after: int, limit: int
    ) -> list[tuple[int, str]]:
        return touched(connection, register_id, since, on + day, after=after, limit=limit)

    monkeypatch.setattr(entries, "touched_by_calendar", touched_tomorrow)
    monkeypatch.setattr(merging, "in_publication_period", lambda facts, on: in_period(facts, on + day))
    with pytest.raises(AssertionError):
        test_an_entry_stands_through_its_last_day_in_shanghai(
            city, MIDNIGHT - timedelta(seconds=1), LAST, True
        )


def test_nobody_sees_anything_on_any_day() -> None:
    for record in (conduct(), conduct(until=LAST), conduct(since=BEGINS)):
        assert record.document is not None
        assert not visible(record.document.facts, Audience.NOBODY, LAST)
