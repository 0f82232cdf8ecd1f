"""The parent outlives every child: real processes, good ones and bad ones."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.errors import FatalFailure, TransportFailure
from harvester.protocols.base import Envelope
from harvester.rules.samples import SOURCE, TODAY
from harvester.sandbox import (
    AnswerRefused,
    Cause,
    ChildDied,
    InlineSandbox,
    Reading,
    Sandbox,
    Sandboxes,
    SandboxLimits,
)
from registry.model.harvesting import RecordKey
from registry.model.issue import Text
from registry.model.record import CheckedRecord, Condition
from tests.unit.harvester.sandbox import answers, impostor
from tests.unit.harvester.sandbox.answers import READING, nothing_known

Batches = Generator[list[CheckedRecord], None, Envelope]

_SMALL = SandboxLimits(batch_records=10)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One warm child for all tests that do it no harm."""
    with Sandbox(_SMALL) as opened:
        yield opened


def drain(batches: Batches) -> tuple[list[list[CheckedRecord]], Envelope]:
    """All batches, and what the answer said of itself."""
    found = []
    while True:
        try:
            found.append(next(batches))
        except StopIteration as stop:
            return found, stop.value


def test_a_child_reads_as_one_does_without(sandbox: Sandbox) -> None:
    content = answers.page(
        answers.record("1", b'<record xmlns="urn:mulu:catalogue:1"></record>'),
        answers.deleted("2"),
        answers.deleted("3"),
    )
    (mixed,), _ = drain(sandbox.read(READING, [content], nothing_known))
    assert [record.condition for record in mixed] == [Condition.REFUSED, Condition.DELETED, Condition.DELETED]
    for answer in (content, answers.clean(25)):
        there = drain(sandbox.read(READING, [answer], nothing_known))
        assert there == drain(InlineSandbox(_SMALL).read(READING, [answer], nothing_known))
    batches, envelope = drain(sandbox.read(READING, [answers.clean(25)], nothing_known))
    assert [len(batch) for batch in batches] == [10, 10, 5]
    assert envelope.token == "next"


def test_chunks_of_any_size_read_the_same(sandbox: Sandbox) -> None:
    answer = answers.clean(3)
    whole = drain(sandbox.read(READING, [answer], nothing_known))
    parts = [answer[at : at + 7] for at in range(0, len(answer), 7)]
    assert drain(sandbox.read(READING, parts, nothing_known)) == whole


def test_known_records_come_back_unread(sandbox: Sandbox) -> None:
    def known(keys: Sequence[RecordKey]) -> list[bool]:
        return [key.identifier.endswith("1") for key in keys]

    (records,), _ = drain(sandbox.read(READING, [answers.clean(4)], known))
    assert [record.condition for record in records] == [
        Condition.LIVE,
        Condition.KNOWN,
        Condition.LIVE,
        Condition.LIVE,
    ]
    assert records[1].document is None and records[1].raw is None and len(records[1].raw_digest) == 32


def test_the_next_question_comes_before_a_batch_is_handed_out(sandbox: Sandbox) -> None:
    """So the child has work while the parent takes a batch."""
    asked: list[str] = []

    def known(keys: Sequence[RecordKey]) -> list[bool]:
        asked.append(keys[0].identifier)
        return nothing_known(keys)

    batches = sandbox.read(READING, [answers.clean(40)], known)
    next(batches)
    assert asked[:2] == ["oai:hangzhou.example:0", "oai:hangzhou.example:10"]
    assert len(drain(batches)[0]) == 3


@pytest.mark.parametrize("inline", [True, False])
def test_an_ill_formed_answer_gives_what_stood_before(sandbox: Sandbox, inline: bool) -> None:
    reader = InlineSandbox(_SMALL) if inline else sandbox
    broken = answers.clean(12).replace(b"<resumptionToken>", b"<resumptionToken")
    batches = reader.read(READING, [broken], nothing_known)
    found = [next(batches), next(batches)]
    with pytest.raises(AnswerRefused) as refused:
        next(batches)
    assert [len(batch) for batch in found] == [10, 2]
    assert refused.value.issue.code == "xml-ill-formed"
    assert refused.value.text.zh


@pytest.mark.parametrize("inline", [True, False])
def test_an_answer_that_breaks_off_gives_what_came(sandbox: Sandbox, inline: bool) -> None:
    reader = InlineSandbox(_SMALL) if inline else sandbox
    reset = TransportFailure(Text("连接中断", "reset"))

    def chunks() -> Iterator[bytes]:
        yield answers.clean(12)[:-200]
        raise reset

    batches = reader.read(READING, chunks(), nothing_known)
    found = [next(batches), next(batches)]
    with pytest.raises(TransportFailure) as failure:
        next(batches)
    assert failure.value is reset
    assert sum(len(batch) for batch in found) >= 11


def test_a_failed_answer_does_not_cost_the_child(sandbox: Sandbox) -> None:
    drain(sandbox.read(READING, [answers.clean(1)], nothing_known))
    before = sandbox.pid
    with pytest.raises(AnswerRefused):
        drain(sandbox.read(READING, [b"<a>" + b"x" * 3_000_000], nothing_known))
    drain(sandbox.read(READING, [answers.clean(1)], nothing_known))
    assert sandbox.pid == before


def test_an_answer_left_early_costs_the_child_only(sandbox: Sandbox) -> None:
    batches = sandbox.read(READING, [answers.clean(40)], nothing_known)
    next(batches)
    batches.close()
    assert sandbox.pid is None
    assert len(drain(sandbox.read(READING, [answers.clean(40)], nothing_known))[0]) == 4


