"""What tests are made of: records (:mod:`tests.records`), and a store filled with them through the real services.

``Installation`` stands for the harvester: it orders, stages, settles and publishes what it is given, at the
time that its clock shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from harvester.pipeline import walk_register
from harvester.pipeline.upward import judged
from harvester.rules.examination import Examiner
from registry.model.event import Actor
from registry.model.harvesting import RecordKey
from registry.model.issue_ledger import KEEPING, Keeping
from registry.model.lifecycle import SourceAction
from registry.model.order import Order, OrderStatus
from registry.model.record import CheckedRecord, Condition, Page
from registry.model.register import Level, Policy, Register
from registry.model.run import Ending, Walk
from registry.model.source import Protocol, SourceDescription, SourceScope
from registry.model.visibility import day_of
from registry.outlets.upward import UpwardReader
from registry.services import indexing, ownership, registration
from registry.services.expiry import expire
from registry.services.ingest.opening import Windowing, open_run
from registry.services.ingest.settle import Settler
from registry.services.ingest.stage import RegisterSink
from registry.services.ordering import Claims, order_harvest
from registry.store import registers, runs
from registry.store.engine import Engines
from tests.records import BEGINNING, ENDPOINT, catalogue_document, deleted, identifier_of, live

__all__ = [
    "APPROVER",
    "BEGINNING",
    "COMPLETE_WALK",
    "ENDPOINT",
    "SUBMITTER",
    "Clock",
    "Harvest",
    "Installation",
    "catalogue_document",
    "deleted",
    "identifier_of",
    "live",
]

SUBMITTER, APPROVER = Actor("li"), Actor("wang")


@dataclass(slots=True)
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = BEGINNING

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """Move it forward by a ``timedelta(**by)``."""
        self.now += timedelta(**by)


COMPLETE_WALK = Walk(Ending.FINISHED)


@dataclass(slots=True)
class Harvest:
    """A harvest that has begun: its order, its run, and the sink that takes its pages. ``source`` is as a walk sees it,
    with what others own."""

    installation: Installation
    order: Order
    run: runs.Run
    sink: RegisterSink
    source: SourceDescription
    pages: int = 0

    def take(self, records: Sequence[CheckedRecord], *, resumable: bool = True) -> None:
        """Take one page. Records that the registry knows already, and those that others own, arrive as such, as from
        the sandbox."""
        known = self.sink.known([RecordKey(each.identifier, each.raw_digest) for each in records])
        arriving = [
            CheckedRecord(
                each.identifier, Condition.KNOWN, each.raw_digest, datestamp=each.datestamp, place=each.place
            )
            if is_known and each.condition is Condition.LIVE
            else each
            for each, is_known in zip(records, known, strict=True)
        ]
        if self.source.owned_elsewhere:
            arriving = judged(Examiner(self.source, day_of(self.installation.clock())), arriving)
        self.pages += 1
        self.sink.take([Page(self.pages, arriving, f"behind {self.pages}" if resumable else None)])

    def finish(self, walk: Walk = COMPLETE_WALK) -> runs.Run:
        """Close the run, and settle it if that was decided."""
        self.sink.finish(walk)
        return self.settle()

    def settle(self) -> runs.Run:
        """Settle what is decided in the register, end the order; the run as it then stands."""
        self.installation.settle(self.order.register_id)
        self.installation.claims.finish(self.order, OrderStatus.DONE, {})
        with self.installation.engines.read.connect() as connection:
            return runs.get(connection, self.run.id)


@dataclass(slots=True)
class Installation:
    """Registers and sources in a store, and the steps that bring records into them."""

    engines: Engines
    clock: Clock = field(default_factory=Clock)
    index: bool = False
    keeping: Keeping = KEEPING

    @property
    def claims(self) -> Claims:
        return Claims(self.engines.write, "test", self.clock, timedelta(minutes=1))

    @property
    def settler(self) -> Settler:
        return Settler(self.engines, "test", self.clock, lambda _seconds: None, keeping=self.keeping)

    def register(
        self,
        code: str,
        name: str = "杭州市",
        level: Level = Level.MUNICIPAL,
        division: str = "",
        policy: Policy | None = None,
    ) -> Register:
        """A new register; its division is its code unless told."""
        return registration.create_register(
            self.engines.write, code=code, name=name, level=level, division=division or code,
            policy=policy, actor=SUBMITTER, now=self.clock(),
        )  # fmt: skip

    def source(
        self,
        code: str,
        register_code: str,
        namespace: str = "hangzhou.gov.cn",
        location: str = "",
        protocol: Protocol = Protocol.FOLDER,
        prefixes: tuple[str, ...] = (),
    ) -> str:
        """A new, approved source (by default one that delivers through a folder); returns its code."""
        engine, now = self.engines.write, self.clock()
        default = f"/deliveries/{code}" if protocol is Protocol.FOLDER else f"http://{code}.example/oai"
        registration.add_source(
            engine,
            registration.NewSource(
                code, register_code, code, protocol, location or default, namespace=namespace,
                scope=SourceScope(identifier_prefixes=prefixes),
            ),
            actor=SUBMITTER, now=now,
        )  # fmt: skip
        for action, actor in ((SourceAction.SUBMIT, SUBMITTER), (SourceAction.APPROVE, APPROVER)):
            registration.act(engine, code, action, actor=actor, now=now)
        return code

    def register_with_source(self, code: str, namespace: str = "hangzhou.gov.cn") -> str:
        """A municipal register with one source, whose code is returned."""
        self.register(code)
        return self.source(f"{code}-source", code, namespace)

    def deliver(
        self,
        source_code: str,
        records: Sequence[CheckedRecord],
        *,
        full: bool = False,
        page_size: int = 500,
        publish: bool = True,
    ) -> int:
        """Harvest ``records`` from a source, settle and publish; returns the run's id.

        The clock moves three seconds: behind it, answers show what was published.
        """
        begun = self.open(source_code, full=full)
        assert begun is not None
        for start in range(0, len(records), page_size):
            begun.take(records[start : start + page_size])
        begun.sink.finish(COMPLETE_WALK)
        if publish:
            begun.settle()
        else:
            self.claims.finish(begun.order, OrderStatus.DONE, {})
        return begun.run.id

    def open(self, source_code: str, *, full: bool = True, rules_version: int = 1) -> Harvest | None:
        """Begin a harvest of a source (``full``: of its whole list); None where a held run is in the way."""
        return self.carry_out(self.order(source_code, full=full), rules_version=rules_version)

    def order(self, source_code: str, *, full: bool = True) -> int:
        """Ask for a harvest; the order's id."""
        return order_harvest(self.engines.write, source_code, full=full, actor=SUBMITTER, now=self.clock())

    def carry_out(self, order_id: int, *, rules_version: int = 1) -> Harvest | None:
        """Begin what was ordered; None where that cannot be done now."""
        order = self.claims.claim(order_id)
        assert order is not None
        run = open_run(
            self.engines.write,
            order,
            rules_version=rules_version,
            now=self.clock(),
            windowing=Windowing(),
        )
        if run is None:
            self.claims.finish(order, OrderStatus.DONE, {})
            return None
        sink = RegisterSink(self.engines, self.claims, order, run, self.keeping)
        return Harvest(self, order, run, sink, self._for_walk(order))

    def _for_walk(self, order: Order) -> SourceDescription:
        """The source of an order, with what others own."""
        assert order.source is not None
        with self.engines.read.connect() as connection:
            return ownership.for_walk(connection, order.source)

    def harvest(
        self,
        source_code: str,
        *pages: Sequence[CheckedRecord],
        full: bool = True,
        walk: Walk = COMPLETE_WALK,
        rules_version: int = 1,
    ) -> runs.Run:
        """Take the ``pages`` that a source answers with, close the run, settle what is decided; returns the
        run as it then stands. The clock moves a second a page."""
        begun = self.open(source_code, full=full, rules_version=rules_version)
        assert begun is not None
        for page in pages:
            begun.take(page)
            self.clock.advance(seconds=1)
        return begun.finish(walk)

    def read_upward(self, source_code: str, *, full: bool = False) -> runs.Run:
        """Harvest the register that a source of protocol ``register`` reads; returns the run."""
        begun = self.open(source_code, full=full)
        assert begun is not None
        reader = UpwardReader(self.engines, "http://mulu.example", self.clock)
        walk_register(begun.source, begun.run.window, begun.sink, reader, day_of(self.clock()))
        return begun.settle()

    def take_over(self, harvest: Harvest) -> Harvest:
        """Go on with a harvest whose worker has died: once its claim has run out, at its checkpoint."""
        order = self.claims.claim(harvest.order.id)
        assert order is not None
        version = harvest.run.rules_version
        run = open_run(
            self.engines.write, order, rules_version=version, now=self.clock(), windowing=Windowing()
        )
        assert run is not None
        sink = RegisterSink(self.engines, self.claims, order, run, self.keeping)
        return Harvest(self, order, run, sink, self._for_walk(order), run.tally.pages)

    def read_run(self, run_id: int) -> runs.Run:
        """A run as it stands."""
        with self.engines.read.connect() as connection:
            return runs.get(connection, run_id)

    def settle(self, register_id: int) -> None:
        """Settle and publish what is decided in a register."""
        self.settler.settle_register(register_id)
        if self.index:
            indexing.feed(self.engines, register_id)
        self.clock.advance(seconds=3)

    def expire(self, code: str, on: date) -> int:
        """Publish what the calendar changed in a register; returns how many entries."""
        with self.settler.hold(self.read(code).id) as lease:
            changed = expire(lease, on)
        self.clock.advance(seconds=3)
        return changed

    def read(self, code: str) -> Register:
        """The register as it stands."""
        with self.engines.read.connect() as connection:
            return registers.get(connection, code)
