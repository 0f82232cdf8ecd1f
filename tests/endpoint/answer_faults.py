"""Faults of the HTTP answer: status, redirects, encodings and bytes that are no page."""

from __future__ import annotations

import gzip
from dataclasses import replace

from tests.endpoint.exchange import Reply, Visit


def status(reply: Reply, visit: Visit, code: int, after: str = "") -> Reply:
    return Reply(code, [("Retry-After", after)] if after else [], b"" if code == 304 else b"busy")


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
    blanks = gzip.compress(b" " * (1 << 20))
    return _encoded(reply, "gzip", gzip.compress(reply.body) + 80 * blanks)


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
