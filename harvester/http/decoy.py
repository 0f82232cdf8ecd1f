"""An endpoint of our own on a loopback address, which answers what it is told to: what canaries are asked at.

It plays an endpoint, not a web server: one answer a connection, bytes as they are given.
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

ADDRESS = "127.0.0.1"

_PATIENCE_SECONDS = 5.0
_HEAD_LINES = 100
_LINE = 1 << 16

Reply = Callable[[str, int], bytes]
"""The bytes that go out (status line, header, body) for a target (``/path?query``) asked for at a port."""


class Decoy:
    """A context manager: listens at :attr:`port` inside. ``reply`` is asked in threads of the decoy's own."""

    def __init__(self, reply: Reply) -> None:
        self._server = _Server((ADDRESS, 0), _Handler)
        self._server.reply = reply
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="mulu-decoy", daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    reply: Reply

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up has seen enough: that is what most canaries are about."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    timeout = _PATIENCE_SECONDS

    def handle(self) -> None:
        words = self.rfile.readline(_LINE).decode("latin-1").split()
        for _ in range(_HEAD_LINES):
            if self.rfile.readline(_LINE).strip() == b"":
                break
        if len(words) == 3:
            self.wfile.write(self.server.reply(words[1], self.server.server_address[1]))
