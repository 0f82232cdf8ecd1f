"""Everything a municipality can do wrong, as one table: a new fault is a function and a row in one of its parts.

The parts stand in the order in which an answer comes about, and so are faults that are mixed: what the list
holds, what its page says, which bytes are made of it, how these are sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from tests.endpoint import answer_faults, list_faults, moving_faults, page_faults, wire_faults
from tests.endpoint.exchange import Fault, Level

_SERVERS = (
    Fault("tls", Level.TLS, "TLS as it should be (no fault)"),
    Fault("tls-client", Level.TLS, "TLS that asks for a client's certificate (no fault)"),
    Fault("tls-expired", Level.TLS, "a certificate that has expired"),
    Fault("tls-wrong-name", Level.TLS, "a certificate of another address"),
    Fault("tls-untrusted", Level.TLS, "a certificate that it signed itself"),
    Fault("tls-missing", Level.TLS, "HTTP where TLS was promised"),
    Fault("refused", Level.CONNECTION, "nobody listens at the port"),
)

FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        *list_faults.ROWS, *moving_faults.ROWS, *page_faults.ROWS, *answer_faults.ROWS, *wire_faults.ROWS, *_SERVERS,
    )
}  # fmt: skip
NO_FAULTS = frozenset(name for name, fault in FAULTS.items() if "(no fault)" in fault.about)

_ORDER = {name: number for number, name in enumerate(FAULTS)}
_PLAY = re.compile(r"(?P<name>[^@]+)(?:@(?P<first>\d+)(?P<to>-)?(?P<last>\d+)?)?")


class Play(NamedTuple):
    """A fault that is played at some visits: from the ``first`` on, to the ``last`` (0: for ever)."""

    fault: Fault
    first: int = 1
    last: int = 0

    def covers(self, number: int) -> bool:
        """Whether the fault shows at this visit."""
        return self.first <= number and (not self.last or number <= self.last)


@lru_cache(maxsize=10_000)
def read_play(text: str) -> Play:
    """``NAME`` (at every visit), ``NAME@3`` (at the third only), ``NAME@3-`` or ``NAME@3-5``; of a family
    (``token-loop``) the first. Raises ``ValueError``."""
    found = _PLAY.fullmatch(text)
    fault = None if found is None else _named(found["name"])
    if found is None or fault is None:
        raise ValueError(f"no such fault: {text}")
    first = int(found["first"] or 1)
    last = int(found["last"] or 0) if found["to"] or not found["first"] else first
    return Play(fault, first, last)


def _named(name: str) -> Fault | None:
    family = (each for each in FAULTS if each.startswith(f"{name}-"))
    return FAULTS.get(name) or FAULTS.get(next(family, ""))


def in_order(plays: Iterable[Play]) -> list[Play]:
    """As an answer comes about, in whichever order they were named."""
    return sorted(plays, key=lambda play: _ORDER[play.fault.name])
