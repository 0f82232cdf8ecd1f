"""A municipality on a loopback address: an OAI-PMH provider at ``/oai``, a plain list at ``/list.xml``."""

from __future__ import annotations

import hashlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.endpoint.exchange import Fault, Level, Reply, Visit
from tests.endpoint.faults import Play, in_order, read_play
from tests.endpoint.provider import Page, Provider
from tests.endpoint.records import Record, plain_list, sample_records
from tests.endpoint.tls import server_context


def loopback(number: int) -> str:
    """The ``number``-th address (from 0) of 127.0.0.0/16, for as many hosts as a test needs."""
    return f"127.0.{number // 250}.{number % 250 + 1}"


@dataclass(slots=True)
class Endpoint:
    """One municipality. A context manager: serves inside, is gone outside.

    ``faults`` are played together (:func:`tests.endpoint.faults.read_play` says how they are written); they may
    be changed while serving. Of several ways to send an answer each visit meets one, in turn. ``list_content`` and
    ``body``: what the list, and every OAI-PMH answer, consists of instead of the records. ``past``: what the
    records said before, for faults that repeat it; ``lure``: where those lead that lead astray. ``tempo``: the
    pause, in seconds, of everything that drips. ``files``: what stands at other paths. ``clock``: the
    time that it tells. ``visits`` records every request as it came, ``connections`` counts what was accepted.
    """

    records: list[Record] = field(default_factory=lambda: sample_records(25))
    faults: Sequence[str] = ()
    address: str = "127.0.0.1"
    port: int = 0
    tempo: float = 0.05
    page_size: int = 10
    list_content: bytes | None = None
    body: bytes | None = None
    past: Sequence[Record] = ()
    lure: str = "http://127.0.0.2:9/oai"
    files: dict[str, bytes] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    visits: list[Visit] = field(default_factory=list)
    connections: int = 0
    provider: Provider = field(init=False)
    stopped: threading.Event = field(default_factory=threading.Event)
    _server: _Server | None = field(default=None, repr=False)
    _scheme: str = "http"

    def __post_init__(self) -> None:
        self.provider = Provider(self.records, page_size=self.page_size, clock=self.clock)

    @property
    def url(self) -> str:
        """Scheme, address and port, without a path."""
        return f"{self._scheme}://{self.address}:{self.port}"

    @property
    def oai_url(self) -> str:
        """The base URL of the OAI-PMH provider."""
        return f"{self.url}/oai"

    @property
    def list_url(self) -> str:
        """The URL of the plain list."""
        return f"{self.url}/list.xml"

    def __enter__(self) -> Self:
        door = self._door()
        self._server = _Server((self.address, self.port), self)
        self.port = self._server.server_address[1]
        if door.startswith("tls"):
            self._scheme = "https"
        if door not in ("", "refused", "tls-missing"):
            self._server.context = server_context(door, self.address)
        self.provider.base_url = self.oai_url
        if door == "refused":
            self._server.server_close()
            self._server = None
        else:
            threading.Thread(target=self._server.serve, daemon=True).start()
        return self

    def _door(self) -> str:
        """The fault that is the whole server's; empty where it has none."""
        levels = (Level.TLS, Level.CONNECTION)
        found = [play.fault.name for play in self._plays() if play.fault.level in levels]
        if len(found) > 1:
            raise ValueError(f"a server is one of these: {', '.join(found)}")
        return found[0] if found else ""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        if self._server is not None:
            self._server.end()

    def _plays(self) -> list[Play]:
        return in_order(map(read_play, self.faults))

    def played(self, level: Level, visit: Visit) -> list[Fault]:
        """The faults of one level that a visit meets."""
        return [
            play.fault for play in self._plays() if play.fault.level is level and play.covers(visit.number)
        ]

    def reply(self, visit: Visit) -> Reply:
        """What a request gets, before the socket has its own faults."""
        records: Sequence[Record] = list(self.provider.records)
        for fault in self.played(Level.LIST, visit):
            records = fault.play(records, visit)
        if visit.path == "/oai":
            page: Page = self.provider.answer(visit.arguments, records)
            for fault in self.played(Level.PAGE, visit):
                page = fault.play(page, visit)
            body = self.provider.write(page) if self.body is None else self.body
            reply = Reply(200, [("Content-Type", "text/xml; charset=UTF-8")], body)
        elif visit.path == "/list.xml":
            reply = self._list(visit, records)
        else:
            file = self.files.get(visit.path)
            reply = (
                Reply(404, [], b"") if file is None else Reply(200, [("Content-Type", "text/plain")], file)
            )
        for fault in self.played(Level.ANSWER, visit):
            reply = fault.play(reply, visit)
        return reply

    def _list(self, visit: Visit, records: Sequence[Record]) -> Reply:
        content = plain_list(records) if self.list_content is None else self.list_content
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if visit.headers.get("if-none-match") == etag:
            return Reply(304, [("ETag", etag)], b"")
        return Reply(200, [("Content-Type", "application/xml"), ("ETag", etag)], content)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, place: tuple[str, int], endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.context: ssl.SSLContext | None = None
        super().__init__(place, _Handler)

    def serve(self) -> None:
        """Accept until :meth:`end`, without waking up in between."""
        while not self.endpoint.stopped.is_set():
            self._handle_request_noblock()  # type: ignore[attr-defined]

    def end(self) -> None:
        """Accept no more. What is being answered goes on until it notices."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, place = super().get_request()
        self.endpoint.connections += 1
        if self.context is not None:
            # The handshake is the handler's, in a thread of its own.
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, place

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        super().setup()

    def do_GET(self) -> None:
        endpoint = self.server.endpoint
        place = urlsplit(self.path)
        visit = Visit(
            number=len(endpoint.visits) + 1,
            path=place.path,
            arguments=dict(parse_qsl(place.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            url=endpoint.url,
            tempo=endpoint.tempo,
            connection=self.connection,
            stopped=endpoint.stopped,
            past=endpoint.past,
            lure=endpoint.lure,
        )
        endpoint.visits.append(visit)
        reply = endpoint.reply(visit)
        ways = endpoint.played(Level.WIRE, visit)
        if ways:
            with suppress(OSError):  # the other side has had enough
                ways[visit.number % len(ways)].play(reply, visit)
            self.close_connection = True
            return
        self.wfile.write(reply.head() + reply.body)
        self.close_connection = self.close_connection or endpoint.stopped.is_set()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The visits are the log."""
