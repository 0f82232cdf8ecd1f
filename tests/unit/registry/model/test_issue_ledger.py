"""A ledger keeps the first issues of a code and counts all of them."""

from __future__ import annotations

import msgspec
import pytest

from registry.model.issue import Severity
from registry.model.issue_ledger import IssueLedger

LIMIT = 3


def told(ledger: IssueLedger, times: int, code: str = "e", **options: bool | int) -> list[bool]:
    """Which of so many issues of a code are kept."""
    return [ledger.admits(code, Severity.ERROR, LIMIT, **options) for _ in range(times)]  # type: ignore[arg-type]


@pytest.mark.parametrize(("times", "beyond"), [(LIMIT - 1, 0), (LIMIT, 0), (LIMIT + 1, 1), (LIMIT + 5, 5)])
def test_the_first_ones_are_kept_and_all_are_counted(times: int, beyond: int) -> None:
    ledger = IssueLedger()
    assert sum(told(ledger, times)) == min(times, LIMIT)
    assert (ledger.codes["e"].found, ledger.beyond(), ledger.beyond("e")) == (times, beyond, beyond)
    assert set(ledger.only_counted) == ({"e"} if beyond else set())


def test_codes_do_not_take_room_from_each_other() -> None:
    ledger = IssueLedger()
    told(ledger, 10)
    assert told(ledger, 4, "f") == [True, True, True, False]
    assert (ledger.beyond(), ledger.beyond("e"), ledger.beyond("f"), list(ledger.only_counted)) == (
        8,
        7,
        1,
        ["e", "f"],
    )


def test_what_must_be_kept_is_kept() -> None:
    assert told(IssueLedger(), LIMIT + 2, always=True) == [True] * (LIMIT + 2)


def test_no_more_are_counted_than_there_can_be() -> None:
    ledger = IssueLedger()
    told(ledger, 10, most=5)
    assert (ledger.codes["e"].found, ledger.beyond()) == (5, 2)


@pytest.mark.parametrize(("size", "fits"), [(9, True), (10, True), (11, False)])
def test_bytes_are_kept_while_there_is_room(size: int, fits: bool) -> None:
    ledger = IssueLedger(refused_bytes=90)
    assert ledger.has_room(size, 100) is fits
    assert (ledger.refused_bytes, ledger.bytes_left) == ((90 + size, 0) if fits else (90, 1))


def test_a_ledger_that_was_written_goes_on() -> None:
    ledger = IssueLedger()
    told(ledger, 4)
    again = msgspec.convert(msgspec.json.decode(msgspec.json.encode(ledger)), IssueLedger)
    assert told(again, 2) == [False, False]
    assert again.codes["e"].found == 6
