"""One life of a household: harvest after harvest, each with a death in it, and what must have become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from registry.model.run import RunStatus
from registry.store import runs
from tests.crash.client import register_at
from tests.crash.household import BUILDING, CITY, PROVINCE, ROADS, Household
from tests.crash.listing import Item
from tests.crash.process import DriverProcess
from tests.invariants import Snapshot, check

Death = Callable[[Household], DriverProcess]
"""Starts a driver, sees to its death, and returns it."""

_LEASE_SECONDS = 61


@dataclass(slots=True)
class Life:
    """A household in which the building list changes before each harvest. ``missing``: what it left out, by the
    number of complete lists that have missed it since (two make a tombstone)."""

    household: Household
    rng: Random
    missing: dict[str, tuple[Item, int]] = field(default_factory=dict)

    def begin(self) -> Life:
        """The first harvest of everything, undisturbed."""
        self.household.harvest(BUILDING, ROADS, full=True)
        self.look()
        return self

    def harvest(self, death: Death, *, full: bool) -> DriverProcess:
        """The lists change, a harvest is ordered, a driver dies at it; another one, once the lease has run out,
        carries it on, and all is as if nobody had died. Returns the one that died."""
        household = self.household
        self.prepare(full=full)
        before = Snapshot.take(household.engines)
        shown_before = self._log(CITY)
        victim = death(household)
        self.look(before)
        resumable = self._collected()
        household.wait(_LEASE_SECONDS)
        heir = household.start().run()
        assert heir.outcomes is not None
        self.look(before)
        after = Snapshot.take(household.engines)
        assert list(before.untouched(after, ROADS)) == []
        self._resumed(victim, heir, resumable)
        shown = self._log(CITY)
        changed = {name for name in shown if shown[name] != shown_before.get(name)}
        assert after.marks[CITY] - before.marks[CITY] == len(changed), "each change is one version"
        return victim

    def look(self, since: Snapshot | None = None) -> None:
        """The invariants hold, and nobody sees half of a harvest."""
        assert check(self.household.engines, since=since) == []

    def shown(self, code: str = CITY) -> dict[str, bytes]:
        """The live entries of a register: digest by identifier."""
        return {name: digest for name, digest in self._log(code).items() if digest}

    def complete(self) -> None:
        """City and province show what the lists say."""
        assert self.shown() == self.expected()
        assert self._log(CITY) == self._log(PROVINCE)

    def again(self) -> None:
        """The same lists once more, whole: not one version more (I9)."""
        before = Snapshot.take(self.household.engines)
        self.household.harvest(BUILDING, ROADS, full=True)
        self.look(before)
        assert Snapshot.take(self.household.engines).published == before.published

    def expected(self) -> dict[str, bytes]:
        """What the city must show: all that is listed, and what was missed for the first time only."""
        spared = {name: item.digest for name, (item, times) in self.missing.items() if times < 2}
        return self.household.building.live | self.household.roads.live | spared

    def prepare(self, *, full: bool) -> None:
        """A day later the list has changed (for a full harvest: something is missing too); one is ordered."""
        self.household.wait(hours=25)
        dropped = self.household.change(self.rng, dropping=full)
        if dropped is not None:
            self.missing = {name: (item, times + 1) for name, (item, times) in self.missing.items()}
            self.missing[dropped.identifier] = (dropped, 1)
        self.household.order(full=full)

    def _log(self, code: str) -> dict[str, bytes]:
        register = self.household.register(code)
        return register_at(self.household.engines, register.id, register.mark)

    def _collected(self) -> int | None:
        """How many pages the run that is being collected holds; None where there is none, or no page."""
        with self.household.engines.read.connect() as connection:
            standing = runs.listed(connection, statuses=[RunStatus.COLLECTING])
        pages = [run.tally.pages for run in standing if run.source_code == BUILDING and run.checkpoint]
        return pages[0] if pages else None

    def _resumed(self, victim: DriverProcess, heir: DriverProcess, collected: int | None) -> None:
        """What was acknowledged is not asked for again."""
        if collected is None:
            return
        taken = collected - 1  # the first page is the answer to Identify, which lists nothing
        acknowledged = sum(point.side == "after" and point.service == "take" for point in victim.passed)
        assert collected >= acknowledged
        asked = [number for code, number in heir.asked if code == BUILDING]
        assert asked[:1] in ([], [taken]), f"{taken} pages were taken, and {asked} were asked for"
