"""Character encodings of XML that comes from outside: the right text, or a refusal, never mojibake.

Everything is turned into UTF-8 before a parser sees it, because a label cannot be trusted: files that say
GB2312 often are GBK, and UTF-8 bytes that claim GB18030 decode into nonsense without any error. A byte
order mark decides; without one the declaration does (XML 1.0, appendix F), and the bytes must bear it out.
"""

from __future__ import annotations

import re

from schemas.decoders import Decoder, GuoBiaoDecoder, Utf8Decoder, Utf16Decoder
from schemas.issue import Issue
from schemas.refusal import FALSE_ENCODING, FALSE_LABEL, FORBIDDEN_ENCODING, XmlRefused

_LABELS = {
    "": "",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "UTF-16": "utf-16",
    "UTF-16LE": "utf-16",
    "UTF-16BE": "utf-16",
    "GB2312": "gb18030",
    "GBK": "gb18030",
    "GB18030": "gb18030",
}
_MARKS = (
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_SHAPES = (
    (b"<\x00\x00\x00", "utf-32"),
    (b"\x00\x00\x00<", "utf-32"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_HEAD_LIMIT = 4096  # bytes within which an XML declaration must end
_DECLARATION = re.compile(
    r"""\A<\?xml\s+version\s*=\s*(?:"[^"<]*"|'[^'<]*')(?:\s+encoding\s*=\s*["'](?P<label>[^"'<>]*)["'])?"""
)


def decode_declared(content: bytes) -> tuple[bytes, tuple[Issue, ...]]:
    """``content`` as UTF-8 whose declaration says so, and warnings about what it said of itself.

    Raises :class:`schemas.refusal.XmlRefused` where the encoding is forbidden, broken, or a false label
    that leaves the right text in doubt.
    """
    if content.isascii() and content.startswith(b"<") and not content.startswith((b"<?xml", b"<\x00")):
        return content, ()
    decoder = StreamDecoder()
    fed = decoder.feed(content) + decoder.close()
    return fed, tuple(decoder.issues)


class StreamDecoder:
    """The same for an answer that arrives in chunks: feed it, hand what comes out to the parser.

    It judges from the declaration and the first bytes outside ASCII, holds back at most 1 MB until it is
    sure, and keeps watching afterwards. ``issues`` grows as warnings are found.
    """

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self._head = bytearray()
        self._decoder: Decoder | None = None

    def feed(self, chunk: bytes) -> bytes:
        """Take a chunk; return what may go to the parser by now (perhaps nothing). Raises ``XmlRefused``."""
        if self._decoder is not None:
            return self._decoder.feed(chunk)
        self._head += chunk
        if len(self._head) < _HEAD_LIMIT and not _declaration_is_over(bytes(self._head)):
            return b""
        return self._begin()[1]

    def close(self) -> bytes:
        """The answer has ended: the rest of it. Raises ``XmlRefused``."""
        if self._decoder is not None:
            return self._decoder.close()
        decoder, begun = self._begin()
        return begun + decoder.close()

    def _begin(self) -> tuple[Decoder, bytes]:
        """Choose the decoder from the first bytes, and put a true declaration before what it gives."""
        content = bytes(self._head)
        self._head.clear()
        mark, marked = _recognise(content, _MARKS)
        _, shaped = ("", "") if marked else _recognise(content, _SHAPES)
        seen = marked or shaped
        content = content[len(mark) :]
        width = 2 if seen.startswith("utf-16") else 1
        head = content[:_HEAD_LIMIT].decode(seen if width == 2 else "latin-1", "replace")
        found = _DECLARATION.match(head)
        label = (found["label"] or "") if found else ""
        self._decoder = decoder = self._choose(seen, label)
        if not label or not found:
            return decoder, decoder.feed(content)
        true_head = head[: found.start("label")] + "UTF-8" + head[found.end("label") : found.end()]
        return decoder, true_head.encode() + decoder.feed(content[found.end() * width :])

    def _choose(self, seen: str, label: str) -> Decoder:
        """The decoder for a document of which ``seen`` is known by mark or shape and ``label`` declared."""
        named = label.upper()
        declared = _LABELS.get(named)
        if declared is None or seen == "utf-32":
            raise XmlRefused(FORBIDDEN_ENCODING, line=1, label=label[:40] if declared is None else "UTF-32")
        if not seen and declared == "utf-16":
            raise XmlRefused(FALSE_ENCODING, line=1, label=label, actual="8 bit")
        if seen and declared and not seen.startswith(declared):
            self.issues.append(FALSE_LABEL.issue(line=1, label=label, actual=seen.upper()))
        actual = seen or declared
        if actual == "gb18030":
            return GuoBiaoDecoder(named if declared == actual else "GB18030", self.issues, marked=bool(seen))
        return Utf16Decoder(actual) if actual.startswith("utf-16") else Utf8Decoder(self.issues, bool(seen))


def _recognise(content: bytes, table: tuple[tuple[bytes, str], ...]) -> tuple[bytes, str]:
    return next(((begin, name) for begin, name in table if content.startswith(begin)), (b"", ""))


def _declaration_is_over(head: bytes) -> bool:
    """Whether enough of the answer is there to choose a decoder: its first tag or declaration ends."""
    return b">" in head and len(head) >= 4
