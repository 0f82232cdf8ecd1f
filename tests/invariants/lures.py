"""Lures: a pipe and a listener that nobody may touch, and that remember whoever does (I12)."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.invariants.store import Violation

_TOLD = b"<!ENTITY lured 'lured'>"


@dataclass(slots=True)
class Lures:
    """A named pipe in ``folder`` and a listener at ``address`` (which must be outside what may be asked). A context
    manager. A program that opens the pipe, or connects, is answered with a few harmless bytes."""

    folder: Path
    address: str = "127.99.0.1"
    touched: list[str] = field(default_factory=list)
    _listener: socket.socket = field(init=False, repr=False)
    _ended: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def pipe(self) -> Path:
        return self.folder / "lure"

    @property
    def file_url(self) -> str:
        return self.pipe.as_uri()

    @property
    def place(self) -> tuple[str, int]:
        """Where the listener is."""
        host, port = self._listener.getsockname()
        return str(host), int(port)

    @property
    def http_url(self) -> str:
        host, port = self.place
        return f"http://{host}:{port}/lure"

    def __enter__(self) -> Self:
        os.mkfifo(self.pipe)
        self._listener = socket.create_server((self.address, 0))
        for serve in (self._serve_pipe, self._serve_listener):
            threading.Thread(target=serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        os.close(
            os.open(self.pipe, os.O_RDONLY | os.O_NONBLOCK)
        )  # lets the thread that waits for a reader end

    def _serve_pipe(self) -> None:
        while not self._ended.is_set():
            with self.pipe.open("wb", buffering=0) as stream:  # waits until somebody reads
                if self._ended.is_set():
                    return
                self.touched.append(f"the pipe {self.pipe}")
                with suppress(OSError):
                    stream.write(_TOLD)
            self._ended.wait(0.05)  # so that one reader is not met twice

    def _serve_listener(self) -> None:
        while not self._ended.is_set():
            try:
                connection, place = self._listener.accept()
            except OSError:
                return
            self.touched.append(f"the listener, from {place}")
            with connection, suppress(OSError):
                head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(_TOLD)
                connection.sendall(head + _TOLD)

    def violations(self) -> Iterator[Violation]:
        """Each touch."""
        for touch in self.touched:
            yield Violation("I12", f"somebody touched {touch}")
