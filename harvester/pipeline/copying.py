"""Copies of answers as their bytes pass, so that one that cannot be read is there to be kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Self

from harvester.errors import HarvestFailure
from harvester.validate import is_secret
from registry.model.record import PIECE_BYTES, RawPage

_IN_MEMORY = 1 << 20
_END = 1 << 12  # a resumption token of 2 KB and the tags around it
_OVERLAP = 1 << 10
_ENCODINGS = (("utf-8", "gb18030"), ("utf-16-le",), ("utf-16-be",))


class Copy:
    """The first ``limit`` bytes of an answer; in a file once they are more than a megabyte. A context manager."""

    def __init__(self, limit: int) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (closed by __exit__)
        self._limit = limit
        self._end = b""
        self._ended = False
        self.size = 0
        self.came = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def end(self) -> bytes:
        """The last bytes of the answer; none where its end has not come."""
        return self._end if self._ended else b""

    def passing(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks, copied on the way."""
        for chunk in chunks:
            room = self._limit - self.size
            if room > 0:
                self._file.write(chunk[:room])
                self.size += min(room, len(chunk))
            self.came += len(chunk)
            self._end = (self._end + chunk[-_END:])[-_END:]
            yield chunk
        self._ended = True

    def take_rest(self, chunks: Iterable[bytes], *, to_its_end: bool) -> None:
        """Copy what is still to come: all of it, or what there is room for. It may break off."""
        try:
            for _ in self.passing(chunks):
                if not to_its_end and self.size >= self._limit:
                    return
        except HarvestFailure:
            return

    def pieces(self) -> Iterator[bytes]:
        """What was copied, :data:`PIECE_BYTES` at a time."""
        self._file.seek(0)
        while piece := self._file.read(PIECE_BYTES):
            yield piece

    def page(self, archive_key: bytes) -> RawPage:
        """The copy, to be kept under its digest."""
        digest = blake2b(key=archive_key, digest_size=32)
        for piece in self.pieces():
            digest.update(piece)
        return RawPage(digest.digest(), self.size, self.pieces())

    def is_secret(self) -> bool:
        """Whether a record in it says that it is secret, in any of the encodings that are read."""
        before = b""
        for piece in self.pieces():
            seen = before + piece
            if any(is_secret(seen, *encodings) for encodings in _ENCODINGS):
                return True
            before = seen[-_OVERLAP:]
        return False
