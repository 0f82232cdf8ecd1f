"""What one answer may cost, watched while it comes in: seconds, bytes on the wire, bytes inflated.

Seconds are those spent waiting for the source, by a clock that never goes back: a consumer that is slow
does not use up the source's time, and a source that trickles cannot hold a worker for longer than this.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from config.settings import Http
from harvester.errors import ProtocolFailure, TransportFailure
from harvester.pulse import Pulse
from registry.model.issue import Text

_READ_AHEAD = 8192  # http.client's buffer may hold the first bytes of the body already

_SILENT = Text("对方 {seconds:g} 秒内没有发送数据", "the source sent nothing for {seconds:g} seconds")
_LATE_HEAD = Text("响应头在 {seconds:g} 秒内未收完", "the header did not arrive within {seconds:g} seconds")
_LATE_BODY = Text("响应在 {seconds:g} 秒内未收完", "the answer did not arrive within {seconds:g} seconds")
_SLOW = Text(
    "传输过慢：{seconds:g} 秒内不足每秒 {rate} 字节",
    "less than {rate} bytes a second over {seconds:g} seconds",
)
_BIG_HEAD = Text("响应头超过 {limit} 字节", "the header is longer than {limit} bytes")
_BIG_WIRE = Text("响应超过 {limit} 字节", "the answer is longer than {limit} bytes")
_BIG_INFLATED = Text("解压后超过 {limit} 字节", "the answer inflates to more than {limit} bytes")
_BOMB = Text("压缩比超过 {limit}:1，拒绝解压", "the answer inflates by more than {limit}:1")
_BAD_COMPRESSION = Text(
    "响应声明为 {coding} 压缩，内容却不是", "the answer says that it is compressed by {coding} but is not"
)
_MANY_MEMBERS = Text(
    "压缩数据分成的小段过多，拒绝解压", "the answer is compressed in too many small parts and is not inflated"
)
_CUT_COMPRESSION = Text("压缩数据不完整", "the compressed answer is cut off")


class _Timed(Protocol):
    def settimeout(self, value: float | None, /) -> None: ...


class Watch:
    """Watches the reads of one answer: first of its header, after :meth:`begin_body` of its body.

    ``pulse``: of the walk that asks; what comes in at the minimum rate keeps it beating.
    """

    def __init__(self, limits: Http, whole_list: bool, pulse: Pulse) -> None:
        self.limits, self.pulse = limits, pulse
        self.payload_limit = limits.list_bytes if whole_list else limits.page_wire_bytes
        self.inflated_limit = limits.list_bytes if whole_list else limits.page_inflated_bytes
        self._seconds = limits.list_seconds if whole_list else limits.response_seconds
        self._in_body = False
        self._waited = 0.0
        self._bytes = 0
        self._window_waited = 0.0
        self._window_bytes = 0

    def begin_body(self) -> None:
        """The header is complete: from here on, the body's limits count."""
        self._in_body = True
        self._waited, self._bytes = 0.0, 0

    def read(self, connection: _Timed, receive: Callable[[], int]) -> int:
        """Run one ``receive`` on ``connection`` for no longer than the answer may still take.

        Returns the bytes received. Raises ``TransportFailure`` for a source that is too slow,
        ``ProtocolFailure`` for one that sends too much, ``GaveWay`` where the walk was told to.
        """
        remaining = self._remaining()
        if remaining <= 0:
            raise TransportFailure(self._late())

        def receive_within(seconds: float) -> int:
            connection.settimeout(seconds)
            return receive()

        began = self.pulse.monotonic()
        try:
            count = self.pulse.wait(min(self.limits.gap_seconds, remaining), receive_within)
        except TimeoutError as error:
            if remaining <= self.limits.gap_seconds:
                raise TransportFailure(self._late()) from error
            raise TransportFailure(_SILENT.format(seconds=self.limits.gap_seconds)) from error
        self.pulse.beat(count / self.limits.minimum_rate_bytes)
        self._account(count, self.pulse.monotonic() - began)
        return count

    def _remaining(self) -> float:
        return (self._seconds if self._in_body else self.limits.headers_seconds) - self._waited

    def _late(self) -> Text:
        if self._in_body:
            return _LATE_BODY.format(seconds=self._seconds)
        return _LATE_HEAD.format(seconds=self.limits.headers_seconds)

    def _account(self, count: int, waited: float) -> None:
        self._waited += waited
        self._bytes += count
        if not self._in_body:
            if self._bytes > self.limits.headers_bytes + _READ_AHEAD:
                raise ProtocolFailure(_BIG_HEAD.format(limit=self.limits.headers_bytes))
            return
        # Chunks of one byte with long extensions: the framing may cost as much as the payload, no more.
        if self._bytes > 2 * self.payload_limit + _READ_AHEAD:
            raise ProtocolFailure(_BIG_WIRE.format(limit=self.payload_limit))
        self._window_waited += waited
        self._window_bytes += count
        if self._window_waited >= self.limits.rate_window_seconds:
            if self._window_bytes < self.limits.minimum_rate_bytes * self._window_waited:
                seconds, rate = self.limits.rate_window_seconds, self.limits.minimum_rate_bytes
                raise TransportFailure(_SLOW.format(seconds=seconds, rate=rate))
            self._window_waited, self._window_bytes = 0.0, 0

    def check_header(self, header: Iterable[tuple[str, str]]) -> None:
        """Raise ``ProtocolFailure`` where the fields are longer than allowed (``name: value CRLF`` each)."""
        if sum(len(name) + len(value) + 4 for name, value in header) > self.limits.headers_bytes:
            raise ProtocolFailure(_BIG_HEAD.format(limit=self.limits.headers_bytes))

    def check_announced(self, length: str) -> None:
        """Raise ``ProtocolFailure`` where a ``Content-Length`` already announces too much."""
        if length.isascii() and length.isdecimal() and int(length[:20]) > self.payload_limit:
            raise ProtocolFailure(_BIG_WIRE.format(limit=self.payload_limit))


