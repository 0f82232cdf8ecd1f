"""Every combination of what says how a text is encoded with how it is: header, declaration, mark, bytes.

Their names are made of the four: ``text-CHARSET-DECLARED-MARK-BYTES``, as ``text-latin1-gbk-bare-utf8``. Some of
them are no faults.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

from tests.endpoint.exchange import Level, Reply, Visit, rows

CHARSETS = {"none": "", "utf8": "UTF-8", "gbk": "GBK", "latin1": "ISO-8859-1"}
DECLARED = {
    "none": "", "utf8": "UTF-8", "gb2312": "GB2312", "gbk": "GBK", "gb18030": "GB18030",
    "utf16": "UTF-16", "big5": "Big5",
}  # fmt: skip
MARKS = ("bare", "marked")
BYTES = {"utf8": "utf-8", "gbk": "gbk", "gb18030": "gb18030", "utf16le": "utf-16-le", "utf16be": "utf-16-be"}

_MARK = {
    "utf-8": codecs.BOM_UTF8, "gbk": b"", "gb18030": b"\x84\x31\x95\x33",
    "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE,
}  # fmt: skip
_DECLARATION = re.compile(r"\A<\?xml[^>]*\?>")


def encoded(reply: Reply, visit: Visit, charset: str, declared: str, mark: str, coding: str) -> Reply:
    """An answer in XML, encoded and labelled like this; anything else (or one that was encoded already) as it is."""
    if not reply.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>'):
        return reply
    label = f' encoding="{declared}"' if declared else ""
    text = _DECLARATION.sub(f'<?xml version="1.0"{label}?>', reply.body.decode(), count=1)
    body = (_MARK[coding] if mark == "marked" else b"") + text.encode(coding, "xmlcharrefreplace")
    kind = f"text/xml; charset={charset}" if charset else "text/xml"
    headers = [(name, kind if name == "Content-Type" else value) for name, value in reply.headers]
    return Reply(reply.status, headers, body)


def _leaves_no_doubt(declared: str, mark: str, coding: str) -> bool:
    """Whether the right text can be had: a mark or a shape decides, then the declaration; never the header."""
    if declared == "big5":
        return False
    if coding.startswith("utf16") or (mark == "marked" and coding != "gbk"):
        return True
    return declared in (("none", "utf8") if coding == "utf8" else ("gb2312", "gbk", "gb18030"))


def _rows() -> Iterator[tuple[str, str, Callable[[Reply, Visit], Reply]]]:
    for charset, declared, mark, coding in product(CHARSETS, DECLARED, MARKS, BYTES):
        about = (
            f"{BYTES[coding]} {'with' if mark == 'marked' else 'without'} a mark, "
            f"declared {DECLARED[declared] or 'nothing'}, in the header {CHARSETS[charset] or 'nothing'}"
            f"{' (no fault)' if _leaves_no_doubt(declared, mark, coding) else ''}"
        )
        play = partial(
            encoded, charset=CHARSETS[charset], declared=DECLARED[declared], mark=mark, coding=BYTES[coding]
        )
        yield f"text-{charset}-{declared}-{mark}-{coding}", about, play


ROWS = rows(Level.ANSWER, _rows())
