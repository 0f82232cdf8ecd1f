"""A proxy on a loopback address: what it is told, what goes through it."""

from __future__ import annotations

import socket
import socketserver
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

_PIECE = 1 << 16


@dataclass
class Proxy:
    """A context manager. Answers CONNECT with ``answer``; where that is a 200, it then relays to ``target`` (host,
    port), whatever it was asked for. ``heads``: what it was told; ``passed``: the bytes that came behind that."""

    target: tuple[str, int] = ("127.0.0.1", 9)
    answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n"
    heads: list[bytes] = field(default_factory=list)
    passed: bytearray = field(default_factory=bytearray)
    silent: threading.Event | None = None

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.silent is not None:
            self.silent.set()
        self._server.shutdown()
        self._server.server_close()

    def url(self, account: str = "") -> str:
        return f"http://{account}127.0.0.1:{self._server.server_address[1]}"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    proxy: Proxy

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up is what some tests are about."""


class _Handler(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        proxy = self.server.proxy
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.request.recv(_PIECE)
            if not piece:
                return
            head += piece
        proxy.heads.append(head)
        if proxy.silent is not None:
            proxy.silent.wait(30)
            return
        self.request.sendall(proxy.answer)
        if b" 200 " in proxy.answer.split(b"\r\n")[0]:
            with socket.create_connection(proxy.target) as onward:
                back = threading.Thread(target=_relay, args=(onward, self.request), daemon=True)
                back.start()
                _relay(self.request, onward, proxy.passed)
                back.join(5)


def _relay(source: socket.socket, sink: socket.socket, kept: bytearray | None = None) -> None:
    try:
        while piece := source.recv(_PIECE):
            if kept is not None:
                kept += piece
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return
