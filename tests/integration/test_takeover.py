"""Nobody takes over identifiers that another source of the register was approved for: not by a newer date, not by a
record that was there before, not upward. ``office`` is harvested over a socket; ``owner`` owns ``oai:owner.test:``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from harvester.sandbox import Sandbox
from registry.model.lifecycle import SourceAction
from registry.model.register import Level
from registry.model.source import Protocol, SourceScope
from registry.services import registration
from registry.services.ingest.settle import left_over
from registry.store import sources
from registry.store.engine import Engines, transaction
from tests.endpoint import Record
from tests.endpoint.records import catalogue_records
from tests.factories import APPROVER, SUBMITTER, Installation, live
from tests.integration.municipality import CITY, SOURCE, Municipality, municipality
from tests.integration.standing import digests, held, issue_rows, live_entries, raw_kept, source_of
from tests.invariants import check

OWNER, PREFIX = "owner", "oai:owner.test:"
THEIRS = f"{PREFIX}1"
OWN = catalogue_records(3)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A child as it is."""
    with Sandbox() as opened:
        yield opened


@pytest.fixture
def city(engines: Engines, sandbox: Sandbox) -> Iterator[Municipality]:
    """The office tells three records of its own, and one of the owner's, said to be of today."""
    taken = replace(OWN[0], identifier=THEIRS, metadata=dated(OWN[0], "2024-05-06"))
    with municipality(Installation(engines), sandbox, records=[*OWN, taken]) as city:
        yield city


def dated(record: Record, day: str) -> str:
    return record.metadata.replace("<catalogue>", f"<mdDateUpd>{day}</mdDateUpd><catalogue>")


def approve(on: Installation, code: str, scope: SourceScope | None = None) -> None:
    """Have a source approved, with another scope than before."""
    engine, now = on.engines.write, on.clock()
    if scope is not None:
        registration.amend_source(engine, code, {"scope": scope}, actor=SUBMITTER, now=now)
    registration.act(engine, code, SourceAction.APPROVE, actor=APPROVER, now=now)


def retire(on: Installation, code: str) -> None:
    registration.act(on.engines.write, code, SourceAction.RETIRE, actor=APPROVER, now=on.clock(), reason="so")
    on.settle(on.read(CITY).id)


def owner(city: Municipality, *keys: str) -> None:
    """The owner comes, and says what is under its keys."""
    city.installation.source(OWNER, CITY, "owner.test", prefixes=(PREFIX,))
    city.installation.harvest(OWNER, [live(key, namespace="owner.test") for key in keys])


def stands(city: Municipality) -> str:
    """Whose the entry is."""
    return live_entries(city.installation.engines, CITY)[THEIRS].source


def test_a_newer_date_takes_nothing_over(engines: Engines, city: Municipality) -> None:
    owner(city, "1")
    before = digests(engines, CITY)
    run = city.harvest()
    assert (run.tally.refused, run.tally.created) == (1, 3)
    [(identifier, _, told)] = issue_rows(engines, run.id, "identifier-owned")
    assert identifier == THEIRS and all(each in told for each in (SOURCE, OWNER, PREFIX))
    [found] = city.issues(run, "identifier-owned")
    assert all(each in found.issue.message.zh for each in (SOURCE, OWNER, PREFIX, THEIRS))
    assert raw_kept(engines, found.raw_digest)
    assert before.items() <= digests(engines, CITY).items() and THEIRS not in held(engines, SOURCE)
    assert check(engines) == []


def test_a_deletion_takes_nothing_away(engines: Engines, city: Municipality) -> None:
    owner(city, "1")
    city.endpoint.records = [*OWN, replace(OWN[0], identifier=THEIRS, deleted=True)]
    run = city.harvest()
    assert (run.tally.refused, stands(city)) == (1, OWNER)


def test_what_nobody_owns_is_taken(city: Municipality) -> None:
    """The planted defect of the test above: without an approved prefix it would pass."""
    city.installation.source(OWNER, CITY, "owner.test")
    city.installation.harvest(OWNER, [live("1", namespace="owner.test")])
    run = city.harvest()
    assert (run.tally.refused, stands(city)) == (0, SOURCE)
    assert city.codes(run) == ["identifier-shared"]
    [found] = city.issues(run)
    assert all(each in found.issue.message.en for each in (SOURCE, OWNER, THEIRS))
    assert city.codes(city.harvest()) == []


@pytest.mark.parametrize("full", [True, False])
def test_when_the_owner_is_gone_the_next_harvest_takes_it(
    engines: Engines, city: Municipality, full: bool
) -> None:
    owner(city, "1")
    city.harvest()
    assert city.harvest(full=False).tally.refused == 0  # nothing has changed there
    retire(city.installation, OWNER)
    assert THEIRS not in digests(engines, CITY)
    run = city.harvest(full=full)
    assert (run.tally.refused, run.tally.created, stands(city)) == (0, 1, SOURCE)
    assert city.harvest(full=False).tally.received < 4
    assert check(engines) == []


def test_a_run_that_began_before_does_not_count_as_the_next(engines: Engines, city: Municipality) -> None:
    """It may have refused what is free since; its cursor would hide that."""
    owner(city, "1")
    city.harvest()
    begun = city.installation.open(SOURCE)
    assert begun is not None
    city.installation.clock.advance(seconds=1)
    retire(city.installation, OWNER)
    begun.finish()
    assert source_of(engines, SOURCE).full_at is None
    city.harvest(full=False)
    assert stands(city) == SOURCE


