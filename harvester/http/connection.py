"""Connections that go only where the policy lets them, and that are watched while they are read.

An adapter for requests: a name is resolved once, every address it has is judged, one that passes is
connected to by number (so that no second answer of the name server can replace it), and what the socket
says it is connected to is judged again. Reading goes through :class:`harvester.http.budgets.Watch`.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import urllib3
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from harvester.errors import FatalFailure, HarvestFailure, TransportFailure
from harvester.http import names
from harvester.http.addresses import AddressPolicy
from harvester.http.budgets import Watch
from harvester.pulse import Pulse
from registry.model.issue import Text

_REFUSED = Text(
    "地址 {address}（{host}）不在允许范围内。如该接口位于内网，请由管理员将其网段加入来源或系统的允许列表。",
    "the address {address} ({host}) is not an allowed one. Where the endpoint lives in an internal network, "
    "its range can be allowed for the source or for the installation.",
)
_UNREACHABLE = Text("无法连接 {host}:{port}", "no connection to {host}, port {port}")


_ADDRESSES_TRIED = 4  # of a name with many: each may take the whole time for connecting
_UNDER_WAY = (errno.EINPROGRESS, errno.EALREADY, errno.EWOULDBLOCK)


@dataclass(frozen=True, slots=True)
class Passage:
    """Where one exchange may go and what it may cost. ``policy`` is None on the way to our own proxy."""

    policy: AddressPolicy | None
    watch: Watch


_passage: ContextVar[Passage] = ContextVar("passage")


@contextmanager
def through(passage: Passage) -> Iterator[None]:
    """Connections opened or used again inside (in this thread) follow ``passage``."""
    token = _passage.set(passage)
    try:
        yield
    finally:
        _passage.reset(token)


class WatchedSocket(socket.socket):
    """A socket whose reads a watch limits."""

    watch: Watch | None = None

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        receive = super().recv_into
        if self.watch is None:
            return receive(buffer, nbytes, flags)
        return self.watch.read(self, lambda: receive(buffer, nbytes, flags))


class WatchedTlsSocket(ssl.SSLSocket):
    """The same above TLS. The handshake, which comes first, is watched by the passage that it belongs to."""

    watch: Watch | None = None

    def do_handshake(self, block: bool = False) -> None:
        watch, shake_hands = _passage.get().watch, super().do_handshake

        def within(seconds: float) -> None:
            self.settimeout(seconds)
            shake_hands(block)

        try:
            watch.pulse.wait(watch.limits.connect_seconds, within)
        except HarvestFailure:
            self.close()
            raise

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        receive = super().recv_into
        if self.watch is None:
            return receive(buffer, nbytes, flags)
        return self.watch.read(self, lambda: receive(buffer, nbytes, flags))


def check_proxied(host: str, policy: AddressPolicy) -> None:
    """What a proxy of ours resolves, it has to judge; what needs no resolving is judged here. Raises
    ``FatalFailure``."""
    address = names.told_by_itself(host)
    if address is not None and policy.refusal(address) is not None:
        raise FatalFailure(_REFUSED.format(address=address, host=host))


def open_socket(host: str, port: int, passage: Passage) -> WatchedSocket:
    """A connection to one of the addresses of ``host`` that the policy lets pass.

    Raises ``FatalFailure`` where it lets none pass, ``TransportFailure`` where none answers.
    """
    pulse, seconds = passage.watch.pulse, passage.watch.limits.connect_seconds
    found = names.resolve(host, port, pulse, seconds)
    allowed = [each for each in found if not _refuses(passage, str(each[4][0]))]
    if found and not allowed:
        raise FatalFailure(_REFUSED.format(address=found[0][4][0], host=host))
    cause: OSError | None = None
    for family, kind, protocol, _, place in allowed[:_ADDRESSES_TRIED]:
        connection = WatchedSocket(family, kind, protocol)
        connection.watch = passage.watch
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _connect(connection, place, pulse, seconds)
            connected = str(connection.getpeername()[0])
        except OSError as error:
            connection.close()
            cause = error
            continue
        except HarvestFailure:
            connection.close()
            raise
        if _refuses(passage, connected):
            connection.close()
            raise FatalFailure(_REFUSED.format(address=connected, host=host))
        return connection
    raise TransportFailure(_UNREACHABLE.format(host=host, port=port)) from cause


def _connect(connection: socket.socket, place: Any, pulse: Pulse, seconds: float) -> None:
    """Connect, and leave the socket with ``seconds`` as its timeout. Raises ``OSError``."""
    connection.setblocking(False)
    code = connection.connect_ex(place)
    if code in _UNDER_WAY:
        poll = select.poll()
        poll.register(connection, select.POLLOUT)

        def writable(within: float) -> None:
            if not poll.poll(within * 1000):
                raise TimeoutError

        pulse.wait(seconds, writable)
        code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))
    connection.settimeout(seconds)


def _refuses(passage: Passage, address: str) -> bool:
    return passage.policy is not None and passage.policy.refusal(address) is not None


class PlainConnection(HTTPConnection):
    """HTTP over a socket from :func:`open_socket`."""

    def _new_conn(self) -> socket.socket:
        return open_socket(self._dns_host, self.port, _passage.get())

    def request(self, *args: Any, **kwargs: Any) -> None:
        _watch_again(self.sock)
        super().request(*args, **kwargs)

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3 does
        _note_end(self.sock, _passage.get())
        response = super().getresponse()
        _passage.get().watch.begin_body()
        return response


class TlsConnection(PlainConnection, HTTPSConnection):
    """The same over TLS: certificate and name are verified by the adapter's context."""


