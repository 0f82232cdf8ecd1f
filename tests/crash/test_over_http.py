"""The worker as it is, with its socket and its disposable children, killed at a real municipality's pages."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from registry.formats.catalogue import document_of
from registry.model.lifecycle import SourceAction
from registry.model.run import RunStatus
from registry.model.source import Protocol
from registry.services import registration
from registry.store import runs
from schemas.xml import parse
from tests.crash.choice import on_postgresql_in_full
from tests.crash.client import register_at
from tests.crash.household import APPROVER, CITY, SUBMITTER, Household
from tests.crash.points import Point
from tests.crash.process import DriverProcess
from tests.endpoint import Endpoint
from tests.endpoint.records import Record
from tests.factories import catalogue_document
from tests.invariants import check

CODE = "office"
SIZE = 45


@pytest.fixture
def office(household: Household) -> Iterator[Endpoint]:
    """A municipal office behind a socket, five pages long, registered as a source of the city."""
    with Endpoint([], page_size=10, clock=household.clock) as endpoint:
        endpoint.provider.prefix = "catalogue"
        _publish(household, endpoint, revision=0)
        new = registration.NewSource(
            CODE, CITY, CODE, Protocol.OAI_PMH, endpoint.oai_url, namespace="endpoint.test"
        )
        registration.add_source(household.engines.write, new, actor=SUBMITTER, now=household.clock())
        for action, actor in ((SourceAction.SUBMIT, SUBMITTER), (SourceAction.APPROVE, APPROVER)):
            registration.act(household.engines.write, CODE, action, actor=actor, now=household.clock())
        yield endpoint


def _publish(household: Household, endpoint: Endpoint, revision: int) -> None:
    """Every record says the revision in its title, and changed an hour ago: before the next window begins."""
    since = household.clock() - timedelta(hours=1)
    endpoint.provider.records[:] = [
        Record(
            f"oai:endpoint.test:{number}",
            f"{since + timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}",
            catalogue_document(str(number), title=f"第{number}号,第{revision}版").content.decode(),
        )
        for number in range(SIZE)
    ]


def _harvest(household: Household, office: Endpoint, victim: DriverProcess) -> list[dict[str, str]]:
    """Another worker carries on what the dead one left; returns what it asked the office."""
    assert victim.outcomes is None
    assert check(household.engines) == []
    asked = len(office.visits)
    household.wait(61)
    heir = household.start(over_http=True).run()
    assert (CITY, CODE, "published") in (heir.outcomes or [])
    assert check(household.engines) == []
    register = household.register()
    shown = register_at(household.engines, register.id, register.mark)
    wanted = {each.identifier: _digest(each) for each in office.provider.records}
    assert {name: shown.get(name) for name in wanted} == wanted
    return [dict(visit.arguments) for visit in office.visits[asked:]]


def _digest(record: Record) -> bytes:
    """What the product makes of a record's metadata."""
    return document_of(parse(record.metadata.encode())).digest


PAGES = -(-SIZE // 10)

KILLS = {
    "the second page staged": (Point("after", "take", 3), PAGES - 2),
    "all pages staged": (Point("after", "take", PAGES + 1), 0),
    "mid-settle": (Point("after", "slice", 3), 2),
    "published": (Point("after", "publish"), 2),
}
"""Where it dies, and how many answers the next one asks for: those of the walk that are left, or of the next walk
(Identify, and what has changed since)."""


@on_postgresql_in_full
@pytest.mark.parametrize("where", KILLS)
def test_killed_at_a_point(household: Household, office: Endpoint, where: str) -> None:
    """Nothing is lost, and no page is fetched twice."""
    point, answers = KILLS[where]
    household.order(CODE)
    victim = household.start(over_http=True, kill_at=point).run()
    asked = _harvest(household, office, victim)
    assert len(asked) == answers


GONE = {
    "half of what is missing asked for": Point("after", "take", PAGES + 1),
    "the absences staged": Point("after", "absences"),
    "the verdict stands": Point("after", "close"),
}
"""Where the worker dies that has been told by its source that a record is gone."""


@on_postgresql_in_full
@pytest.mark.parametrize("where", GONE)
def test_killed_while_asking_for_what_is_missing(household: Household, office: Endpoint, where: str) -> None:
    """What its source does not know goes within this one cycle all the same."""
    household.order(CODE)
    assert household.start(over_http=True).run().outcomes
    gone = office.provider.records.pop(7)
    household.wait(hours=1)
    household.order(CODE, full=True)
    victim = household.start(over_http=True, kill_at=GONE[where]).run()
    _harvest(household, office, victim)
    register = household.register()
    assert not register_at(household.engines, register.id, register.mark)[gone.identifier]


def test_killed_within_an_answer(household: Household, office: Endpoint) -> None:
    """The body of the second page drips while its reader is killed; its sandbox does not outlive it."""
    household.order(CODE)
    victim = household.start(over_http=True, stop_at=(Point("after", "take", 2),))
    assert victim.go_on() is not None
    office.faults = ("body-trickle",)
    before = len(office.visits)
    victim.wake()
    _until(lambda: len(office.visits) > before)
    sandboxes = _children(victim.pid)
    victim.kill()
    office.faults = ()
    assert sandboxes
    _until(lambda: not any(_runs(each) for each in sandboxes))
    with household.engines.read.connect() as connection:
        (standing,) = runs.listed(connection, statuses=[RunStatus.COLLECTING])
    begins = int(json.loads(standing.checkpoint)["token"].partition("|")[0])
    assert 10 <= begins < SIZE  # the next answer may have been read and staged before the kill
    left = range(begins, SIZE, 10)
    asked = _harvest(household, office, victim)
    assert [each["verb"] for each in asked] == ["ListRecords"] * len(left)
    assert [each["resumptionToken"] for each in asked] == [f"{place}|||" for place in left]


def _until(happened: Callable[[], bool]) -> None:
    for _ in range(2000):
        if happened():
            return
        time.sleep(0.01)
    pytest.fail("waited in vain")


def _status(pid: int) -> tuple[str, int]:
    """A process's state and its parent."""
    state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    return state, int(parent)


def _children(pid: int) -> list[int]:
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if _status(int(each.name))[1] == pid:
                found.append(int(each.name))
    return found


def _runs(pid: int) -> bool:
    try:
        return _status(pid)[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