@pytest.mark.parametrize("first", [OWNER, SOURCE])
def test_an_owner_that_comes_late_owns_from_then_on(engines: Engines, city: Municipality, first: str) -> None:
    """Whoever is harvested first after the approval: a known record is judged again, and the older one does not win."""
    assert city.harvest().tally.created == 4
    assert stands(city) == SOURCE
    city.installation.source(OWNER, CITY, "owner.test", prefixes=(PREFIX,))
    for code in (OWNER, SOURCE) if first == OWNER else (SOURCE, OWNER):
        if code == OWNER:
            city.installation.harvest(OWNER, [live("1", namespace="owner.test")])
        else:
            run = city.harvest()
            assert (run.tally.refused, run.tally.unchanged) == (1, 3)
    assert held(engines, SOURCE)[THEIRS].stale
    assert stands(city) == OWNER
    assert check(engines) == []


def test_the_entries_follow_where_a_prefix_is_approved_afterwards(
    engines: Engines, city: Municipality
) -> None:
    on = city.installation
    on.source(OWNER, CITY, "owner.test")
    on.harvest(OWNER, [live("1", namespace="owner.test")])
    city.harvest()
    assert stands(city) == SOURCE
    approve(on, OWNER, SourceScope((PREFIX,)))
    with engines.read.connect() as connection:
        assert left_over(connection, on.read(CITY).id)
    on.settle(on.read(CITY).id)
    assert stands(city) == OWNER
    assert check(engines) == []
    approve(on, OWNER, SourceScope(("oai:owner.test:2:",)))
    on.settle(on.read(CITY).id)
    assert stands(city) == SOURCE
    assert check(engines) == []


def test_what_is_only_stated_owns_nothing(city: Municipality) -> None:
    """Amended and not approved: the prefix that was approved stays the owner's, the new one is nobody's yet."""
    owner(city, "1")
    registration.amend_source(
        city.installation.engines.write, OWNER, {"scope": SourceScope(("oai:endpoint.test:",))},
        actor=SUBMITTER, now=city.installation.clock(),
    )  # fmt: skip
    run = city.harvest()
    assert (run.tally.refused, run.tally.created) == (1, 3)
    assert city.codes(run) == ["identifier-owned"]


def test_those_who_report_together_hold_variants(engines: Engines, city: Municipality) -> None:
    owner(city, "1")
    on = city.installation
    approve(on, OWNER, SourceScope((PREFIX,), co_reports_with=(SOURCE,)))
    assert city.harvest().tally.refused == 1  # one side only
    approve(on, SOURCE, SourceScope(co_reports_with=(OWNER,)))
    run = city.harvest()
    assert (run.tally.refused, city.codes(run)) == (0, [])
    assert THEIRS in held(engines, SOURCE) and THEIRS in held(engines, OWNER)


def test_a_longer_prefix_is_another_owners(engines: Engines, city: Municipality) -> None:
    """Two that overlap and say nothing of each other, as they could be approved before overlaps were settled."""
    on = city.installation
    approve(on, SOURCE, SourceScope(("oai:owner.", "oai:endpoint.test:")))
    on.source(OWNER, CITY, "elsewhere.test")
    on.harvest(OWNER, [live("1", namespace="owner.test")])
    assert city.harvest().tally.refused == 0
    with transaction(engines.write) as connection:
        scope = SourceScope((PREFIX,))
        sources.change(connection, source_of(engines, OWNER).id, scope=scope, approved_scope=scope)
    run = city.harvest()
    assert (run.tally.refused, city.codes(run)) == (1, ["identifier-owned"])


def province(on: Installation, *prefixes: str) -> None:
    """A province over the city, and a department of its own that brings what is the city's."""
    on.register("330000", "浙江省", Level.PROVINCIAL)
    on.register("330200")
    on.source("city", "330000", location=CITY, protocol=Protocol.REGISTER, prefixes=prefixes)
    on.source("department", "330000", "department.test", location="330200", protocol=Protocol.REGISTER)


def test_a_province_does_not_take_over_what_a_city_owns(engines: Engines, city: Municipality) -> None:
    on = city.installation
    owner(city, "1")
    province(on, PREFIX)
    on.source("elsewhere", "330200", "elsewhere.test")
    on.harvest("elsewhere", [live("1", namespace="owner.test"), live("2", namespace="elsewhere.test")])
    refused = on.read_upward("department")
    on.read_upward("city")
    entries = live_entries(engines, "330000")
    assert (refused.tally.refused, entries[THEIRS].source) == (1, "city")
    assert entries["oai:elsewhere.test:2"].source == "department"
    assert [each[0] for each in issue_rows(engines, refused.id, "identifier-owned")] == [THEIRS]
    engine, now = on.engines.write, on.clock()
    registration.act(engine, "city", SourceAction.RETIRE, actor=APPROVER, now=now, reason="so")
    on.settle(on.read("330000").id)
    on.read_upward("department")
    assert live_entries(engines, "330000")[THEIRS].source == "department"
    assert check(engines) == []


def test_a_register_passes_on_only_what_it_was_approved_for(engines: Engines, city: Municipality) -> None:
    on = city.installation
    owner(city, "1")
    city.harvest()
    province(on, PREFIX)
    run = on.read_upward("city")
    assert (run.tally.created, run.tally.refused) == (1, 3)
    assert len(issue_rows(engines, run.id, "identifier-foreign")) == 3
