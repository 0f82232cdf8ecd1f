"""Decoders that turn the chunks of one encoding into UTF-8 and notice when the bytes are not of it."""

from __future__ import annotations

import codecs
import re
from typing import Protocol

from schemas.issue import Issue
from schemas.refusal import (
    BROKEN_ENCODING,
    DOUBTFUL_ENCODING,
    FALSE_ENCODING,
    FALSE_LABEL,
    MIXED_ENCODING,
    PRIVATE_CHARACTER,
    XmlRefused,
)

_HELD_LIMIT = 1 << 20  # bytes that may look like UTF-8 under a GB label before the label is called false
_DECISIVE = 64  # so many characters beyond ASCII, all of them valid UTF-8, are no accident
UTF8_PASSAGE = re.compile(rb"(?<![\x80-\xff])(?:[\xe2-\xef][\x80-\xbf]{2}[\x00-\x7f]*){5}")
"""Five Chinese characters of UTF-8 in a row, which a text in GB18030 does not hold by accident."""
_CARRY = 512  # bytes of the previous chunk in which such a passage may have begun
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_BEYOND_LETTERS = re.compile(rb"[\xe0-\xff]")  # begins a character of three bytes or more in UTF-8
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")


class Decoder(Protocol):
    """Chunks of one encoding in, UTF-8 out. Both methods raise :class:`schemas.refusal.XmlRefused`."""

    def feed(self, chunk: bytes) -> bytes: ...

    def close(self) -> bytes: ...


class Utf8Decoder:
    """UTF-8 stays as it is: libxml2 refuses every ill-formed sequence itself.

    Only text without one Chinese character can be something else unnoticed: two bytes of GBK can be a
    letter in UTF-8 (一 reads һ). Where a document has such letters and nothing longer, and no mark vouches
    for it, a note says so.
    """

    def __init__(self, issues: list[Issue], marked: bool = False) -> None:
        self._issues = issues
        self._settled = marked
        self._letters = False

    def feed(self, chunk: bytes) -> bytes:
        if not self._settled and not chunk.isascii():
            self._letters = True
            self._settled = _BEYOND_LETTERS.search(chunk) is not None
        return chunk

    def close(self) -> bytes:
        if self._letters and not self._settled:
            self._issues.append(DOUBTFUL_ENCODING.issue())
        return b""


class Utf16Decoder:
    """UTF-16 of a known byte order (``utf-16-le`` or ``utf-16-be``)."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._decoder = codecs.getincrementaldecoder(name)()

    def feed(self, chunk: bytes) -> bytes:
        return self._decode(chunk, final=False)

    def close(self) -> bytes:
        return self._decode(b"", final=True)

    def _decode(self, chunk: bytes, final: bool) -> bytes:
        try:
            return self._decoder.decode(chunk, final).encode()
        except UnicodeError as error:
            raise XmlRefused(BROKEN_ENCODING, label=self._name.upper(), reason=_reason(error)) from error


class GuoBiaoDecoder:
    """GB2312, GBK and GB18030, all read as GB18030, which contains the others.

    Until the first sequence that cannot be UTF-8, everything from the first byte beyond ASCII on is held
    back. Bytes that are valid UTF-8 to their end refute the label (``marked``: a byte order mark vouches for
    it instead). Later passages of UTF-8 are refused as well: a list may be pasted together from files.
    """

    def __init__(self, label: str, issues: list[Issue], marked: bool = False) -> None:
        self._label = label
        self._issues = issues
        self._decoder = codecs.getincrementaldecoder("gb18030")()
        self._narrow = None if label == "GB18030" else codecs.getincrementaldecoder(label)()
        self._rival = None if marked else codecs.getincrementaldecoder("utf-8")()
        self._held = bytearray()
        self._rivals_seen = 0
        self._carry = b""
        self._private = False

    def feed(self, chunk: bytes) -> bytes:
        if self._rival is None:
            return self._decode(chunk, final=False)
        if not self._held:
            first = _BEYOND_ASCII.search(chunk)
            if first is None:
                return chunk
            plain, chunk = chunk[: first.start()], chunk[first.start() :]
        else:
            plain = b""
        self._held += chunk
        if not self._refuted_as_utf8(chunk, final=False):
            return plain
        return plain + self._release(final=False)

    def close(self) -> bytes:
        if self._rival is not None and self._held and not self._refuted_as_utf8(b"", final=True):
            raise XmlRefused(FALSE_ENCODING, label=self._label, actual="UTF-8")
        return self._release(final=True)

    def _refuted_as_utf8(self, chunk: bytes, final: bool) -> bool:
        """Whether what is held cannot be UTF-8. Raises ``XmlRefused`` once it can hardly be anything else."""
        if self._rival is None:
            return True
        try:
            text = self._rival.decode(chunk, final)
        except UnicodeDecodeError:
            self._rival = None
            return True
        self._rivals_seen += len(text) - sum(map(str.isascii, text))
        if self._rivals_seen >= _DECISIVE or len(self._held) > _HELD_LIMIT:
            raise XmlRefused(FALSE_ENCODING, label=self._label, actual="UTF-8")
        return False

    def _release(self, final: bool) -> bytes:
        held = bytes(self._held)
        self._held.clear()
        return self._decode(held, final)

    def _decode(self, chunk: bytes, final: bool) -> bytes:
        watched = self._carry + chunk
        if UTF8_PASSAGE.search(watched):
            raise XmlRefused(MIXED_ENCODING, label=self._label)
        self._carry = watched[-_CARRY:]
        try:
            text = self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            raise XmlRefused(BROKEN_ENCODING, label=self._label, reason=_reason(error)) from error
        self._compare_with_label(chunk, final)
        private = None if self._private else _PRIVATE_USE.search(text)
        if private:
            self._private = True
            self._issues.append(PRIVATE_CHARACTER.issue(character=f"U+{ord(private[0]):04X}"))
        return text.encode()

    def _compare_with_label(self, chunk: bytes, final: bool) -> None:
        """Warn once where a label of GB2312 or GBK stands on bytes beyond it."""
        if self._narrow is None:
            return
        try:
            self._narrow.decode(chunk, final)
        except UnicodeDecodeError:
            self._narrow = None
            self._issues.append(FALSE_LABEL.issue(line=1, label=self._label, actual="GB18030"))


def _reason(error: UnicodeError) -> str:
    return error.reason if isinstance(error, UnicodeDecodeError) else str(error)
