"""A request and its answer on the way through the faults."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from tests.endpoint.records import Record

_REASONS = {
    200: "OK",
    302: "Found",
    304: "Not Modified",
    429: "Too Many Requests",
    503: "Service Unavailable",
}


class Level(StrEnum):
    """Where a fault acts, in the order in which an answer comes about."""

    LIST = "list"
    PAGE = "page"
    ANSWER = "answer"
    WIRE = "wire"
    TLS = "tls"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. ``number`` counts from 1; ``arguments`` are those of its query; ``past``: what the records
    of the endpoint said before; ``lure``: an address that nobody may be led to."""

    number: int
    path: str
    arguments: Mapping[str, str]
    headers: Mapping[str, str]
    url: str
    tempo: float
    connection: socket.socket
    stopped: threading.Event
    past: Sequence[Record] = ()
    lure: str = ""

    @property
    def is_continued(self) -> bool:
        """Whether this asks for the second page of a list or a later one."""
        return "resumptionToken" in self.arguments

    def pause(self) -> bool:
        """Wait for a beat of the tempo; False once the endpoint is being stopped."""
        return not self.stopped.wait(self.tempo)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer that may still be changed."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def head(self, length: int | None = -1) -> bytes:
        """Status line and header; ``length`` None leaves ``Content-Length`` out, -1 tells the truth."""
        fields = [*self.headers]
        if length is not None:
            fields.append(("Content-Length", str(len(self.body) if length < 0 else length)))
        lines = [f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@dataclass(frozen=True, slots=True)
class Fault:
    """One row. ``play`` is by level: LIST (records, Visit) → records, PAGE (Page, Visit) → Page, ANSWER (Reply,
    Visit) → Reply, WIRE (Reply, Visit) → None. TLS and CONNECTION faults only have a name: the server knows
    them."""

    name: str
    level: Level
    about: str
    play: Callable[[Any, Visit], Any] = lambda played, _: played


Table: TypeAlias = Iterable[tuple[str, str, Callable[[Any, Visit], Any]]]


def rows(level: Level, table: Table) -> tuple[Fault, ...]:
    """The faults of one level: their names, what they are, and how they are played."""
    return tuple(Fault(name, level, about, play) for name, about, play in table)
