"""Whether bytes are a canonical record already, and their leaves, by what the records before looked like.

Most records of a source have one of a few shapes: the same elements in the same order. An expression made for one
shape proves the form and yields the texts in a third of the time that cutting takes. It is made once a shape has
come often enough to be worth it, and for a limited number of shapes: what hostile records cost is bounded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from registry.formats.leaves import LEAF, TEXT, Leaves, of_pieces

_TAG: Final = re.compile(rb"<(/?+)[A-Za-z]++>")
_OFTEN: Final = 30  # records, after which making an expression (some milliseconds) pays
_MOST_SHAPES: Final = 100  # expressions made in the life of a process
_MOST_COUNTED: Final = 1000  # shapes that came less often
_TRIED: Final = 4  # expressions tried on each record, the latest successful ones first
_LONGEST_FRAME: Final = 1024  # bytes
_LONGEST_MARKUP: Final = 4096  # bytes of all tags


class _Shape:
    """The expression for records with the elements of one, of which ``pieces`` are what :data:`LEAF` splits it
    into."""

    def __init__(self, pieces: Sequence[bytes], found: Leaves) -> None:
        gaps = [re.escape(gap) for gap in pieces[::3]]
        elements = [b"<%b>%b</%b>" % (name, TEXT, name) for name in found.names]
        self._match = re.compile(
            b"".join(part for pair in zip(gaps, [*elements, b""], strict=True) for part in pair)
        ).fullmatch
        self._names, self._backwards, self._frame = found.names, found.names[::-1], found.frame

    def leaves(self, written: bytes) -> Leaves | None:
        """The leaves of ``written`` if it has this shape."""
        match = self._match(written)
        if match is None:
            return None
        texts = match.groups()
        return Leaves(self._names, texts, dict(zip(self._backwards, texts[::-1], strict=True)), self._frame)


class Shapes:
    """What has been learnt of the records that begin with ``head``, a canonical start tag."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._shapes: list[_Shape] = []
        self._made = 0
        self._counted: Counter[int] = Counter()

    def canonical_leaves(self, written: bytes) -> Leaves | None:
        """The leaves of ``written``, if that is an element in canonical form that begins with ``head``.

        ``written`` is what libxml2 wrote for the content of some element (no comments, no CDATA). None says
        nothing: :func:`schemas.canonical.canonical` knows.
        """
        if b"#" in written and b"&#13;" in written:  # perhaps at the end of a text
            return None
        for rank, shape in enumerate(self._shapes):
            if found := shape.leaves(written):
                if rank:
                    self._shapes.insert(0, self._shapes.pop(rank))
                return found
        pieces = LEAF.split(written)
        found = of_pieces(pieces)
        if not pieces[0] or not pieces[-1] or len(found.frame) > _LONGEST_FRAME:
            return None  # a leaf before the element or behind it does not show in the frame
        if not _is_one_element(found.frame, self._head):
            return None
        self._learn(written, pieces, found)
        return found

    def _learn(self, written: bytes, pieces: Sequence[bytes], found: Leaves) -> None:
        markup = len(written) - sum(map(len, found.texts))
        if self._made == _MOST_SHAPES or markup > _LONGEST_MARKUP:
            return
        if len(self._counted) == _MOST_COUNTED:
            self._counted.clear()
        shape = hash((found.frame, *found.names))
        self._counted[shape] += 1
        if self._counted[shape] == _OFTEN:
            self._made += 1
            self._shapes = [_Shape(pieces, found), *self._shapes][:_TRIED]


@lru_cache(maxsize=1024)
def _is_one_element(frame: bytes, head: bytes) -> bool:
    """Whether ``frame`` is one element that begins with ``head``, with nothing in it but tags without prefix
    and attributes (they pair, as libxml2 wrote them)."""
    if not frame.startswith(head):
        return False
    at, depth = len(head), 1
    while depth and (tag := _TAG.match(frame, at)):
        depth += -1 if tag[1] else 1
        at = tag.end()
    return not depth and at == len(frame)