_PIECE = 1 << 16
_MEMBERS_GRACE = 1000
_MEMBER_BYTES = 1024  # so much does each member of a gzip file hold on average, once there are many


class Inflation:
    """The payload of one answer, decompressed piece by piece and counted on both sides."""

    def __init__(self, watch: Watch, coding: str) -> None:
        """``coding``: ``identity``, ``gzip`` or ``deflate``."""
        self._watch = watch
        self._coding = coding
        self._wire = 0
        self._inflated = 0
        self._members = 0

    def chunks(self, payload: Iterable[bytes]) -> Iterator[bytes]:
        """The decompressed bytes in pieces of at most 64 KB. Raises as :meth:`Watch.read` does."""
        pieces = payload if self._coding == "identity" else self._decompressed(self._counted(payload))
        for piece in pieces:
            if self._coding == "identity":
                self._count(len(piece))
            self._check(len(piece))
            yield piece

    def _counted(self, payload: Iterable[bytes]) -> Iterator[bytes]:
        for piece in payload:
            self._count(len(piece))
            yield piece

    def _count(self, length: int) -> None:
        self._wire += length
        if self._wire > self._watch.payload_limit:
            raise ProtocolFailure(_BIG_WIRE.format(limit=self._watch.payload_limit))

    def _check(self, length: int) -> None:
        self._inflated += length
        limits = self._watch.limits
        if self._inflated > self._watch.inflated_limit:
            raise ProtocolFailure(_BIG_INFLATED.format(limit=self._watch.inflated_limit))
        excessive = self._inflated > limits.inflation_ratio * self._wire
        if excessive and self._inflated > limits.inflation_grace_bytes:
            raise ProtocolFailure(_BOMB.format(limit=limits.inflation_ratio))

    def _decompressed(self, payload: Iterator[bytes]) -> Iterator[bytes]:
        """One member of a gzip file after the other (RFC 1952, 2.2), or one deflate stream."""
        stream = None
        for wire in payload:
            rest = wire
            while rest:
                stream = stream or self._begun(rest[0])
                yield from self._pieces(stream, rest)
                if not stream.eof:
                    break
                rest, stream = stream.unused_data, None
        if stream is not None:
            raise TransportFailure(_CUT_COMPRESSION)

    def _begun(self, first: int) -> zlib._Decompress:
        """The next member. One without content costs as much as one of a kilobyte, and is twenty bytes on the wire."""
        self._members += 1
        if self._members > _MEMBERS_GRACE + self._inflated // _MEMBER_BYTES:
            raise ProtocolFailure(_MANY_MEMBERS)
        return self._stream(first)

    def _stream(self, first: int) -> zlib._Decompress:
        if self._coding == "gzip":
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        # RFC 9110, 8.4.1.2: some senders leave out the zlib header that deflate must have.
        has_header = first & 0x0F == zlib.DEFLATED
        return zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)

    def _pieces(self, stream: zlib._Decompress, wire: bytes) -> Iterator[bytes]:
        """All that ``wire`` decompresses to, and no more than ``_PIECE`` bytes of it at once."""
        while True:
            try:
                piece = stream.decompress(wire, _PIECE)
            except zlib.error as error:
                raise ProtocolFailure(_BAD_COMPRESSION.format(coding=self._coding)) from error
            if piece:
                yield piece
            wire = stream.unconsumed_tail
            if stream.eof or (not wire and len(piece) < _PIECE):
                return
