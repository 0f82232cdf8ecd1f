"""The line to the identity provider: whom it asks, over which roads, and how much it bears."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from config.oidc import Oidc
from config.settings import Http
from harvester.http.line import Line
from registry.errors import Unavailable
from tests.endpoint.tls import authority_pem, server_context
from tests.unit.harvester.http.proxies import Proxy

LIMIT = 1000


class _Handler(BaseHTTPRequestHandler):
    """Answers with what it was sent, or with as many bytes as the path says."""

    def do_GET(self) -> None:
        self._answer(b"x" * int(self.path[1:] or 0))

    def do_POST(self) -> None:
        fields = f"{self.headers['Content-Type']} {self.headers['Authorization']} {self.headers['Accept']}"
        self._answer(self.rfile.read(int(self.headers["Content-Length"])) + f" {fields}".encode())

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def service(context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A service on loopback; its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who does not trust it hangs up
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield int(server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()


def line(**others: Any) -> Line:
    settings = {"networks": ("127.0.0.0/8",), "answer_bytes": LIMIT, "seconds": 1, **others}
    return Line(Oidc(**settings), Http(), {"env:CA": authority_pem()}.__getitem__)


def test_a_form_and_its_fields_arrive() -> None:
    with service() as port:
        fields = {"Authorization": "Basic eDp5", "Content-Type": "application/x-www-form-urlencoded"}
        reply = line().ask(f"http://127.0.0.1:{port}/token", "code=x", fields)
    assert reply.status == 200
    assert reply.body == b"code=x application/x-www-form-urlencoded Basic eDp5 application/json"


@pytest.mark.parametrize(("size", "passes"), [(LIMIT, True), (LIMIT + 1, False)])
def test_an_answer_has_its_limit(size: int, passes: bool) -> None:
    with service() as port:
        if passes:
            assert len(line().ask(f"http://127.0.0.1:{port}/{size}").body) == size
        else:
            with pytest.raises(Unavailable, match="longer than 1000 bytes"):
                line().ask(f"http://127.0.0.1:{port}/{size}")


def test_addresses_that_are_not_public_are_allowed_first() -> None:
    with service() as port, pytest.raises(Unavailable, match="not an allowed one"):
        line(networks=()).ask(f"http://127.0.0.1:{port}/0")


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/", "ftp://127.0.0.1/", "https://me@127.0.0.1/", "nonsense"]
)
def test_open_roads_are_not_taken(url: str) -> None:
    with pytest.raises(Unavailable, match="over https only"):
        line(networks=("0.0.0.0/0",)).ask(url)


@pytest.mark.parametrize(
    ("kind", "trusts", "passes"),
    [("tls", True, True), ("tls", False, False), ("tls-expired", True, False), ("tls-wrong-name", True, False),
     ("tls-untrusted", True, False)],
)  # fmt: skip
def test_certificates_are_verified(kind: str, trusts: bool, passes: bool) -> None:
    asking = line(ca_bundle="env:CA") if trusts else line()
    with service(server_context(kind, "127.0.0.1")) as port:
        if passes:
            assert asking.ask(f"https://127.0.0.1:{port}/3").body == b"xxx"
        else:
            with pytest.raises(Unavailable, match="does not verify"):
                asking.ask(f"https://127.0.0.1:{port}/3")


def test_a_proxy_asks_on_our_behalf_and_sees_nothing() -> None:
    with (
        service(server_context("tls", "127.0.0.1")) as port,
        Proxy(target=("127.0.0.1", port)) as proxy,
    ):
        asking = line(ca_bundle="env:CA", proxy=proxy.url())
        reply = asking.ask(
            f"https://127.0.0.1:{port}/token", "code=hidden", {"Authorization": "Basic aGlkZGVu"}
        )
    assert b"code=hidden" in reply.body
    assert proxy.heads[0].startswith(b"CONNECT 127.0.0.1:")
    assert b"hidden" not in b"".join(proxy.heads) + bytes(proxy.passed)
