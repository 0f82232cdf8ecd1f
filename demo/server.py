"""The sample's server: one process on the loopback address, a path per place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from demo.generator import records_of
from demo.municipal_list import municipal_list
from demo.oaipmh import Provider
from demo.places import PLACES, Place, Publishing
from demo.records import DATA_DATE, moment
from demo.situations import FAILING, WAITING

HOST = "127.0.0.1"
_LARGEST_FORM = 4096
_XML = "text/xml; charset=utf-8"
_MOVED = "<!DOCTYPE html><html><head><title>{name}</title></head><body><p>网站已改版，请从首页访问。</p></body></html>"


class SampleServer(ThreadingHTTPServer):
    """Serves every place of the sample. ``port`` 0: any free one. Raises ``OSError`` where it is taken."""

    daemon_threads = True
    request_queue_size = 64
    allow_reuse_address = True

    def __init__(self, port: int, clock: Callable[[], datetime]) -> None:
        super().__init__((HOST, port), _Handler)
        self.clock = clock
        self.places = {place.path: place for place in (*PLACES, WAITING, FAILING)}

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://{HOST}:{self.server_port}"

    def provider(self, place: Place) -> Provider:
        """The OAI-PMH provider of a place."""
        return Provider(place, records_of(place), f"{self.url}{place.path}")


class _Handler(BaseHTTPRequestHandler):
    server: SampleServer
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        """OAI-PMH by query, the plain lists, and a page that names them all."""
        parts = urlsplit(self.path)
        place = self.server.places.get(parts.path)
        if parts.path == "/":
            self._send("text/plain; charset=utf-8", _overview(self.server).encode())
        elif place is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif place.publishing is Publishing.OAI_PMH:
            self._answer_oaipmh(place, parts.query)
        elif place.publishing is Publishing.WEB_PAGE:
            self._send("text/html; charset=utf-8", _MOVED.format(name=place.name).encode())
        else:
            self._send_list(place)

    do_HEAD = do_GET  # noqa: N815 (the name that http.server looks for)

    def do_POST(self) -> None:
        """OAI-PMH by form (section 3.1.1.2)."""
        place = self.server.places.get(urlsplit(self.path).path)
        length = self.headers.get("Content-Length", "")
        if place is None or place.publishing is not Publishing.OAI_PMH:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif not length.isdecimal() or int(length) > _LARGEST_FORM:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._answer_oaipmh(place, self.rfile.read(int(length)).decode("ascii", "replace"))

    def _answer_oaipmh(self, place: Place, query: str) -> None:
        arguments = parse_qsl(query, keep_blank_values=True)
        self._send(_XML, self.server.provider(place).answer(arguments, self.server.clock()))

    def _send_list(self, place: Place) -> None:
        content = municipal_list(place)
        headers = {
            "ETag": f'"{sha256(content).hexdigest()[:32]}"',
            "Last-Modified": format_datetime(moment(DATA_DATE, 0), usegmt=True),
        }
        if self.headers.get("If-None-Match") == headers["ETag"]:
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self.send_header("ETag", headers["ETag"])
            self.end_headers()
            return
        self._send("application/xml", content, headers)

    def _send(self, content_type: str, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing: the harvester tells what it asked."""


def _overview(server: SampleServer) -> str:
    return "".join(f"{place.code} {place.name} {server.url}{place.path}\n" for place in PLACES)


def real_clock() -> datetime:
    """The time of this machine, UTC."""
    return datetime.now(UTC)
