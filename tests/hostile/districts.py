"""Towns of good and hostile municipalities, and what an installation makes of them in one cycle."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from harvester.dispatch.inline import Dispatcher
from harvester.scheduler import Ticker
from registry.formats.catalogue import document_of
from registry.model.order import OrderStatus
from registry.model.register import Level
from registry.model.run import RunStatus
from registry.model.source import Protocol, SourceScope
from registry.services import ordering, registration
from registry.services.registration import NewSource
from registry.store import runs
from registry.store.tables import documents, entries, orders, sources
from schemas.xml import parse
from tests.endpoint import FAULTS, NO_FAULTS
from tests.factories import SUBMITTER
from tests.hostile.town import Plan, Town
from tests.hostile.works import Works

DIVISIONS = (
    "330100",
    "330200",
    "330300",
    "330400",
    "330500",
    "330600",
    "330700",
    "330800",
    "330900",
    "331000",
)
HABITS = (
    (),
    (),
    (),
    ("gzip",),
    ("deflate",),
    ("style-sheet",),
    ("text-none-gb18030-bare-gb18030",),
    ("strange-token",),
)
SLOW = ("silent", "header-trickle", "body-trickle", "stalled")
"""Faults that hold a worker as long as it lets them."""
RECORDS = 45
"""How many a hostile municipality has, on five pages."""
LOOK_SECONDS = 0.1


def every_fault() -> list[str]:
    """The names of all faults."""
    return [name for name in FAULTS if name not in NO_FAULTS]


def plans(good: int, hostile: int, rng: Random) -> list[Plan]:
    """So many municipalities (``g0``…, ``h0``…), spread over ten registers; hostile ones have five pages, some of them
    behind TLS."""
    found = [
        Plan(f"g{number}", rng.randrange(5, 45), DIVISIONS[number % 10], "", rng.choice(HABITS))
        for number in range(good)
    ]
    return found + [
        Plan(
            f"h{number}",
            RECORDS,
            DIVISIONS[number % 10],
            "tls" if number % 16 == 15 or number == hostile - 1 else "",
        )
        for number in range(hostile)
    ]


@dataclass(slots=True)
class Cycle:
    """What one cycle was like: when each source's run was published, and who held the workers meanwhile: how many
    times they were seen at it, by source and lane, and how many at once in the slow lane at most. ``looks``: how
    often was looked while an order waited that nothing was known against; ``idle_looks``: while none did, and no
    worker was missed."""

    began: datetime
    published: dict[str, datetime] = field(default_factory=dict)
    slots: Counter[tuple[str, bool]] = field(default_factory=Counter)
    looks: int = 0
    idle_looks: int = 0
    most_slow: int = 0

    def seconds(self, codes: Collection[str]) -> float:
        """Until the last of these was published."""
        return max((self.published[code] - self.began).total_seconds() for code in codes)


@dataclass(frozen=True, slots=True)
class District:
    """A town, and the installation that harvests it with ``threads`` workers."""

    works: Works
    town: Town
    threads: int

    def found(self, *, schedule: str = "") -> None:
        """Registers for the divisions, and an approved source for each municipality."""
        standing = {"330100"}
        for plan in self.town.plans:
            if plan.division not in standing:
                registration.create_register(
                    self.works.engines.write, code=plan.division, name=plan.division, level=Level.MUNICIPAL,
                    division=plan.division, actor=SUBMITTER, now=self.works.clock(),
                )  # fmt: skip
                standing.add(plan.division)
            scope = SourceScope((f"oai:{plan.code}.test:",), (plan.division,))
            location = self.town.places[plan.code]
            authority = "env:CA" if location.startswith("https") else ""
            self.works.add(
                NewSource(
                    plan.code, plan.division, plan.code, protocol=Protocol.OAI_PMH, location=location,
                    namespace=f"{plan.code}.test", scope=scope, ca_bundle=authority, schedule=schedule,
                )
            )  # fmt: skip

    def cycle(
        self, codes: Sequence[str], *, patience: float, until: Collection[str] = (), due: bool = False
    ) -> Cycle:
        """Have all of these harvested (``due``: whatever the clock finds due); ends when their orders have (``until``:
        when these are published), or when ``patience`` seconds have passed."""
        cycle = Cycle(self.works.clock())
        for code in codes:
            ordering.order_harvest(
                self.works.engines.write, code, full=True, actor=SUBMITTER, now=self.works.clock()
            )
        before = self._last_run()
        if due:
            self._tick()
        with Dispatcher(self.works.worker, threads=self.threads), _watching(self, cycle):
            for _ in range(int(patience / LOOK_SECONDS)):
                time.sleep(LOOK_SECONDS)
                cycle.published = self._published_since(before)
                if (until and cycle.published.keys() >= set(until)) or not self._at_work():
                    break
        cycle.published = self._published_since(before)
        return cycle

    def _tick(self) -> None:
        """Let the clock place its orders."""
        works = self.works
        ticker = Ticker(
            works.engines, "clock", works.clock, timedelta(seconds=30), "Asia/Shanghai", lambda: None
        )
        assert ticker.tick() >= len(self.town.plans)

    def last_runs(self, codes: Collection[str]) -> list[runs.Run]:
        """The newest run of each of these sources."""
        with self.works.engines.read.connect() as connection:
            newest = {run.source_code: run for run in reversed(runs.listed(connection, limit=100_000))}
        return [newest[code] for code in codes]

    def _last_run(self) -> int:
        with self.works.engines.read.connect() as connection:
            return max((run.id for run in runs.listed(connection, limit=1)), default=0)

    def _published_since(self, last_run: int) -> dict[str, datetime]:
        with self.works.engines.read.connect() as connection:
            found = runs.listed(connection, statuses=[RunStatus.PUBLISHED], limit=100_000)
        return {run.source_code: run.published_at for run in found if run.id > last_run and run.published_at}

    def _at_work(self) -> bool:
        waiting = (OrderStatus.WAITING, OrderStatus.RUNNING)
        with self.works.engines.read.connect() as connection:
            query = select(orders.c.id).where(orders.c.status.in_(waiting)).limit(1)
            return connection.execute(query).first() is not None

    def others_wait(self) -> bool:
        """Whether an order waits for a worker that is not one of the slow ones."""
        query = (
            select(orders.c.id)
            .where(orders.c.status == OrderStatus.WAITING, orders.c.slow.is_(False))
            .where(orders.c.not_before.is_(None))
        )
        with self.works.engines.read.connect() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def running(self) -> list[tuple[str, bool]]:
        """The sources whose orders are being carried out, and whether in the slow lane."""
        with self.works.engines.read.connect() as connection:
            query = (
                select(sources.c.code, orders.c.slow)
                .join_from(orders, sources, sources.c.id == orders.c.source_id)
                .where(orders.c.status == OrderStatus.RUNNING)
            )
            return [(code, slow) for code, slow in connection.execute(query)]

    def differing(self, codes: Collection[str], edition: int) -> list[str]:
        """Those municipalities of which the registers do not hold exactly the documents that they serve."""
        wanted = {
            plan.code: {
                each.identifier: document_of(parse(each.metadata.encode())).digest for each in plan.records(edition)
            }
            for plan in self.town.plans if plan.code in codes
        }  # fmt: skip
        held: dict[str, dict[str, bytes]] = {code: {} for code in codes}
        query = (
            select(sources.c.code, entries.c.identifier, documents.c.digest)
            .join_from(entries, sources, sources.c.id == entries.c.source_id)
            .join(documents, documents.c.id == entries.c.document_id)
            .where(entries.c.deleted.is_(False))
        )
        with self.works.engines.read.connect() as connection:
            for code, identifier, digest in connection.execute(query):
                if code in held:
                    held[code][identifier] = bytes(digest)
        return [code for code in codes if held[code] != wanted[code]]


@contextmanager
def _watching(district: District, cycle: Cycle) -> Iterator[None]:
    """Note again and again who holds the workers while others wait for one."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_SECONDS):
            running = district.running()
            if not district.others_wait():
                cycle.idle_looks += 1
                continue
            cycle.looks += 1
            cycle.slots.update(running)
            cycle.most_slow = max(cycle.most_slow, sum(slow for _, slow in running))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
