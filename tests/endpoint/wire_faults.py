"""Faults of the connection: what is sent, how slowly, and where it breaks off."""

from __future__ import annotations

import socket
import struct
from dataclasses import replace

from tests.endpoint.exchange import Reply, Visit


def silent(reply: Reply, visit: Visit) -> None:
    while visit.pause():
        pass


def _drip(visit: Visit, content: bytes, size: int) -> None:
    try:
        for at in range(0, len(content), size):
            visit.connection.sendall(content[at : at + size])
            if not visit.pause():
                return
    except OSError:  # the other side has had enough
        return


def header_trickle(reply: Reply, visit: Visit) -> None:
    _drip(visit, reply.head() + reply.body, 1)


def body_trickle(reply: Reply, visit: Visit) -> None:
    visit.connection.sendall(reply.head())
    _drip(visit, reply.body, 1)


def reset(reply: Reply, visit: Visit) -> None:
    visit.connection.sendall(reply.head() + reply.body[: len(reply.body) // 2])
    visit.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visit.connection.close()


def short_body(reply: Reply, visit: Visit, length: int | None) -> None:
    close = replace(reply, headers=[*reply.headers, ("Connection", "close")])
    visit.connection.sendall(close.head(length) + reply.body[: len(reply.body) // 2])


def understated_length(reply: Reply, visit: Visit) -> None:
    visit.connection.sendall(reply.head(len(reply.body) // 2) + reply.body)


def cut_chunks(reply: Reply, visit: Visit) -> None:
    chunked = replace(reply, headers=[*reply.headers, ("Transfer-Encoding", "chunked")])
    visit.connection.sendall(chunked.head(None) + b"%x\r\n%b\r\n" % (len(reply.body), reply.body))


def endless_chunks(reply: Reply, visit: Visit) -> None:
    chunked = replace(reply, headers=[*reply.headers, ("Transfer-Encoding", "chunked")])
    piece = b"10000\r\n" + b"<!--" + b" " * 65529 + b"-->" + b"\r\n"
    _flood(visit, chunked.head(None), piece, None)


def header_flood(reply: Reply, visit: Visit) -> None:
    field = b"X-Filler: " + b"a" * 4086 + b"\r\n"
    _flood(visit, b"HTTP/1.1 200 OK\r\n", field, 10 * 1024 * 1024 // len(field))


def _flood(visit: Visit, begin: bytes, piece: bytes, count: int | None) -> None:
    try:
        visit.connection.sendall(begin)
        while not visit.stopped.is_set() and (count is None or count > 0):
            visit.connection.sendall(piece)
            count = None if count is None else count - 1
    except OSError:
        return
