"""How large the tree of a document may grow, counted in its bytes before a parser has them.

Bytes bound nothing: 8 MB of ``<a/>`` are 419 MB as a tree. What does is the number of nodes, that is of start tags
and attributes, and it can be had for next to nothing: no document has more nodes than ``<`` and ``=``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Final, NamedTuple

from schemas.refusal import TREE_BYTES, TREE_NODES, XmlRefused

_OTHERS: Final = bytes(code for code in range(256) if code not in b"<=")
_NODE: Final = re.compile(rb"<(?![/!?])|=[ \t\r\n]*+(?:[\"']|\Z)")


class TreeLimits(NamedTuple):
    """``nodes``: elements and attributes in memory at once; ``size``: the bytes that they were."""

    nodes: int = 500_000
    size: int = 64 << 20


def nodes_at_most(content: bytes) -> int:
    """A bound on the nodes of ``content``, in a third of a nanosecond a byte."""
    return len(content.translate(None, _OTHERS))


def nodes_in(content: bytes) -> int:
    """The nodes of ``content``: exact, but for what looks like markup in texts, in the declaration or at the very
    end, which counts, too."""
    return len(_NODE.findall(content))


class Gauge:
    """Keeps count of a tree that grows piece by piece, and from which others take parts out again.

    The tree itself is looked at only where the count says that a limit would be passed.
    """

    def __init__(self, limits: TreeLimits) -> None:
        self._limits = limits
        self._nodes = 0
        self._size = 0

    def admit(self, piece: bytes, written: Callable[[], bytes] | None) -> tuple[bytes, XmlRefused | None]:
        """What of ``piece`` the tree may still take; where that is not all of it, what to raise afterwards.

        ``written`` tells the tree as bytes, None where it cannot be had yet.
        """
        nodes = nodes_in(piece) if written is None else nodes_at_most(piece)
        if written is not None and not self._fits(nodes, len(piece)):
            held = written()
            self._nodes, self._size, nodes = nodes_in(held), len(held), nodes_in(piece)
        if self._fits(nodes, len(piece)):
            self._nodes += nodes
            self._size += len(piece)
            return piece, None
        most_nodes, most_bytes = self._limits
        if self._nodes + nodes <= most_nodes:
            return piece[: max(most_bytes - self._size, 0)], XmlRefused(TREE_BYTES, limit=most_bytes)
        beyond = next(islice(_NODE.finditer(piece), max(most_nodes - self._nodes, 0), None))
        return piece[: beyond.start()], XmlRefused(TREE_NODES, limit=most_nodes)

    def _fits(self, nodes: int, size: int) -> bool:
        return self._nodes + nodes <= self._limits.nodes and self._size + size <= self._limits.size
