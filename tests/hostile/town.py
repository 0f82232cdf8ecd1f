"""Many municipalities in a process of their own, each on its own loopback address, told from here what to play."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, NamedTuple, Self

from tests.endpoint import Endpoint, Record, catalogue_records, loopback
from tests.endpoint.tls import authority_pem

DOORS = ("tls", "tls-client", "tls-expired", "tls-wrong-name", "tls-untrusted", "tls-missing", "refused")


class Plan(NamedTuple):
    """One municipality: its name, how many records it has, about which division, and behind which door it is served
    as long as it behaves (``tls`` or none). ``habits``: what it always plays, none of it a fault."""

    code: str
    size: int
    division: str
    door: str = ""
    habits: tuple[str, ...] = ()
    page_size: int = 10

    def records(self, edition: int) -> list[Record]:
        """What it tells in an edition. Each changes a third of the records, which say so: more would look as if
        the list had been rewritten."""
        editions = [
            catalogue_records(self.size, f"{self.code}.test", self.division, f"第{max(0, edition - back)}版·")
            for back in range(3)
        ]
        return [editions[(edition - number) % 3][number] for number in range(self.size)]


@dataclass(slots=True)
class Town:
    """The municipalities of ``plans``, from ``loopback(first)`` on. A context manager. ``lure``: where those redirect
    to that lead astray."""

    plans: Sequence[Plan]
    first: int = 0
    tempo: float = 1.0
    lure: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    authority: str = ""
    _channel: Connection = field(init=False, repr=False)
    _process: Any = field(init=False, repr=False)

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self._channel, theirs = context.Pipe()
        arguments = (theirs, list(self.plans), self.first, self.tempo, self.lure)
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        self.places, self.authority = self._channel.recv()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._channel.close()
        self._process.join(20)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()

    def tell(self, edition: int, codes: Sequence[str]) -> None:
        """From now on these municipalities tell this edition."""
        self._ask("tell", edition, list(codes))

    def play(self, faults: Mapping[str, Sequence[str]]) -> None:
        """From now on these municipalities play these faults (none: they behave)."""
        self._ask("play", {code: tuple(played) for code, played in faults.items()})

    def visits(self) -> Mapping[str, int]:
        """How often each was asked."""
        return dict(self._ask("visits"))

    def _ask(self, *question: Any) -> Any:
        self._channel.send(question)
        return self._channel.recv()


def _serve(channel: Connection, plans: list[Plan], first: int, tempo: float, lure: str) -> None:
    """The process: answer questions until nobody asks any more."""
    streets = [_House(plan, loopback(first + number), tempo, lure) for number, plan in enumerate(plans)]
    houses = {house.plan.code: house for house in streets}
    channel.send(({code: house.endpoint.oai_url for code, house in houses.items()}, authority_pem()))
    while True:
        try:
            what, *told = channel.recv()
        except EOFError:
            break
        answer: Any = None
        if what == "tell":
            for code in told[1]:
                houses[code].tell(told[0])
        elif what == "play":
            for code, faults in told[0].items():
                houses[code].play(faults)
        else:
            answer = {code: len(house.endpoint.visits) for code, house in houses.items()}
        channel.send(answer)
    for house in streets:
        house.endpoint.__exit__(None, None, None)


class _House:
    """One municipality in the process: an endpoint that is opened anew where its door changes."""

    def __init__(self, plan: Plan, address: str, tempo: float, lure: str) -> None:
        self.plan = plan
        self.endpoint = Endpoint(plan.records(1), (), address, 0, tempo, plan.page_size, lure=lure)
        self._open(plan.door, plan.habits)

    def _open(self, door: str, faults: Sequence[str]) -> None:
        self.endpoint.provider.prefix = "catalogue"
        self.endpoint.faults = (*([door] if door else ()), *faults)
        self.endpoint.__enter__()

    def tell(self, edition: int) -> None:
        self.endpoint.past = list(self.endpoint.provider.records)
        self.endpoint.provider.records[:] = self.plan.records(edition)

    def play(self, faults: Sequence[str]) -> None:
        doors = [fault for fault in faults if fault in DOORS]
        others = [*self.plan.habits, *(fault for fault in faults if fault not in DOORS)]
        door = doors[0] if doors else self.plan.door
        standing = next((fault for fault in self.endpoint.faults if fault in DOORS), "")
        if door == standing:
            self.endpoint.faults = (*([door] if door else ()), *others)
            return
        before = self.endpoint
        before.__exit__(None, None, None)
        self.endpoint = Endpoint(
            before.provider.records, (), before.address, before.port, before.tempo, before.page_size,
            past=before.past, visits=before.visits, lure=before.lure,
        )  # fmt: skip
        self._open(door, others)
