"""One harvest after the other, stopped again and again, while clients walk and the clock runs on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import func, select

from registry.store.engine import Engines
from registry.store.tables import publications
from tests.crash.client import Client, LogProvider, Provider, register_at
from tests.crash.clock import SharedClock
from tests.crash.household import BUILDING, CITY, ROADS, Household
from tests.crash.process import DriverProcess

STOPS = ("open", "take", "close", "lease", "slice", "publish", "verify", "index")
LATE = ("publish", "verify")
"""Where the clock likes to run on, and clients to walk: commits that come too late for their datestamp."""


ProviderOf = Callable[[Engines, int, SharedClock], Provider]
"""Makes a provider of a store, a register's id and a clock."""


def interleave(
    household: Household,
    seed: str,
    count: int,
    provider: ProviderOf = LogProvider,
    client: type[Client] = Client,
    defect: str = "",
) -> Interleavings:
    """``count`` interleavings in one household; ends early at the first fault. ``defect`` is planted in the
    drivers; ``provider`` and ``client`` may have one of their own."""
    done = Interleavings.begin(household, seed, provider, client, defect)
    for _ in range(count):
        done.once()
        if done.faults:
            break
    return done


@dataclass(slots=True)
class Interleavings:
    """A household, and what clients find wrong in it. ``walks`` counts those that came to their end;
    ``states`` is what the city must show, once for each harvest so far."""

    household: Household
    rng: Random
    provider: Provider
    client: type[Client]
    defect: str
    faults: list[str] = field(default_factory=list)
    states: list[dict[str, bytes]] = field(default_factory=list)
    walks: int = 0
    follower: Client = field(init=False)

    @classmethod
    def begin(
        cls,
        household: Household,
        seed: str,
        provider: ProviderOf = LogProvider,
        client: type[Client] = Client,
        defect: str = "",
    ) -> Interleavings:
        """The first harvest of everything, undisturbed. The follower will walk from now on."""
        begun = cls(
            household,
            Random(seed),
            provider(household.engines, household.register(CITY).id, household.clock),
            client,
            defect,
        )
        household.harvest(BUILDING, ROADS, full=True)
        household.wait(3)
        begun.remember()
        begun.follower = client(begun.provider)
        return begun

    def follow(self) -> None:
        """The follower walks from its beginning to its end."""
        walks = self._walks(self.follower)
        while not next(walks):
            pass

    def once(self) -> None:
        """The list changes; a harvest is carried out with stops and deaths, while two clients walk: one that
        follows the city since the beginning, and a new one."""
        household, rng = self.household, self.rng
        household.wait(rng.choice((0.4, 5, 3600)))
        household.change(rng)
        self.remember()
        household.order()
        walks = [self._walks(self.follower), self._walks(self.client(self.provider))]
        process: DriverProcess | None = self._start()
        while process is not None:
            process = self._let_it_go_on(process, walks)
            self._let_them_walk(walks)
        household.wait(rng.choice((1, 3)))
        for walk in walks:
            while not next(walk):
                pass

    def _start(self) -> DriverProcess:
        return self.household.start(stop_around=STOPS, defect=self.defect)

    def _let_it_go_on(self, process: DriverProcess, walks: list[Iterator[bool]]) -> DriverProcess | None:
        """To one of its next stops; or it dies, and after a while there is another one. None: it has ended."""
        household, rng = self.household, self.rng
        for _ in range(rng.choice((1, 1, 2, 4, 8))):
            point = process.go_on()
            if point is None:
                return None
            if point.service in LATE and rng.random() < 0.6:
                household.wait(rng.choice((0, 0.3, 1, 1.2, 2, 10)))
                break
        if rng.random() < 0.1:
            process.kill()
            household.wait(rng.choice((0, 2)))
            self._let_them_walk(walks)
            household.wait(62)
            return self._start()
        household.wait(rng.choice((0, 0, 0.2, 0.9, 1.5)))
        return process

    def _let_them_walk(self, walks: list[Iterator[bool]]) -> None:
        for _ in range(self.rng.choice((0, 0, 1, 2, 9))):
            next(self.rng.choice(walks))

    def _walks(self, client: Client) -> Iterator[bool]:
        """A client's walks, answer by answer; says whether a walk has just come to its end."""
        while True:
            due: int | None = self._due()
            for answer in client.walk():
                if due is not None and answer.mark < due:
                    self.faults.append(f"the register is shown up to {answer.mark}, {due} is due")
                due = None
                yield False
            self._compare(client)
            yield True

    def _due(self) -> int:
        """Up to where the register must be shown: what was verified, and whose second has passed."""
        c = publications.c
        query = select(func.max(c.last_sequence)).where(
            c.register_id == self.provider.register_id,
            c.verified.is_(True),
            c.datestamp < self.household.clock().replace(microsecond=0),
        )
        with self.household.engines.read.connect() as connection:
            return int(connection.execute(query).scalar() or 0)

    def _compare(self, client: Client) -> None:
        """The copy is the register at the mark, and that is one of the states that the lists were in."""
        self.walks += 1
        self.faults += client.differences(self.provider.expected(client.mark))
        self.faults += client.faults
        client.faults.clear()
        shown = register_at(self.household.engines, self.provider.register_id, client.mark)
        if {name: digest for name, digest in shown.items() if digest} not in self.states:
            self.faults.append(f"half of a harvest is shown at {client.mark}")

    def remember(self) -> None:
        """What the lists say now is what the city must show once it is harvested."""
        self.states.append(self.household.roads.live | self.household.building.live)
