"""Whether a list that goes on still brings anything: answer after answer with the same records is a loop, too."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

from registry.model.record import CheckedRecord, Page

_REMEMBERED = 5000
"""Identifiers that are remembered to notice a repetition early; the sink knows them all."""


class Novelty:
    """``idle``: how many answers in a row brought no record that had not come before, as the sink found."""

    def __init__(self) -> None:
        self.idle = 0
        self._fresh = 0
        self._recent: OrderedDict[bytes, None] = OrderedDict()

    def told(self, page: Page, fresh: int) -> None:
        """The sink has taken a page, ``fresh`` of whose records came for the first time."""
        if page.singly:
            return
        self._fresh += fresh
        if page.checkpoint is None or not page.records:  # inside an answer, or nothing to judge by
            return
        self.idle = 0 if self._fresh else self.idle + 1
        self._fresh = 0

    def repeats(self, records: Sequence[CheckedRecord]) -> bool:
        """Whether all of ``records`` came only lately: worth asking the sink."""
        traces = [blake2b(each.identifier.encode(), digest_size=8).digest() for each in records]
        found = bool(traces) and all(trace in self._recent for trace in traces)
        for trace in traces:
            self._recent[trace] = None
            self._recent.move_to_end(trace)
        while len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)
        return found


class Tokens:
    """The tokens of a walk, as far back as it is worth while: of a longer loop, :class:`Novelty` tells."""

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._remembered = remembered
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def came(self, token: str) -> bool:
        """Whether ``token`` came before; it has come now."""
        trace = blake2b(token.encode(), digest_size=8).digest()
        if trace in self._seen:
            return True
        self._seen[trace] = None
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        return False
