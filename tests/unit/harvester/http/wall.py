"""A wall around the tests of the door: nothing leaves this machine, and every attempt to connect is counted."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import pytest

from harvester.http.connection import WatchedSocket

LISTENED = ("127.0.0.1", "127.0.0.2", "127.0.1.2", "127.1.2.3", "127.255.255.254", "::1")
"""Where somebody listens: on every spelling of loopback that the table can come to."""


class Listener:
    """Accepts connections at ``port`` of several addresses, counts them by address, and answers nothing."""

    def __init__(self, addresses: Sequence[str] = LISTENED) -> None:
        self.accepted: list[str] = []
        self._sockets: list[socket.socket] = []
        self.port = 0
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            try:
                made = socket.create_server((address, self.port), family=family)
            except OSError:  # this machine has no IPv6, or no second loopback address
                continue
            made.settimeout(0.05)
            self.port = made.getsockname()[1]
            self._sockets.append(made)
        self._closed = threading.Event()
        self._threads = [
            threading.Thread(target=self._accept, args=(each,), daemon=True) for each in self._sockets
        ]

    def __enter__(self) -> Listener:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()

    def _accept(self, listening: socket.socket) -> None:
        while not self._closed.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            self.accepted.append(str(connection.getsockname()[0]))
            connection.close()


@dataclass
class Wall:
    """What was tried. ``attempts``: (address, port) of every connection that the door began; ``asked``: the names
    that it looked up."""

    attempts: list[tuple[str, int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


Names = Mapping[str, Sequence[str]]


@contextmanager
def wall(monkeypatch: pytest.MonkeyPatch, names: Names, *later: Names) -> Iterator[Wall]:
    """Inside, the door resolves ``names`` only (from a name's second lookup on what ``later`` says, the last for
    ever), and gets no farther than the loopback addresses of this machine."""
    built = Wall()
    really = socket.getaddrinfo
    rounds: dict[str, int] = {}

    def look_up(host: Any, port: Any, *_: object, type: int = 0, flags: int = 0, **__: object) -> Any:  # noqa: A002
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name.lower() not in names:
            return really(name, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "not numeric")
        built.asked.append(name.lower())
        turn = rounds[name] = rounds.get(name, -1) + 1
        addresses = (names, *later)[min(turn, len(later))][name.lower()]
        kind = type or socket.SOCK_STREAM
        return [found for address in addresses for found in really(address, port, type=kind)]

    def connect(connection: WatchedSocket, place: Any) -> int:
        built.attempts.append((str(place[0]), int(place[1])))
        if not ip_address(str(place[0]).partition("%")[0]).is_loopback and place[0] != "0.0.0.0":
            return errno.ECONNREFUSED
        return socket.socket.connect_ex(connection, place)

    with ExitStack() as stack:
        planted = stack.enter_context(monkeypatch.context())
        planted.setattr(socket, "getaddrinfo", look_up)
        planted.setattr(WatchedSocket, "connect_ex", connect)
        yield built
