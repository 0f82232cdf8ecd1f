"""Valid answers spoilt by chance: a typed verdict each, a child within its limits, and a parent that does not grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random

import pytest

from harvester.sandbox import AnswerRefused, Cause, ChildDied, Reading, Sandbox, SandboxLimits
from registry.model.record import CheckedRecord, Condition
from tests.conftest import Tell
from tests.hostile.mutants import Answer, mutants, valid
from tests.invariants.usage import peak_bytes, proportional_bytes
from tests.unit.harvester.protocols.samples import source
from tests.unit.harvester.sandbox.answers import READING, nothing_known

MOST_GROWTH = 20 << 20
WARM = 300


def verdict(sandbox: Sandbox, answer: Answer) -> str:
    """How reading an answer ends, in a word; every record that is refused says why."""
    described = source(answer.protocol, metadata_prefix=answer.prefix, namespace="endpoint.test")
    batches = sandbox.read(Reading(described, b"k" * 32, READING.today), [answer.content], nothing_known)
    try:
        while True:
            judge(next(batches))
    except StopIteration as end:
        return "whole" if end.value.complete else f"incomplete {end.value.issues[0].code}"
    except AnswerRefused as refused:
        return refused.issue.code if refused.text.zh and refused.text.en else "without a word"
    except ChildDied as died:
        return f"died of {died.cause}"


def judge(records: Iterable[CheckedRecord]) -> None:
    for record in records:
        assert record.condition is not Condition.REFUSED or record.issues, record
        assert record.condition is not Condition.LIVE or record.document is not None, record


@pytest.mark.parametrize("count", [1000, pytest.param(10_000, marks=pytest.mark.full)])
def test_mutants(count: int, seed: str, tell: Tell) -> None:
    limits = SandboxLimits()
    verdicts: Counter[str] = Counter()
    before, peak = 0, 0
    with Sandbox(limits) as sandbox:
        for number, answer in enumerate(mutants(Random(seed), WARM + count)):
            if number == WARM:
                before = proportional_bytes()
                verdicts.clear()
            verdicts[verdict(sandbox, answer)] += 1
            peak = max(peak, *(peak_bytes(pid) for pid in (sandbox.pid, sandbox.explainer_pid) if pid), 0)
        grown = proportional_bytes() - before
    told = ", ".join(f"{verdict} {times}" for verdict, times in verdicts.most_common())
    sizes = f"the parent grew by {grown / 2**20:.1f} MB, a child had {peak / 2**20:.0f} MB at most"
    tell(f"mutants: {count} read; {sizes}; {told}")
    assert {each for each in verdicts if each.startswith("died")} <= {
        f"died of {Cause.CPU}",
        f"died of {Cause.MEMORY}",
    }
    assert not verdicts["without a word"]
    assert verdicts["whole"] < count / 2 and len(verdicts) > 4, verdicts
    assert grown <= MOST_GROWTH
    assert peak <= limits.memory_bytes


def test_what_is_not_spoilt_is_whole() -> None:
    with Sandbox() as sandbox:
        assert [verdict(sandbox, answer) for answer in valid()] == ["whole"] * len(valid())
