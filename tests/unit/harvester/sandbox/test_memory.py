"""What small answers that are large trees cost a real child: little, and early."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.sandbox import AnswerRefused, Sandbox, SandboxLimits
from tests.unit.harvester.sandbox import answers
from tests.unit.harvester.sandbox.answers import READING, nothing_known

_MB = 1 << 20
_PIECE = 1 << 16
_MANY = b" ".join(b'a%d=""' % number for number in range(50))

BOMBS = {
    "elements": (b"<l>" + b"<a/>" * 2_097_152 + b"</l>", "xml-nodes", 3),
    "attributes": (b"<l>" + b"<a %b/>" % _MANY * 20_000 + b"</l>", "xml-nodes", 5),
    "on one element": (
        b"<l><a %b/></l>" % b" ".join(b'a%d=""' % number for number in range(1_000_000)),
        "xml-nodes",
        6,
    ),
    "texts": (b"<l>" + b"<a>%b</a>" % (b"x" * 4_000_000) * 25 + b"</l>", "xml-bytes", 66),
}
"""Answers of 7 to 100 MB, why they are refused, and after how many MB at the latest."""


def peak(pid: int | None) -> int:
    """The most bytes that a process has had in memory so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def growth(content: bytes, limits: SandboxLimits) -> tuple[int, int, str]:
    """How much larger a warm child grows that reads ``content``, how many bytes it was given, and the code of
    what refused it."""
    given, code = 0, ""

    def chunks() -> Iterator[bytes]:
        nonlocal given
        for at in range(0, len(content), _PIECE):
            given = at
            yield content[at : at + _PIECE]

    with Sandbox(limits) as child:
        list(child.read(READING, [answers.clean(100)], nothing_known))
        before = peak(child.pid)
        try:
            list(child.read(READING, chunks(), nothing_known))
        except AnswerRefused as refused:
            code = refused.issue.code
        return peak(child.pid) - before, given, code


@pytest.mark.parametrize(("content", "code", "megabytes"), BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused_early_and_costs_little(content: bytes, code: str, megabytes: int) -> None:
    grown, given, found = growth(content, SandboxLimits())
    assert found == code
    assert given < megabytes * _MB < len(content)
    assert grown < 150 * _MB


def test_the_control_without_limits_a_bomb_costs_much() -> None:
    grown, given, found = growth(BOMBS["elements"][0], SandboxLimits(tree_nodes=10**9))
    assert (found, given) == ("", len(BOMBS["elements"][0]) // _PIECE * _PIECE)
    assert grown > 200 * _MB
