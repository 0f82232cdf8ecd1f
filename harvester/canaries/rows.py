"""The table of canaries: what each answers, what must become of it, and which guard must refuse it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from harvester.rules.samples import IDENTIFIER, sample_record
from registry.model.issue import Text
from registry.model.run import Ending
from registry.model.source import Protocol
from schemas.oaipmh import OAI
from schemas.xml import canonical


class Fate(StrEnum):
    """What must become of an answer."""

    TAKEN = "taken"  # it is a good one
    REFUSED = "refused"  # nothing of it may be taken
    CUT = "cut"  # records before the fault may be kept, but the answer may not pass for a whole one
    LEFT_OUT = "left out"  # the answer is good, its record must be refused


class Asked(NamedTuple):
    """What the decoy is asked: a target (``/code?query``) at a port. ``bait``: a path that nobody may ever ask for,
    and that nobody else can guess."""

    target: str
    port: int
    bait: str

    @property
    def lured(self) -> bool:
        return self.target == self.bait


Reply = Callable[[Asked], bytes]


@dataclass(frozen=True, slots=True)
class Canary:
    """One row. ``reply`` gives the bytes of an answer. ``refused_by``: the codes of
    issues, or the ending of the walk, one of which must have refused it. ``location``: where it is asked (``{here}`` is
    the decoy)."""

    code: str
    text: Text
    reply: Reply
    fate: Fate = Fate.REFUSED
    refused_by: tuple[str, ...] = ()
    protocol: Protocol = Protocol.XML_DOCUMENT
    location: str = "http://{here}/{code}"


_BLANKS = 4 << 20
_HTML = "<!DOCTYPE html>\n<html><head><title>统一登录</title></head><body><form></form></body></html>"
_BOMB = "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise("abcdefgh"))


def _answer(body: bytes, *fields: str, status: str = "200 OK", length: int | None = None) -> bytes:
    head = [f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body) if length is None else length}"]
    return ("\r\n".join([*head, "Connection: close"]) + "\r\n\r\n").encode() + body


@cache
def _record() -> bytes:
    return canonical(sample_record())


def _list(*records: bytes, declared: str = "UTF-8", doctype: str = "") -> bytes:
    head = f'<?xml version="1.0" encoding="{declared}"?>\n{doctype}<list>'
    return head.encode() + b"".join(records or (_record(),)) + b"</list>"


def _with(content: str, name: str = "resTitle") -> bytes:
    """The good record with other ``content`` in its element ``name``."""
    before, opening, rest = _record().partition(f"<{name}>".encode())
    _, closing, after = rest.partition(f"</{name}>".encode())
    return before + opening + content.encode() + closing + after


def _plain(body: Callable[[], bytes], *fields: str, length: int | None = None) -> Reply:
    return lambda _: _answer(body(), *fields, length=length)


def _leaking(declaration: str) -> Reply:
    """A list with an entity in its title, which ``declaration`` declares."""

    def reply(asked: Asked) -> bytes:
        declared = f"<!DOCTYPE list [{_filled(declaration, asked)}]>"
        return _answer(_list(_with("&h;"), doctype=declared))

    return reply


def _filled(template: str, asked: Asked) -> str:
    """``template`` with the port of the decoy and the bait in their places."""
    return template.replace("{port}", str(asked.port)).replace("{bait}", asked.bait)


def _redirect(target: str) -> Reply:
    """A redirect to ``target``, behind which the good list lies."""

    def reply(asked: Asked) -> bytes:
        if asked.lured:
            return _answer(_list())
        return _answer(b"", f"Location: {_filled(target, asked)}", status="302 Found")

    return reply


def _repository(cut: int | None = None) -> Reply:
    """A repository with one record (OAI-PMH), whose list ends after ``cut`` bytes."""

    def reply(asked: Asked) -> bytes:
        if "verb=Identify" in asked.target:
            content = (
                "<Identify><repositoryName>canary</repositoryName>"
                f"<baseURL>http://127.0.0.1:{asked.port}/</baseURL><protocolVersion>2.0</protocolVersion>"
                "<adminEmail>canary@example.org</adminEmail><earliestDatestamp>2024-01-01T00:00:00Z"
                "</earliestDatestamp><deletedRecord>persistent</deletedRecord>"
                "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
            ).encode()
            return _answer(_page(content))
        header = f"<header><identifier>{IDENTIFIER}</identifier><datestamp>2024-06-01T00:00:00Z</datestamp></header>"
        record = b"<record>%b<metadata>%b</metadata></record>" % (header.encode(), _record())
        return _answer(_page(b"<ListRecords>%b</ListRecords>" % record)[:cut])

    return reply


def _page(content: bytes) -> bytes:
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="%b">'
        b"<responseDate>2024-06-01T00:00:00Z</responseDate><request>http://127.0.0.1/</request>%b</OAI-PMH>"
        % (OAI.encode(), content)
    )


@cache
def _bomb() -> bytes:
    return gzip.compress(b" " * _BLANKS)


def _twice_gzipped() -> bytes:
    return gzip.compress(gzip.compress(_list()))


_DOCTYPE = "xml-doctype"
_ROWS = (
    Canary("good-list", Text("正常的列表", "a good list"), _plain(_list), Fate.TAKEN),
    Canary(
        "good-page",
        Text("正常的 OAI-PMH 接口", "a good OAI-PMH repository"),
        _repository(),
        Fate.TAKEN,
        protocol=Protocol.OAI_PMH,
    ),
    Canary(
        "cut-list",
        Text("被截断的列表", "a list that is cut off"),
        _plain(lambda: _list(_record(), _record())[:-700]),
        Fate.CUT,
        ("xml-ill-formed",),
    ),
    Canary(
        "cut-page",
        Text("被截断的 OAI-PMH 页", "a page of OAI-PMH that is cut off"),
        _repository(cut=-20),
        Fate.CUT,
        ("xml-ill-formed",),
        Protocol.OAI_PMH,
    ),
    Canary(
        "short-body",
        Text("短于 Content-Length 的应答", "an answer shorter than it announces"),
        _plain(lambda: _list()[:400], length=4000),
        Fate.CUT,
        (Ending.TRANSPORT,),
    ),
    Canary(
        "entity",
        Text("文档自带的实体", "an entity of its own"),
        _leaking('<!ENTITY h "实体">'),
        refused_by=(_DOCTYPE,),
    ),
    Canary(
        "entity-bomb",
        Text("逐层放大的实体", "entities that multiply"),
        _leaking(f'<!ENTITY a "aaaaaaaaaa">{_BOMB}'),
        refused_by=(_DOCTYPE, "xml-limit"),  # libxml2 has a limit of its own
    ),
    Canary(
        "entity-file",
        Text("指向本机文件的外部实体", "an external entity that is a file of this machine"),
        _leaking('<!ENTITY h SYSTEM "file:///etc/hostname">'),
        refused_by=(_DOCTYPE,),
    ),
    Canary(
        "entity-address",
        Text("指向网址的外部实体", "an external entity that is an address"),
        _leaking('<!ENTITY h SYSTEM "http://127.0.0.1:{port}{bait}">'),
        refused_by=(_DOCTYPE,),
    ),
    Canary(
        "doctype",
        Text("带 DOCTYPE 的文档", "a document with a DOCTYPE"),
        _plain(lambda: _list(doctype="<!DOCTYPE list>")),
        refused_by=(_DOCTYPE,),
    ),
    Canary(
        "doctype-utf-16",
        Text("以 UTF-16 藏起的 DOCTYPE", "a DOCTYPE hidden in UTF-16"),
        _plain(lambda: _list(declared="UTF-16", doctype="<!DOCTYPE list>").decode().encode("utf-16")),
        refused_by=(_DOCTYPE,),
    ),
    Canary(
        "false-label",
        Text("声明为 GB18030 的 UTF-8", "UTF-8 that says it is GB18030"),
        _plain(lambda: _list(declared="GB18030")),
        refused_by=("encoding-false",),
    ),
    Canary(
        "forbidden-encoding",
        Text("不接受的编码（UTF-7）", "an encoding that is not accepted (UTF-7)"),
        _plain(lambda: _list(declared="UTF-7")),
        refused_by=("encoding-forbidden",),
    ),
    Canary(
        "double-gzip",
        Text("压缩两次的应答", "an answer compressed twice"),
        _plain(_twice_gzipped, "Content-Encoding: gzip, gzip"),
        refused_by=(Ending.PROTOCOL,),
    ),
    Canary(
        "gzip-bomb",
        Text("压缩炸弹", "a compression bomb"),
        _plain(_bomb, "Content-Encoding: gzip"),
        refused_by=(Ending.PROTOCOL,),
    ),
    Canary(
        "web-page",
        Text("登录网页", "a login page"),
        _plain(_HTML.encode),
        refused_by=("answer-web-page",),
    ),
    Canary("empty", Text("空应答", "an empty answer"), _plain(bytes), refused_by=("answer-empty",)),
    Canary(
        "redirect-elsewhere",
        Text("重定向到另一主机", "a redirect to another host"),
        _redirect("http://127.1:{port}{bait}"),
        refused_by=(Ending.PROTOCOL,),
    ),
    Canary(
        "redirect-inside",
        Text("重定向到内部地址", "a redirect to an address inside"),
        _redirect("http://0.0.0.0:{port}{bait}"),
        refused_by=(Ending.PROTOCOL,),
    ),
    Canary(
        "inside",
        Text("本身就是内部地址的来源", "a source that is an address inside"),
        _redirect(""),
        refused_by=(Ending.FATAL,),
        location="http://0.0.0.0:{port}{bait}",
    ),
    Canary(
        "foreign-record",
        Text("他人行政区划的记录", "a record of somebody else's division"),
        _plain(lambda: _list(_with("420106", "division"))),
        Fate.LEFT_OUT,
        ("division-foreign",),
    ),
    Canary(
        "secret-record",
        Text("标为秘密的记录", "a record that says it is secret"),
        _plain(lambda: _list(_with("秘密", "secrecy"))),
        Fate.LEFT_OUT,
        ("secrecy",),
    ),
)

CANARIES: tuple[Canary, ...] = _ROWS
