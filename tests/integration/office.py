"""An office without an endpoint, and a city register for which it hands records in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from sqlalchemy import select

from config.settings import Settings
from harvester.assembly import desk_of, worker_on
from harvester.pipeline import Road
from harvester.retry import Retrying
from harvester.sandbox import AnswerReader
from harvester.worker import Worker
from registry.model.delivery import Delivery, FileKind, Origin
from registry.model.event import Actor
from registry.model.inspection import Previewed
from registry.model.lifecycle import SourceAction
from registry.model.role import Role
from registry.model.source import Protocol
from registry.services import delivering, registration
from registry.services.delivering import HandedIn, Room
from registry.store import deliveries, orders, runs
from registry.store.tables import delivery_pieces
from tests.factories import APPROVER, Installation
from tests.integration.people import account
from tests.unit.registry.formats.test_columns import MINIMAL

CITY, SOURCE = "330100", "desk"
ROOM = Room(file_bytes=1 << 20, waiting=5)
ROW = MINIMAL | {"division": CITY, "rpOrgName": "杭州市住房和城乡建设局"}


def csv_of(rows: Iterable[Mapping[str, str]]) -> bytes:
    """A table with these rows."""
    lines = [",".join(ROW), *(",".join(row[name] for name in ROW) for row in rows)]
    return "\n".join(lines).encode()


def rows(count: int, **changes: str) -> list[dict[str, str]]:
    """So many rows in which nothing is wrong."""
    return [ROW | {"mdId": f"K-{number}", **changes} for number in range(1, count + 1)]


def identifier(number: int) -> str:
    """The identifier of the record in that row."""
    return f"oai:desk.test:K-{number}"


@dataclass
class TownHall:
    """The office's officer, the register, and the worker."""

    installation: Installation
    worker: Worker
    officer: Actor

    def hand_in(self, content: bytes, kind: FileKind = FileKind.CSV, **options: Any) -> int:
        """Hand a file in; the delivery's id."""
        what = HandedIn(f"list{kind}", kind, Origin.FILE, pieces=(content,), **options)
        return self.keep(what)

    def keep(self, what: HandedIn, room: Room = ROOM) -> int:
        """Hand something in."""
        engine, now = self.installation.engines.write, self.installation.clock()
        return delivering.hand_in(engine, SOURCE, what, room=room, actor=self.officer, now=now)

    def preview(self, delivery_id: int) -> Previewed:
        """Have a delivery looked at: what was found."""
        kept = self.delivery(delivery_id)
        assert kept.order_id is not None
        assert self.worker.carry_out(kept.order_id) is not None
        with self.installation.engines.read.connect() as connection:
            order = orders.placed(connection, kept.order_id)
        assert order is not None and order.outcome is not None, order
        return msgspec.convert(order.outcome, Previewed)

    def deliver(self, delivery_id: int) -> runs.Run:
        """Deliver it, and harvest: the run as it then stands."""
        clock = self.installation.clock
        order_id = delivering.deliver(
            self.installation.engines.write, delivery_id, actor=self.officer, now=clock()
        )
        outcome = self.worker.carry_out(order_id)
        assert outcome is not None and outcome.run is not None, outcome
        clock.advance(seconds=3)
        return outcome.run

    def bring(self, content: bytes, **options: Any) -> runs.Run:
        """Hand a table in, have it looked at, deliver it."""
        delivery_id = self.hand_in(content, **options)
        self.preview(delivery_id)
        return self.deliver(delivery_id)

    def delivery(self, delivery_id: int) -> Delivery:
        """A delivery as it stands."""
        with self.installation.engines.read.connect() as connection:
            return deliveries.get(connection, delivery_id)

    def content(self, delivery_id: int) -> bytes:
        """The bytes that are kept of a delivery."""
        with self.installation.engines.read.connect() as connection:
            return b"".join(deliveries.pieces(connection, delivery_id))


def pieces(office: TownHall) -> int:
    """How many pieces of bytes the store keeps of whatever was handed in."""
    with office.installation.engines.read.connect() as connection:
        return len(connection.execute(select(delivery_pieces.c.number)).all())


def open_office(installation: Installation, reader: AnswerReader, *, approved: bool = True) -> TownHall:
    """An office with an approved source."""
    installation.register(CITY)
    officer = account(installation, "li.na", (Role.SUBMITTER, CITY))
    engine, clock = installation.engines.write, installation.clock
    new = registration.NewSource(SOURCE, CITY, SOURCE, Protocol.CONSOLE, "", namespace="desk.test")
    registration.add_source(engine, new, actor=officer, now=clock())
    registration.act(engine, SOURCE, SourceAction.SUBMIT, actor=officer, now=clock())
    if approved:
        registration.act(engine, SOURCE, SourceAction.APPROVE, actor=APPROVER, now=clock())
    return TownHall(installation, worker_of(installation, reader), officer)


def worker_of(installation: Installation, reader: AnswerReader) -> Worker:
    """A worker that reads what is handed in, and nothing else."""
    settings, clock = Settings(Path("/nowhere")), installation.clock
    desk = desk_of(settings, installation.engines)
    road = Road(
        lambda request, source, _pulse: desk.open_answer(request, source),
        reader, clock, lambda _: None, Random(1), bytes(32), Retrying(1),
    )  # fmt: skip
    return worker_on(
        settings, installation.engines, road, holder="test", clock=clock, sleep=lambda _: None, index=False
    )
