"""A store to play in: a city with two scripted sources, and the province above it that reads its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from registry.model.brake import BrakeLimits
from registry.model.event import Actor
from registry.model.lifecycle import SourceAction
from registry.model.register import Level, Policy, Register
from registry.model.source import Protocol
from registry.services import ordering, registration
from registry.store import registers
from registry.store.engine import Engines
from tests.crash.clock import SharedClock
from tests.crash.driver import Errand
from tests.crash.listing import Item, Listing
from tests.crash.process import DriverProcess

SUBMITTER, APPROVER = Actor("li"), Actor("wang")
CITY, PROVINCE = "330100", "330000"
BUILDING, ROADS, CITY_UPWARD = "building", "roads", "330100-upward"
BEGINNING = datetime(2026, 3, 1, tzinfo=UTC)

_NO_BRAKE = Policy(
    brake=BrakeLimits(vanish_floor=10**6, vanish_ceiling=10**6, rewrite_from=10**6, growth_factor=10**6)
)


@dataclass(slots=True)
class Household:
    """The store at ``database``, its clock, what its two outer sources list, and the drivers at work in it."""

    engines: Engines
    database: str
    folder: Path
    clock: SharedClock
    building: Listing
    roads: Listing
    processes: list[DriverProcess] = field(default_factory=list)

    @classmethod
    def found(cls, engines: Engines, database: str, folder: Path, size: int = 28) -> Household:
        """Registers and approved sources, with nothing harvested yet."""
        clock = SharedClock(folder / "clock", BEGINNING)
        building = Listing.begin(folder / BUILDING, "building", size, clock())
        roads = Listing.begin(folder / ROADS, "roads", size // 2, clock())
        for code, level in ((CITY, Level.MUNICIPAL), (PROVINCE, Level.PROVINCIAL)):
            registration.create_register(
                engines.write, code=code, name=code, level=level, division=code, policy=_NO_BRAKE,
                actor=SUBMITTER, now=clock(),
            )  # fmt: skip
        for code, register, protocol, location in (
            (BUILDING, CITY, Protocol.OAI_PMH, "http://127.0.0.1/building"),
            (ROADS, CITY, Protocol.OAI_PMH, "http://127.0.0.1/roads"),
            (CITY_UPWARD, PROVINCE, Protocol.REGISTER, CITY),
        ):
            new = registration.NewSource(code, register, code, protocol, location)
            registration.add_source(engines.write, new, actor=SUBMITTER, now=clock())
            for action, actor in ((SourceAction.SUBMIT, SUBMITTER), (SourceAction.APPROVE, APPROVER)):
                registration.act(engines.write, code, action, actor=actor, now=clock())
        return cls(engines, database, folder, clock, building, roads)

    def order(self, code: str = BUILDING, *, full: bool = False) -> int:
        """Someone asks for a harvest; returns the order's id."""
        return ordering.order_harvest(self.engines.write, code, full=full, actor=SUBMITTER, now=self.clock())

    def errand(self, **differently: object) -> Errand:
        """What a driver in this store is to do."""
        return Errand(self.database, self.folder, **differently)  # type: ignore[arg-type]

    def start(self, **differently: object) -> DriverProcess:
        """A driver, at work; ended with the household."""
        process = DriverProcess(self.errand(**differently))
        self.processes.append(process)
        return process

    def harvest(self, *codes: str, full: bool = False) -> DriverProcess:
        """Order these sources, and have a driver carry it all out undisturbed."""
        for code in codes:
            self.order(code, full=full)
        return self.start().run()

    def wait(self, seconds: float = 0, **by: float) -> None:
        """Move the clock of everybody."""
        self.clock.advance(timedelta(seconds=seconds, **by))

    def register(self, code: str = CITY) -> Register:
        """A register as it stands."""
        with self.engines.read.connect() as connection:
            return registers.get(connection, code)

    def change(self, rng: Random, *, dropping: bool = False) -> Item | None:
        """The building list changes; with ``dropping``, a record is left out without a word."""
        dropped = self.building.drop(rng) if dropping else None
        self.building.change(rng, self.clock())
        return dropped

    def close(self) -> None:
        """End what still runs."""
        for process in self.processes:
            process.kill()
        self.clock.close()
