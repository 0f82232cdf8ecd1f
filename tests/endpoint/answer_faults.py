"""Faults of the HTTP answer: bytes that are no page, encodings, status, redirects."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from functools import partial

from tests.endpoint import text_faults
from tests.endpoint.exchange import Level, Reply, Table, Visit, rows

_LIST_ONLY = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"/>'
_LOGIN_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>统一登录</title></head><body><form><br></form></body></html>"
)
_RETRY_AFTER = {
    "at-once": ("0", "Retry-After 0"),
    "for-ever": ("1000000000", "Retry-After 10^9"),
    "in-the-past": ("Thu, 01 Jan 1970 00:00:00 GMT", "Retry-After long ago"),
    "garbage": ("soon", "Retry-After soon"),
    "untold": ("", "no Retry-After"),
}
_REDIRECTS = {
    "inside": ("a metadata service", "http://169.254.169.254/latest/"),
    "elsewhere": ("another host", "{lure}"),
    "port": ("another port of its host", "http://{host}:9/oai"),
    "file": ("a file", "file:///etc/hostname"),
    "number": ("loopback, written as a number", "http://2130706433:9/oai"),
}


def status(reply: Reply, visit: Visit, code: int, after: str = "") -> Reply:
    return Reply(code, [("Retry-After", after)] if after else [], b"" if code == 304 else b"busy")


def error_on_page_2(reply: Reply, visit: Visit) -> Reply:
    return Reply(500, [], b"error") if visit.is_continued else reply


def login_page(reply: Reply, visit: Visit) -> Reply:
    return Reply(200, [("Content-Type", "text/html; charset=UTF-8")], _LOGIN_PAGE.encode())


def body(reply: Reply, visit: Visit, content: bytes) -> Reply:
    return replace(reply, body=content)


def redirect(reply: Reply, visit: Visit, target: str) -> Reply:
    host = visit.url.partition("//")[2].partition(":")[0]
    return Reply(302, [("Location", target.format(host=host, lure=visit.lure))], b"")


def redirect_loop(reply: Reply, visit: Visit) -> Reply:
    return Reply(302, [("Location", f"{visit.url}{visit.path}?again={visit.number}")], b"")


def _encoded(reply: Reply, coding: str, content: bytes) -> Reply:
    return replace(reply, headers=[*reply.headers, ("Content-Encoding", coding)], body=content)


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def gzipped(reply: Reply, visit: Visit) -> Reply:
    return _encoded(reply, "gzip", _gzip(reply.body))


def deflated(reply: Reply, visit: Visit) -> Reply:
    return _encoded(reply, "deflate", zlib.compress(reply.body))


def gzip_bomb(reply: Reply, visit: Visit) -> Reply:
    blanks = _gzip(b" " * (1 << 20))
    return _encoded(reply, "gzip", _gzip(reply.body) + 80 * blanks)


def double_gzip(reply: Reply, visit: Visit) -> Reply:
    return _encoded(reply, "gzip, gzip", _gzip(_gzip(reply.body)))


def false_coding(reply: Reply, visit: Visit, coding: str) -> Reply:
    return _encoded(reply, coding, reply.body)


def cut_gzip(reply: Reply, visit: Visit) -> Reply:
    return _encoded(reply, "gzip", _gzip(reply.body)[:-20])


def gzip_parts(reply: Reply, visit: Visit) -> Reply:
    """Parts that hold nothing, before the one that holds the page."""
    return _encoded(reply, "gzip", _gzip(b"") * 3000 + _gzip(reply.body))


def strange_validators(reply: Reply, visit: Visit) -> Reply:
    """What no later question could carry."""
    others = [(name, value) for name, value in reply.headers if name != "ETag"]
    strange = [("ETag", '"a\x1bb"'), ("Last-Modified", "M" * 2000)]
    return replace(reply, headers=others + strange)


def cut_page(reply: Reply, visit: Visit) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) * 2 // 3])


def external_entity(reply: Reply, visit: Visit) -> Reply:
    doctype = b'<!DOCTYPE OAI-PMH [<!ENTITY leak SYSTEM "file:///etc/hostname">]>\n<OAI-PMH'
    return replace(reply, body=reply.body.replace(b"<OAI-PMH", doctype, 1))


def style_sheet(reply: Reply, visit: Visit) -> Reply:
    """What many providers send, for people who look at the answer with a browser."""
    instruction = b'<?xml-stylesheet type="text/xsl" href="/oai2.xsl"?>\n<OAI-PMH'
    return replace(reply, body=reply.body.replace(b"<OAI-PMH", instruction, 1))


_PAGES: Table = (
    ("external-entity", "a DOCTYPE with an external entity", external_entity),
    ("strange-validators", "ETag and Last-Modified that cannot be sent back (no fault)", strange_validators),
    ("style-sheet", "a style sheet for browsers (no fault)", style_sheet),
)
_BODIES: Table = (
    ("login-page", "200 with a login page in HTML", login_page),
    ("empty", "200 without a body", partial(body, content=b"")),
    ("no-list", "an OAI-PMH root without anything in it", partial(body, content=_LIST_ONLY)),
    ("zeros", "a megabyte of zeros", partial(body, content=bytes(1 << 20))),
    ("cut-page", "a third of the page is missing, the length fits", cut_page),
    ("gzip", "gzip as it should be (no fault)", gzipped),
    ("deflate", "deflate as it should be (no fault)", deflated),
    ("gzip-bomb", "80 MB of blanks in gzip", gzip_bomb),
    ("gzip-parts", "gzip in thousands of parts that hold nothing", gzip_parts),
    ("double-gzip", "gzip in gzip", double_gzip),
    ("false-gzip", "said to be gzip, but is not", partial(false_coding, coding="gzip")),
    ("false-brotli", "said to be br, which was not asked for", partial(false_coding, coding="br")),
    ("cut-gzip", "gzip without its end", cut_gzip),
    *(
        (f"busy-{code}-{name}", f"{code}, {about}", partial(status, code=code, after=after))
        for code in (429, 503)
        for name, (after, about) in _RETRY_AFTER.items()
    ),
    ("unauthorised", "401", partial(status, code=401)),
    ("forbidden", "403", partial(status, code=403)),
    ("gone", "404", partial(status, code=404)),
    ("error", "500", partial(status, code=500)),
    ("error-on-page-2", "500 from the second page on", error_on_page_2),
    ("unasked-304", "304 without a condition", partial(status, code=304)),
    ("no-content", "204", partial(status, code=204)),
    ("redirect-loop", "a redirect to itself", redirect_loop),
    *(
        (f"redirect-{name}", f"a redirect to {about}", partial(redirect, target=target))
        for name, (about, target) in _REDIRECTS.items()
    ),
)

ROWS = (*rows(Level.ANSWER, _PAGES), *text_faults.ROWS, *rows(Level.ANSWER, _BODIES))
