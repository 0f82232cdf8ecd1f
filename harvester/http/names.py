"""Names become addresses, by our own clock.

``getaddrinfo`` has no deadline: a name server that is silent holds whoever asks for as long as the machine's
resolver sees fit. It runs in a thread of its own, which is left behind when the time is up.
"""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future
from ipaddress import ip_address
from typing import Any

from harvester.errors import TransportFailure
from harvester.pulse import Pulse
from registry.model.issue import Text

Addresses = list[tuple[Any, ...]]
"""What ``socket.getaddrinfo`` returns."""

LEFT_BEHIND = 32
"""So many lookups may be under way in a process; a thread that nobody waits for any more is one of them."""

_UNKNOWN = Text("域名 {host} 无法解析", "the name {host} cannot be resolved")
_SILENT = Text(
    "域名服务器 {seconds:g} 秒内没有解析 {host}", "no name server resolved {host} within {seconds:g} seconds"
)
_ALL_SILENT = Text(
    "域名服务器无响应：{count} 个查询尚无结果，暂不解析 {host}",
    "the name servers do not answer: {count} lookups are without a result, {host} is not looked up now",
)


def resolve(host: str, port: int, pulse: Pulse, seconds: float) -> Addresses:
    """The addresses of ``host`` (a name, or an address in brackets or without). Raises ``TransportFailure``
    where there are none, or none are told within ``seconds``."""
    name = host.strip("[]")
    try:
        if _is_address(name):
            return socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        lookup = _lookups.begin(name, port)
        if lookup is None:
            raise TransportFailure(_ALL_SILENT.format(host=host, count=LEFT_BEHIND))
        return pulse.wait(seconds, lookup.result)
    except TimeoutError as error:
        raise TransportFailure(_SILENT.format(host=host, seconds=seconds)) from error
    except (OSError, UnicodeError) as error:
        raise TransportFailure(_UNKNOWN.format(host=host)) from error


def told_by_itself(host: str) -> str | None:
    """The address that ``host`` is, in whatever spelling, or stands for everywhere (``localhost``, RFC 6761); None
    for a name that has to be looked up."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return "127.0.0.1"
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return str(found[0][4][0])


def _is_address(name: str) -> bool:
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


class _Lookups:
    """The lookups of this process that are under way, one for each place."""

    def __init__(self) -> None:
        self._under_way: dict[tuple[str, int], Future[Addresses]] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, port: int) -> Future[Addresses] | None:
        """Look a name up, or join those who do; None where too many are under way."""
        place = (name, port)
        with self._lock:
            if place in self._under_way:
                return self._under_way[place]
            if len(self._under_way) >= LEFT_BEHIND:
                return None
            lookup: Future[Addresses] = Future()
            self._under_way[place] = lookup
        threading.Thread(
            target=self._look_up, args=(place, lookup), name=f"mulu-name-{name}", daemon=True
        ).start()
        return lookup

    def _look_up(self, place: tuple[str, int], lookup: Future[Addresses]) -> None:
        try:
            found = socket.getaddrinfo(*place, type=socket.SOCK_STREAM)
        except (OSError, ValueError, OverflowError) as error:
            self._end(place)
            lookup.set_exception(error)
        else:
            self._end(place)
            lookup.set_result(found)

    def _end(self, place: tuple[str, int]) -> None:
        with self._lock:
            del self._under_way[place]


_lookups = _Lookups()
