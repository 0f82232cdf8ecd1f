"""The table of checks, and the time that each has."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.diagnosis import CHECKS, Check, Finding, Patient, State, examination, examine, worst
from harvester.diagnosis.examination import Row
from harvester.diagnosis.finding import TITLES
from registry.errors import NotFound
from registry.model.issue import Text
from tests.unit.harvester.diagnosis.patients import look, patient

WELL = Finding(Check.DISK, State.WELL, Text("好", "well"))


def planted(monkeypatch: pytest.MonkeyPatch, check: Check, row: Row) -> None:
    monkeypatch.setattr(examination, "CHECKS", {**CHECKS, check: row})


def test_every_check_has_a_title_and_a_row() -> None:
    assert set(CHECKS) == set(Check) == set(TITLES)


def test_all_checks_fit_into_a_minute(tmp_path: Path) -> None:
    assert examination.SECONDS < 60
    assert all(row.seconds < examination.SECONDS for row in CHECKS.values())


def test_without_a_store_what_needs_it_is_skipped(tmp_path: Path) -> None:
    begun: list[Check] = []
    found = {each.check: each.state for each in examine(patient(tmp_path), begun.append)}
    assert begun == list(CHECKS)
    assert {check for check, state in found.items() if state is State.SKIPPED} == {
        check for check, row in CHECKS.items() if row.needs_store
    }


def test_a_check_that_hangs_is_left_behind_with_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def hang(_: Patient) -> Iterator[Finding]:
        yield WELL
        released.wait(60)

    planted(monkeypatch, Check.DISK, Row(hang, 0.2, needs_store=False))
    found = look(Check.DISK, patient(tmp_path))
    released.set()
    assert [each.state for each in found] == [State.WELL, State.FAILED]


def test_no_check_has_more_time_than_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def hang(_: Patient) -> Iterator[Finding]:
        released.wait(60)
        yield WELL

    planted(monkeypatch, Check.DISK, Row(hang, 50, needs_store=False))
    (found,) = look(Check.DISK, replace(patient(tmp_path), left=lambda: 0.2))
    released.set()
    assert found.state is State.FAILED


@pytest.mark.parametrize(
    ("error", "told"),
    [(ZeroDivisionError("by\nzero"), "ZeroDivisionError: by"), (NotFound(Text("无", "gone")), "gone")],
)
def test_a_check_that_fails_itself_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    def fail(_: Patient) -> Iterator[Finding]:
        yield WELL
        raise error

    planted(monkeypatch, Check.DISK, Row(fail, 5, needs_store=False))
    first, second = look(Check.DISK, patient(tmp_path))
    assert (first, second.state, told in second.text.en) == (WELL, State.FAILED, True)


@pytest.mark.parametrize(
    ("states", "result"),
    [
        ([], State.WELL),
        ([State.WELL, State.SKIPPED], State.SKIPPED),
        ([State.WARNING, State.WELL, State.SKIPPED], State.WARNING),
        ([State.WARNING, State.FAILED], State.FAILED),
    ],
)
def test_the_worst_counts(states: list[State], result: State) -> None:
    assert worst(replace(WELL, state=each) for each in states) is result
