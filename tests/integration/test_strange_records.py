"""What is strange about single records, or about their source, has an outcome of its own: told as an issue, refused
or taken, and never in silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from harvester.sandbox import Sandbox
from registry.model.run import RunStatus, Verdict
from registry.model.source import SourceScope
from registry.store.engine import Engines
from tests.endpoint import Record
from tests.endpoint.records import catalogue_records
from tests.factories import Installation
from tests.integration.municipality import CITY, SOURCE, Municipality, municipality
from tests.integration.standing import digests, source_of


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A child as it is."""
    with Sandbox() as opened:
        yield opened


DATES = {
    "stamped-2099": "oai-datestamp-far",
    "stamped-0001": "oai-datestamp-far",
    "stamped-offset": "oai-datestamp",
    "stamped-february": "oai-datestamp",
    "stamped-empty": "oai-datestamp",
}


@pytest.mark.parametrize("fault", DATES)
def test_a_datestamp_of_another_time_is_told(engines: Engines, sandbox: Sandbox, fault: str) -> None:
    """The records count; the cursor is the source's own date of its answer, so that none of them can move it."""
    with municipality(Installation(engines), sandbox) as city:
        run = city.harvest(fault)
        assert (run.verdict, len(city.standing)) == (Verdict.COMPLETE, 25)
        assert city.codes(run) == [DATES[fault]] * 25
        cursor = source_of(engines, SOURCE).cursor_since
        assert run.walk is not None and cursor == run.walk.cursor_since


@pytest.mark.parametrize("fault", ["responded-2099", "responded-0001", "responded-garbage"])
def test_a_source_whose_clock_is_wrong_is_asked_for_what_changed(
    engines: Engines, sandbox: Sandbox, fault: str
) -> None:
    """Neither is what changed passed over, nor can such a date stop the harvests that follow."""
    with municipality(Installation(engines), sandbox) as city:
        city.harvest(fault)
        clock = city.installation.clock
        cursor = source_of(engines, SOURCE).cursor_since
        assert cursor is not None and cursor <= clock()
        added = catalogue_records(26)[-1]
        city.endpoint.records.append(replace(added, datestamp=f"{clock():%Y-%m-%dT%H:%M:%SZ}"))
        run = city.harvest(fault, full=False)
        assert (run.status, run.tally.created, len(city.standing)) == (RunStatus.PUBLISHED, 1, 26)


@pytest.mark.parametrize("fault", ["responded-2099", "responded-0001"])
def test_a_source_whose_clock_is_wrong_is_told_of_once_a_run(
    engines: Engines, sandbox: Sandbox, fault: str
) -> None:
    """However many answers it gives, and whether it gives them in one go."""
    with municipality(Installation(engines), sandbox, page_size=5) as city:
        (found,) = city.issues(run := city.harvest(fault), "source-clock")
        assert (found.identifier, found.place, str(found.issue.severity)) == ("", "", "warning")
        told, ours = f"{fault[-4:]}-", f"{run.started_at:%Y-%m-%dT%H:%M}"
        for text in (found.issue.message.zh, found.issue.message.en):
            assert told in text and ours in text
        assert found.issue.hint.zh and found.issue.hint.en
        assert not city.issues(city.harvest(), "source-clock")


@pytest.mark.parametrize(
    ("off", "told"),
    [
        (timedelta(days=1), False),
        (timedelta(days=1, seconds=1), True),
        (-timedelta(days=1), False),
        (-timedelta(days=1, seconds=1), True),
    ],
)
def test_a_clock_may_be_a_day_off(engines: Engines, sandbox: Sandbox, off: timedelta, told: bool) -> None:
    with municipality(Installation(engines), sandbox) as city:
        clock = city.installation.clock
        city.endpoint.provider.clock = lambda: clock() + off
        assert bool(city.issues(city.harvest(), "source-clock")) is told


@pytest.mark.parametrize(
    ("fault", "code"),
    [("foreign-identifier", "identifier-foreign"), ("foreign-division", "division-foreign")],
)
def test_what_a_source_may_not_speak_of_is_refused(
    engines: Engines, sandbox: Sandbox, fault: str, code: str
) -> None:
    scope = SourceScope(identifier_prefixes=("oai:endpoint.test:",), divisions=("330100",))
    with municipality(Installation(engines), sandbox, scope=scope) as city:
        run = city.harvest(fault)
        assert (run.verdict, run.tally.refused, len(city.standing)) == (Verdict.COMPLETE, 1, 25)
        assert city.codes(run) == [code]


def dated(records: list[Record], day: str) -> list[Record]:
    """The same records, updated on a day."""
    update = f"<mdDateUpd>{day}</mdDateUpd><catalogue>"
    return [replace(each, metadata=each.metadata.replace("<catalogue>", update)) for each in records]


def retitled(city: Municipality, day: str, stamp: str) -> None:
    """The first three records say something else, as of a day, with a datestamp."""
    told = dated(catalogue_records(3, edition="又"), day)
    city.endpoint.records[:3] = [replace(each, datestamp=stamp) for each in told]


STAMP = "2024-01-05T00:00:00Z"


@pytest.mark.parametrize(
    ("day", "stamp", "older"),
    [
        ("2024-01-03", STAMP, 0),
        ("2024-01-02", STAMP, 0),
        ("2024-01-01", STAMP, 3),
        ("2024-01-02", "2023-12-31T00:00:00Z", 3),
        ("2024-01-03", "2023-12-31T00:00:00Z", 0),
    ],
)
def test_an_old_version_told_again_counts_and_is_told(
    engines: Engines, sandbox: Sandbox, day: str, stamp: str, older: int
) -> None:
    """The newest answer of a source is its word, whatever dates stand in it: its own date, then the datestamp."""
    records = dated(catalogue_records(10), "2024-01-02")
    with municipality(Installation(engines), sandbox, records=records) as city:
        city.harvest()
        before = digests(engines, CITY)
        retitled(city, day, stamp)
        run = city.harvest()
        assert (run.status, run.tally.updated) == (RunStatus.PUBLISHED, 3)
        assert city.codes(run) == ["record-older"] * older
        assert sum(before[each] != digest for each, digest in digests(engines, CITY).items()) == 3


def test_everything_as_it_was_before_is_held(engines: Engines, sandbox: Sandbox) -> None:
    with municipality(Installation(engines), sandbox) as city:
        city.harvest()
        run = city.harvest("replayed")
        assert (run.status, [each.code for each in run.hold_reasons]) == (RunStatus.HELD, ["rewritten"])
        assert city.codes(run) == ["record-older"] * 25


def test_another_name_is_told_once(engines: Engines, sandbox: Sandbox) -> None:
    """The records count: the approved address is the same. Who looks at the issues can see whose it is now."""
    with municipality(Installation(engines), sandbox) as city:
        assert city.codes(city.harvest()) == []
        run = city.harvest("renamed")
        assert (run.status, city.codes(run)) == (RunStatus.PUBLISHED, ["source-renamed"])
        assert "另一个目录" in city.issues(run)[0].issue.message.zh
        assert source_of(engines, SOURCE).told_name == "另一个目录"
        assert city.codes(city.harvest("renamed")) == []