def _watch_again(connection: object) -> None:
    """A kept connection serves the next exchange: under that one's watch, with a fresh timeout."""
    if isinstance(connection, WatchedSocket | WatchedTlsSocket):
        connection.watch = _passage.get().watch
        connection.settimeout(connection.watch.limits.gap_seconds)


def _note_end(connection: object, passage: Passage) -> None:
    """Let the pulse of the walk tell who is at the other end. (Through a proxy, that says nothing.)"""
    if passage.policy is not None and isinstance(connection, WatchedSocket | WatchedTlsSocket):
        pulse = passage.watch.pulse
        with suppress(OSError):  # it has closed already; the answer will tell
            pulse.address = str(connection.getpeername()[0])
        pulse.tls = connection.version() or "" if isinstance(connection, WatchedTlsSocket) else ""


class PlainPool(HTTPConnectionPool):
    ConnectionCls = PlainConnection


class TlsPool(HTTPSConnectionPool):
    ConnectionCls = TlsConnection


def tls_context(authorities: str, load: Callable[[ssl.SSLContext], None] | None = None) -> ssl.SSLContext:
    """A client context that verifies certificate and name against ``authorities`` (PEM) only.

    ``load`` may add a client certificate. Raises ``ssl.SSLError`` where ``authorities`` holds none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cadata=authorities)
    context.sslsocket_class = WatchedTlsSocket
    if load is not None:
        load(context)
    return context


class WatchedAdapter(HTTPAdapter):
    """Keeps watched connections open between requests; one for each policy and TLS context."""

    def __init__(self, context: ssl.SSLContext, connections: int) -> None:
        self._context = context
        super().__init__(pool_connections=8, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **kwargs)
        self._use_watched(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)
        self._use_watched(manager)
        return manager

    def cert_verify(self, conn: Any, *_: object) -> None:
        """The context verifies; requests must not add its own authorities to it."""
        conn.cert_reqs = "CERT_REQUIRED"

    def exchange(self, request: PreparedRequest, passage: Passage, proxy: str) -> Response:
        """Send ``request`` and read the header of its answer; the body is left to the caller.

        No session: one would keep cookies, read ``.netrc`` and swallow the body of a redirect.
        """
        limits = passage.watch.limits
        with through(passage):
            return self.send(
                request,
                stream=True,
                timeout=(limits.connect_seconds, limits.gap_seconds),
                proxies={"http": proxy, "https": proxy} if proxy else None,
            )

    @staticmethod
    def _use_watched(manager: Any) -> None:
        manager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}
