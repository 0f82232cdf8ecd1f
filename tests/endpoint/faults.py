"""Everything a municipality can do wrong, as one table: a new fault is a function and a row.

A fault works on one level: PAGE changes what the OAI-PMH list says, ANSWER the HTTP answer made of it, WIRE
sends the answer itself, byte by byte. TLS and CONNECTION faults only have a name: the server knows them.
"""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any

from tests.endpoint.provider import Page
from tests.endpoint.records import Record, dublin_core, sample_records

_REASONS = {
    200: "OK",
    302: "Found",
    304: "Not Modified",
    429: "Too Many Requests",
    503: "Service Unavailable",
}


class Level(StrEnum):
    """Where a fault acts."""

    CONNECTION = "connection"
    TLS = "tls"
    WIRE = "wire"
    ANSWER = "answer"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. ``number`` counts from 1; ``arguments`` are those of its query."""

    number: int
    path: str
    arguments: Mapping[str, str]
    headers: Mapping[str, str]
    url: str
    tempo: float
    connection: socket.socket
    stopped: threading.Event

    @property
    def is_continued(self) -> bool:
        """Whether this asks for the second page of a list or a later one."""
        return "resumptionToken" in self.arguments

    def pause(self) -> bool:
        """Wait for a beat of the tempo; False once the endpoint is being stopped."""
        return not self.stopped.wait(self.tempo)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer that may still be changed."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def head(self, length: int | None = -1) -> bytes:
        """Status line and header; ``length`` None leaves ``Content-Length`` out, -1 tells the truth."""
        fields = [*self.headers]
        if length is not None:
            fields.append(("Content-Length", str(len(self.body) if length < 0 else length)))
        lines = [f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@dataclass(frozen=True, slots=True)
class Fault:
    """One row: ``play`` is (Page, Visit) → Page, (Reply, Visit) → Reply or (Reply, Visit) → None by level."""

    name: str
    level: Level
    about: str
    play: Callable[[Any, Visit], Any] = lambda played, _: played


# ---------------------------------------------------------------------------------------------- the wire


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


# ------------------------------------------------------------------------------------------ HTTP answers


def status(reply: Reply, visit: Visit, code: int, after: str = "") -> Reply:
    return Reply(code, [("Retry-After", after)] if after else [], b"busy")


def error_on_page_2(reply: Reply, visit: Visit) -> Reply:
    return Reply(500, [], b"error") if visit.is_continued else reply


def login_page(reply: Reply, visit: Visit) -> Reply:
    page = "<!DOCTYPE html>\n<html><head><title>统一登录</title></head><body><form><br></form></body></html>"
    return Reply(200, [("Content-Type", "text/html; charset=UTF-8")], page.encode())


def body(reply: Reply, visit: Visit, content: bytes) -> Reply:
    return replace(reply, body=content)


def redirect(reply: Reply, visit: Visit, target: str) -> Reply:
    return Reply(302, [("Location", target.format(url=visit.url, path=visit.path))], b"")


def redirect_loop(reply: Reply, visit: Visit) -> Reply:
    return Reply(302, [("Location", f"{visit.url}{visit.path}?again={visit.number}")], b"")


def _encoded(reply: Reply, coding: str, content: bytes) -> Reply:
    return replace(reply, headers=[*reply.headers, ("Content-Encoding", coding)], body=content)


def gzipped(reply: Reply, visit: Visit) -> Reply:
    return _encoded(reply, "gzip", gzip.compress(reply.body))


def gzip_bomb(reply: Reply, visit: Visit) -> Reply:
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    blanks = b" " * (1 << 20)
    packed = packer.compress(reply.body) + b"".join(packer.compress(blanks) for _ in range(80))
    return _encoded(reply, "gzip", packed + packer.flush())


def double_gzip(reply: Reply, visit: Visit) -> Reply:
    return _encoded(reply, "gzip, gzip", gzip.compress(gzip.compress(reply.body)))


def false_gzip(reply: Reply, visit: Visit) -> Reply:
    return _encoded(reply, "gzip", reply.body)


def cut_gzip(reply: Reply, visit: Visit) -> Reply:
    return _encoded(reply, "gzip", gzip.compress(reply.body)[:-20])


def cut_page(reply: Reply, visit: Visit) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) * 2 // 3])


def external_entity(reply: Reply, visit: Visit) -> Reply:
    doctype = b'<!DOCTYPE OAI-PMH [<!ENTITY leak SYSTEM "file:///etc/hostname">]>\n<OAI-PMH'
    return replace(reply, body=reply.body.replace(b"<OAI-PMH", doctype, 1))


def false_label(reply: Reply, visit: Visit) -> Reply:
    return replace(reply, body=reply.body.replace(b'encoding="UTF-8"', b'encoding="GB18030"', 1))


# ---------------------------------------------------------------------------------------- OAI-PMH pages


def _is_list(page: Page) -> bool:
    return page.error is None and page.verb in ("ListRecords", "ListIdentifiers")


def token_loop(page: Page, visit: Visit, period: int) -> Page:
    """The tokens of ``period`` pages, over and over, each with the first records of the list."""
    if not _is_list(page) and (page.error or ("", ""))[0] != "badResumptionToken":
        return page
    token = visit.arguments.get("resumptionToken", "")
    step = int(token.removeprefix("loop-")) if token.startswith("loop-") else -1
    records = page.records or sample_records(3)
    return replace(page, records=records, error=None, token=f"loop-{(step + 1) % period}")


def new_tokens(page: Page, visit: Visit) -> Page:
    """Another token every time, always with the same records."""
    if not _is_list(page) and (page.error or ("", ""))[0] != "badResumptionToken":
        return page
    return replace(page, records=sample_records(3), error=None, token=f"new-{visit.number}")


def bad_token_on_page_2(page: Page, visit: Visit) -> Page:
    bad = visit.is_continued and _is_list(page)
    return replace(page, error=("badResumptionToken", "expired")) if bad else page


def without_token(page: Page, visit: Visit) -> Page:
    """The list ends in the middle, and only ``completeListSize`` could have told."""
    return replace(page, token="") if _is_list(page) else page


def with_record(page: Page, visit: Visit, record: Record) -> Page:
    """One more record at the end of the first page."""
    if not _is_list(page) or visit.is_continued:
        return page
    return replace(page, records=[*page.records, record])


def repeated(page: Page, visit: Visit, same: bool) -> Page:
    if not _is_list(page) or not page.records:
        return page
    first = page.records[0]
    metadata = first.metadata if same else dublin_core("另一内容", first.identifier)
    return replace(page, records=[*page.records, replace(first, metadata=metadata)])


def shrunk(page: Page, visit: Visit, percent: int) -> Page:
    """A list of which ``percent`` of a hundred are left, all on one page."""
    if not _is_list(page):
        return page
    total = page.total or 0
    left = list(page.records)[: total * percent // 100]
    return replace(page, records=left, token="", total=len(left) or None)


def all_deleted(page: Page, visit: Visit) -> Page:
    return replace(page, records=[replace(each, deleted=True) for each in page.records])


def stamped(page: Page, visit: Visit, datestamp: str) -> Page:
    return replace(page, records=[replace(each, datestamp=datestamp) for each in page.records])


def renamed(page: Page, visit: Visit) -> Page:
    return replace(page, name="另一个目录")


_HOSTILE = Record("oai:endpoint.test:hostile", "2024-01-01T00:00:00Z", "<x>不是任何已知格式</x>")
_FOREIGN = Record("oai:elsewhere.test:1", "2024-01-01T00:00:00Z", dublin_core("他市项目", "1"))
_LIST_ONLY = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"/>'

_ROWS = (
    Fault("refused", Level.CONNECTION, "nobody listens at the port"),
    Fault("tls", Level.TLS, "TLS as it should be (no fault)"),
    Fault("tls-client", Level.TLS, "TLS that asks for a client's certificate (no fault)"),
    Fault("tls-expired", Level.TLS, "a certificate that has expired"),
    Fault("tls-wrong-name", Level.TLS, "a certificate of another address"),
    Fault("silent", Level.WIRE, "the connection is accepted, then nothing", silent),
    Fault("header-trickle", Level.WIRE, "one byte of the header a beat", header_trickle),
    Fault("body-trickle", Level.WIRE, "one byte of the body a beat", body_trickle),
    Fault("reset", Level.WIRE, "a reset in the middle of the body", reset),
    Fault("short-body", Level.WIRE, "half of the announced bytes", partial(short_body, length=-1)),
    Fault("short-without-length", Level.WIRE, "half of the body, unannounced", partial(short_body, length=None)),
    Fault("understated-length", Level.WIRE, "more bytes than announced", understated_length),
    Fault("cut-chunks", Level.WIRE, "chunked, without the last chunk", cut_chunks),
    Fault("endless-chunks", Level.WIRE, "chunked, without end", endless_chunks),
    Fault("header-flood", Level.WIRE, "10 MB of header", header_flood),
    Fault("login-page", Level.ANSWER, "200 with a login page in HTML", login_page),
    Fault("empty", Level.ANSWER, "200 without a body", partial(body, content=b"")),
    Fault("no-list", Level.ANSWER, "an OAI-PMH root without anything in it", partial(body, content=_LIST_ONLY)),
    Fault("redirect-loop", Level.ANSWER, "a redirect to itself", redirect_loop),
    Fault(
        "redirect-inside", Level.ANSWER, "a redirect to a metadata service",
        partial(redirect, target="http://169.254.169.254/latest/"),
    ),
    Fault(
        "redirect-elsewhere", Level.ANSWER, "a redirect to another host",
        partial(redirect, target="http://127.0.0.2:9/oai"),
    ),
    Fault("busy-at-once", Level.ANSWER, "429, Retry-After 0", partial(status, code=429, after="0")),
    Fault("busy-for-ever", Level.ANSWER, "503, Retry-After 10^9", partial(status, code=503, after="1000000000")),
    Fault(
        "busy-in-the-past", Level.ANSWER, "503, Retry-After long ago",
        partial(status, code=503, after="Thu, 01 Jan 1970 00:00:00 GMT"),
    ),
    Fault("busy-garbage", Level.ANSWER, "503, Retry-After soon", partial(status, code=503, after="soon")),
    Fault("unauthorised", Level.ANSWER, "401", partial(status, code=401)),
    Fault("gone", Level.ANSWER, "404", partial(status, code=404)),
    Fault("error-on-page-2", Level.ANSWER, "500 from the second page on", error_on_page_2),
    Fault("gzip", Level.ANSWER, "gzip as it should be (no fault)", gzipped),
    Fault("gzip-bomb", Level.ANSWER, "80 MB of blanks in gzip", gzip_bomb),
    Fault("double-gzip", Level.ANSWER, "gzip in gzip", double_gzip),
    Fault("false-gzip", Level.ANSWER, "said to be gzip, but is not", false_gzip),
    Fault("cut-gzip", Level.ANSWER, "gzip without its end", cut_gzip),
    Fault("cut-page", Level.ANSWER, "a third of the page is missing, the length fits", cut_page),
    Fault("external-entity", Level.ANSWER, "a DOCTYPE with an external entity", external_entity),
    Fault("false-label", Level.ANSWER, "UTF-8 that says it is GB18030", false_label),
    Fault("token-loop", Level.PAGE, "the same token for ever", partial(token_loop, period=1)),
    Fault("token-loop-2", Level.PAGE, "two tokens in turn", partial(token_loop, period=2)),
    Fault("token-loop-7", Level.PAGE, "seven tokens in turn", partial(token_loop, period=7)),
    Fault("new-tokens", Level.PAGE, "ever-new tokens with the same records", new_tokens),
    Fault("bad-token-on-page-2", Level.PAGE, "badResumptionToken on the second page", bad_token_on_page_2),
    Fault("lost-token", Level.PAGE, "the list ends after its first page", without_token),
    Fault("repeated-same", Level.PAGE, "an identifier twice, the same content", partial(repeated, same=True)),
    Fault("repeated-other", Level.PAGE, "an identifier twice, other content", partial(repeated, same=False)),
    Fault("foreign-identifier", Level.PAGE, "another source's identifier", partial(with_record, record=_FOREIGN)),
    Fault("hostile-record", Level.PAGE, "one record of no known format", partial(with_record, record=_HOSTILE)),
    *(
        Fault(f"shrunk-to-{percent}", Level.PAGE, f"{percent} % are left", partial(shrunk, percent=percent))
        for percent in (0, 1, 50, 89, 91)
    ),
    Fault("all-deleted", Level.PAGE, "every record deleted", all_deleted),
    *(
        Fault(f"stamped-{name}", Level.PAGE, f"datestamps {stamp}", partial(stamped, datestamp=stamp))
        for name, stamp in (
            ("2099", "2099-12-31T23:59:59Z"),
            ("0001", "0001-01-01T00:00:00Z"),
            ("offset", "2024-01-01T08:00:00+08:00"),
            ("february", "2024-02-30T00:00:00Z"),
        )
    ),
    Fault("renamed", Level.PAGE, "the repository has another name", renamed),
)  # fmt: skip

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _ROWS}
