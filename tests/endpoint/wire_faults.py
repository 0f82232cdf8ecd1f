"""Faults of the connection: what is sent, how slowly, and where it breaks off."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tests.endpoint.exchange import Level, Reply, Table, Visit, rows


def silent(reply: Reply, visit: Visit) -> None:
    while visit.pause():
        pass


def _drip(visit: Visit, content: bytes, size: int) -> None:
    for at in range(0, len(content), size):
        visit.connection.sendall(content[at : at + size])
        if not visit.pause():
            return


def header_trickle(reply: Reply, visit: Visit) -> None:
    _drip(visit, reply.head() + reply.body, 1)


def body_trickle(reply: Reply, visit: Visit) -> None:
    visit.connection.sendall(reply.head())
    _drip(visit, reply.body, 1)


def stalled(reply: Reply, visit: Visit) -> None:
    visit.connection.sendall(reply.head() + reply.body[: len(reply.body) // 2])
    silent(reply, visit)


def closed(reply: Reply, visit: Visit) -> None:
    """The server closes the connection behind the request."""


def reset(reply: Reply, visit: Visit, sent: Callable[[Reply], bytes]) -> None:
    visit.connection.sendall(sent(reply))
    visit.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visit.connection.close()


def short_body(reply: Reply, visit: Visit, length: int | None) -> None:
    close = replace(reply, headers=[*reply.headers, ("Connection", "close")])
    visit.connection.sendall(close.head(length) + reply.body[: len(reply.body) // 2])


def understated_length(reply: Reply, visit: Visit) -> None:
    visit.connection.sendall(reply.head(len(reply.body) // 2) + reply.body)


def two_lengths(reply: Reply, visit: Visit) -> None:
    twice = replace(reply, headers=[*reply.headers, ("Content-Length", "3")])
    visit.connection.sendall(twice.head() + reply.body)


def _chunked(reply: Reply) -> bytes:
    return replace(reply, headers=[*reply.headers, ("Transfer-Encoding", "chunked")]).head(None)


def cut_chunks(reply: Reply, visit: Visit) -> None:
    visit.connection.sendall(_chunked(reply) + b"%x\r\n%b\r\n" % (len(reply.body), reply.body))


def garbled_chunks(reply: Reply, visit: Visit) -> None:
    visit.connection.sendall(_chunked(reply) + b"zz\r\n" + reply.body + b"\r\n0\r\n\r\n")


def endless_chunks(reply: Reply, visit: Visit) -> None:
    piece = b"10000\r\n" + b"<!--" + b" " * 65529 + b"-->" + b"\r\n"
    _flood(visit, _chunked(reply), piece, None)


def header_flood(reply: Reply, visit: Visit) -> None:
    field = b"X-Filler: " + b"a" * 4086 + b"\r\n"
    _flood(visit, b"HTTP/1.1 200 OK\r\n", field, 10 * 1024 * 1024 // len(field))


def long_field(reply: Reply, visit: Visit) -> None:
    _flood(visit, b"HTTP/1.1 200 OK\r\nX-Filler: ", b"a" * 65536, 160)


def _flood(visit: Visit, begin: bytes, piece: bytes, count: int | None) -> None:
    visit.connection.sendall(begin)
    while not visit.stopped.is_set() and (count is None or count > 0):
        visit.connection.sendall(piece)
        count = None if count is None else count - 1


def other_protocol(reply: Reply, visit: Visit) -> None:
    visit.connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


def _half(reply: Reply) -> bytes:
    return reply.head() + reply.body[: len(reply.body) // 2]


_TABLE: Table = (
    ("silent", "the connection is accepted, then nothing", silent),
    ("header-trickle", "one byte of the header a beat", header_trickle),
    ("body-trickle", "one byte of the body a beat", body_trickle),
    ("stalled", "half of the body, then nothing", stalled),
    ("closed", "the connection is closed without an answer", closed),
    ("reset", "a reset in the middle of the body", partial(reset, sent=_half)),
    ("reset-at-once", "a reset before the first byte", partial(reset, sent=lambda _: b"")),
    ("reset-in-header", "a reset within the header", partial(reset, sent=lambda reply: reply.head()[:20])),
    (
        "reset-at-end",
        "a reset before the last byte",
        partial(reset, sent=lambda reply: (reply.head() + reply.body)[:-1]),
    ),
    ("short-body", "half of the announced bytes", partial(short_body, length=-1)),
    ("short-without-length", "half of the body, unannounced", partial(short_body, length=None)),
    ("understated-length", "more bytes than announced", understated_length),
    ("two-lengths", "two lengths that contradict each other", two_lengths),
    ("cut-chunks", "chunked, without the last chunk", cut_chunks),
    ("garbled-chunks", "chunks whose size is no number", garbled_chunks),
    ("endless-chunks", "chunked, without end", endless_chunks),
    ("header-flood", "10 MB of header", header_flood),
    ("long-field", "10 MB of one header field", long_field),
    ("other-protocol", "what answers does not speak HTTP", other_protocol),
)

ROWS = rows(Level.WIRE, _TABLE)
