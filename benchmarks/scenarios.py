"""What is measured: each scenario prints its figures as lines of JSON. Run one in a process of its own."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks import endpoint, floor, guarding, pages, product, walking
from benchmarks.meter import Cost, metered, postmaster

_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario on one database with so many records."""

    name: str
    database: str
    postgres: str
    records: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """``factors``: at which multiples of the catalogue's size it runs."""

    name: str
    run: Callable[[Run], None]
    factors: Sequence[float] = (1.0,)


class Run:
    """A case being measured: where it works, and how it tells its figures."""

    def __init__(self, case: Case, base_url: str, folder: Path) -> None:
        self.case, self.base_url, self.folder = case, base_url, folder
        self.clock = product.Clock()
        self.server = postmaster(case.postgres) if self.on_postgres else None

    @property
    def on_postgres(self) -> bool:
        return self.case.database == "postgresql"

    def url(self) -> str:
        """An empty store."""
        return self.case.postgres if self.on_postgres else f"sqlite:///{self.folder / 'store.sqlite3'}"

    def state(self, **values: int) -> None:
        """Set what the endpoint answers."""
        endpoint.set_state(self.base_url, **values)

    def measure(self, figure: str, work: Callable[[], object], units: int) -> Cost:
        """Do the work, and tell what it cost under the name ``figure``, per ``units`` records."""
        with metered(self.server) as cost:
            work()
        self._tell(figure, units, cost)
        return cost

    def tell_times(self, figure: str, seconds: Sequence[float]) -> None:
        """Tell how long each of some equal things took."""
        self._tell(figure, len(seconds), Cost(wall=sum(seconds)), p95=p95(seconds))

    def _tell(self, figure: str, units: int, cost: Cost, **more: float) -> None:
        told = {
            "scenario": self.case.name, "database": self.case.database, "records": self.case.records,
            "figure": figure, "units": units, "cpu": cost.cpu, "wall": cost.wall, "peak_pss": cost.peak_pss,
        }  # fmt: skip
        print(json.dumps({**told, **more}), flush=True)

    def rest(self) -> None:
        """Let the database do now what it would do by itself some time later."""
        if self.on_postgres:
            engine = create_engine(self.case.postgres, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("VACUUM (ANALYZE)"))
            engine.dispose()

    def next_day(self) -> None:
        self.clock.offset += timedelta(days=1, seconds=5)


def p95(seconds: Sequence[float]) -> float:
    """The time within which 95 of 100 came."""
    return statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else sum(seconds)


def run_floor(run: Run, *, index: bool) -> None:
    """The straight-line script: first, unchanged."""
    engine = create_engine(run.url())
    floor.prepare(engine)
    size = run.case.records
    run.state(size=size, revision=0, touched=0)
    run.measure("first", lambda: floor.harvest(engine, run.base_url, index=index), size)
    run.measure("unchanged", lambda: floor.harvest(engine, run.base_url, index=index), size)


def run_product(run: Run, *, index: bool) -> None:
    """The product: first, unchanged, one per cent changed, one hop upward, and the provider's walk."""
    size = run.case.records
    run.state(size=size, revision=0, touched=0)
    opened = product.installation(run.url(), run.folder, run.base_url, run.clock, index=index)
    with opened as worker:
        now = run.clock

        def harvest(source: str, full: bool) -> Callable[[], object]:
            return lambda: product.harvest(worker, source, full=full, now=now())

        run.measure("first", harvest("city", True), size)
        run.next_day()
        run.measure("unchanged", harvest("city", True), size)
        product.add_hop(worker, now())
        run.measure("hop", harvest("hop", False), size)
        run.next_day()
        run.state(revision=1, touched=size // 100)
        run.measure("one per cent", harvest("city", False), size // 100)
        run.measure("one per cent upward", harvest("hop", False), size // 100)
        run.next_day()
        if index:
            walking.measure(run, worker)


def run_changes(run: Run) -> None:
    """100 changes, and the same upward, after the catalogue was harvested and the database has come to rest: twenty
    times, since the clock of processes counts hundredths of a second."""
    size = run.case.records
    run.state(size=size, revision=0, touched=0)
    opened = product.installation(run.url(), run.folder, run.base_url, run.clock, index=True)
    with opened as worker:
        now = run.clock
        run.measure("first", lambda: product.harvest(worker, "city", full=True, now=now()), size)
        product.add_hop(worker, now())
        product.harvest(worker, "hop", full=False, now=now())
        run.rest()
        for revision in range(1, _ROUNDS + 1):
            run.clock.offset += timedelta(hours=1)  # so that the whole list does not fall due meanwhile
            run.state(revision=revision, touched=100)
            run.measure("100 changes", lambda: product.harvest(worker, "city", full=False, now=now()), 100)
            run.measure(
                "100 changes upward", lambda: product.harvest(worker, "hop", full=False, now=now()), 100
            )


SCENARIOS = (
    Scenario("floor", lambda run: run_floor(run, index=False)),
    Scenario("floor with index", lambda run: run_floor(run, index=True)),
    Scenario("product", lambda run: run_product(run, index=False)),
    Scenario("product with index", lambda run: run_product(run, index=True)),
    Scenario("guarded", guarding.run_guarded),
    Scenario("overlap", guarding.run_overlap),
    Scenario("console", pages.run_console),
    Scenario("changes", run_changes, factors=(0.2, 2.0, 10.0)),
)


if __name__ == "__main__":
    name, database, postgres, records, base_url, folder = sys.argv[1:]
    case = Case(name, database, postgres, int(records))
    scenario = next(each for each in SCENARIOS if each.name == name)
    scenario.run(Run(case, base_url, Path(folder)))