def test_a_killed_child_costs_its_answer_only(sandbox: Sandbox) -> None:
    sandbox.start()
    pid = sandbox.pid
    assert pid is not None

    def chunks() -> Iterator[bytes]:
        yield answers.clean(12)[:3000]
        os.kill(pid, signal.SIGKILL)
        yield answers.clean(12)[3000:]

    with pytest.raises(ChildDied) as died:
        drain(sandbox.read(READING, chunks(), nothing_known))
    assert died.value.cause is Cause.SIGNAL and died.value.detail == "SIGKILL"
    assert isinstance(died.value, TransportFailure)
    drain(sandbox.read(READING, [answers.clean(12)], nothing_known))
    assert sandbox.pid not in (None, pid)


def test_memory_beyond_the_limit_ends_the_child() -> None:
    hungry = answers.page(answers.record("1", b"<r>" + b"<a/>" * 3_000_000 + b"</r>"))
    unbounded = SandboxLimits(memory_bytes=400 << 20, tree_nodes=10**9)
    with Sandbox(unbounded) as small, pytest.raises(ChildDied) as died:
        drain(small.read(READING, [hungry], nothing_known))
    assert died.value.cause is Cause.MEMORY


def test_a_spent_child_is_replaced() -> None:
    with Sandbox(replace(_SMALL, answers=2)) as short_lived:
        pids = []
        for _ in range(3):
            short_lived.start()
            pids.append(short_lived.pid)
            drain(short_lived.read(READING, [answers.clean(1)], nothing_known))
    assert pids[0] == pids[1] != pids[2]


def test_a_child_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULU_DATABASE_URL", "postgresql://user:secret@host/name")
    with Sandbox(_SMALL) as fresh:
        fresh.start()
        assert fresh.pid is not None
        assert b"secret" not in Path(f"/proc/{fresh.pid}/environ").read_bytes()
        assert b"MULU" not in Path(f"/proc/{fresh.pid}/environ").read_bytes()


def test_a_confined_child_opens_nothing(sandbox: Sandbox) -> None:
    drain(sandbox.read(READING, [answers.clean(1)], nothing_known))
    limits = Path(f"/proc/{sandbox.pid}/limits").read_text()
    rows = {line[:25].strip(): line[25:].split() for line in limits.splitlines()}
    assert rows["Max open files"][:2] == ["3", "3"]
    assert rows["Max core file size"][:2] == ["0", "0"]
    assert rows["Max address space"][:2] == [str(1 << 30)] * 2
    assert sorted(each.name for each in Path(f"/proc/{sandbox.pid}/fd").iterdir()) == ["0", "1", "2"]


def test_an_unknown_format_is_fatal_before_any_child() -> None:
    source = replace(SOURCE, metadata_prefix="marc21")
    with Sandbox(_SMALL) as unused, pytest.raises(FatalFailure):
        drain(unused.read(Reading(source, b"k" * 32, TODAY), [b""], nothing_known))
    assert unused.pid is None


BAD_CHILDREN = {
    "vanish": Cause.CRASH,
    "spin": Cause.CPU,
    "run_out_of_memory": Cause.MEMORY,
    "sleep": Cause.SILENCE,
    "drip": Cause.SILENCE,
    "say_garbage": Cause.GARBAGE,
    "announce_too_much": Cause.GARBAGE,
    "answer_unasked": Cause.GARBAGE,
    "ask_without_end": Cause.GARBAGE,
    "keep_records": Cause.GARBAGE,
    "answer_with_nothing": Cause.GARBAGE,
    "explain_unasked": Cause.GARBAGE,
    "attach_false_digest": Cause.GARBAGE,
    "attach_false_raw": Cause.GARBAGE,
    "crash": Cause.CRASH,
    "speak_last_words": Cause.CRASH,
}


def _impostor(role: str) -> Sandbox:
    patient = 20.0 if role == "spin" else 0.6
    limits = replace(_SMALL, silence_seconds=patient)
    return Sandbox(limits, impostor.command(role))


@pytest.mark.parametrize(("role", "cause"), BAD_CHILDREN.items())
def test_whatever_a_child_does_the_parent_lives(role: str, cause: Cause) -> None:
    with _impostor(role) as bad:
        bad.start()
        pid = bad.pid
        with pytest.raises(ChildDied) as died:
            drain(bad.read(READING, [answers.clean(1)], nothing_known))
        assert died.value.cause is cause
        assert died.value.text.zh and died.value.text.en.isascii()
        assert bad.pid is None
        assert not Path(f"/proc/{pid}").exists()


def test_every_bad_role_is_tried() -> None:
    assert BAD_CHILDREN.keys() == impostor.ROLES.keys()


def test_a_child_that_does_not_come_up_says_why() -> None:
    with (
        Sandbox(_SMALL, (sys.executable, "-I", "-c", "raise SystemExit('no such module')")) as dead,
        pytest.raises(ChildDied) as died,
    ):
        dead.start()
    assert "no such module" in died.value.detail


def test_threads_share_a_pool() -> None:
    seen: list[int] = []
    with Sandboxes(2, _SMALL) as pool:

        def work() -> None:
            batches, _ = drain(pool.read(READING, [answers.clean(15)], nothing_known))
            seen.append(sum(len(batch) for batch in batches))

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pids = {each.pid for each in pool.sandboxes} - {None}
        assert 1 <= len(pids) <= 2
    assert seen == [15] * 6
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
