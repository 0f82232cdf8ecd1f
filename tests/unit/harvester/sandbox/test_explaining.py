"""Refused records are explained by a second child, as they are without any."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from harvester.rules.samples import sample_record
from harvester.sandbox import AnswerReader, ChildDied, InlineSandbox, Sandbox
from registry.model.record import CheckedRecord
from schemas.xml import canonical
from tests.unit.harvester.sandbox import answers
from tests.unit.harvester.sandbox.answers import READING, nothing_known


def read(reader: AnswerReader, answer: bytes) -> list[CheckedRecord]:
    return [record for batch in reader.read(READING, [answer], nothing_known) for record in batch]


def test_refused_records_are_explained_by_another_child_with_their_lines() -> None:
    faulty = canonical(sample_record()).replace(b"<", b"\n<").replace(b"\n</", b"</")
    faulty = faulty.replace(b"330106</division>", b"1</division>").replace(
        b"<sharing>", b"<bogus/>\n<sharing>"
    )
    answer = answers.page(*(answers.record(str(number), faulty) for number in range(3)))
    with Sandbox() as fresh:
        read(fresh, answers.clean(1))
        pids = [fresh.explainer_pid]
        there = read(fresh, answer)
        assert there == read(InlineSandbox(), answer)
        pids += [fresh.explainer_pid, fresh.pid]
        read(fresh, answer)
        pids.append(fresh.explainer_pid)
    assert pids[0] is None, "only a refused record needs one"
    assert pids[1] == pids[3] != pids[2]
    assert not Path(f"/proc/{pids[1]}").exists()
    assert {(issue.code, issue.path) for issue in there[0].issues} == {
        ("schema-pattern", "/record/division"),
        ("schema-unexpected", "/record"),
    }
    assert all(issue.line and issue.line > 10 for issue in there[0].issues)


def test_the_death_of_the_child_that_explains_costs_the_answer_only() -> None:
    answer = answers.page(answers.record("1", b'<record xmlns="urn:mulu:catalogue:1"></record>'))
    with Sandbox() as fresh:
        read(fresh, answer)
        assert fresh.explainer_pid is not None
        os.kill(fresh.explainer_pid, signal.SIGKILL)
        with pytest.raises(ChildDied):
            read(fresh, answer)
        (refused,) = read(fresh, answer)
        assert refused.issues
