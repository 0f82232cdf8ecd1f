"""What a person and a program see of a value."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from registry.commands.output import print_json, told


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "✓"),
        (False, "–"),
        (0, "0"),
        (1.25, "1.2"),
        (date(2025, 6, 30), "2025-06-30"),
        (datetime(2025, 6, 30, 1, 2, 3, 999, tzinfo=UTC), "2025-06-30T01:02:03Z"),
        (b"\x00\xff", "00ff"),
        ({"a": 1}, "a=1"),
        ("杭州　市", "杭州　市"),
    ],
)
def test_values_for_people(value: object, text: str) -> None:
    assert told(value) == text


def test_json_keeps_what_it_does_not_show(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"title": "\x1b[31m\x7f\x85\u202e红\u2028\U000e0041𠮷\n"}
    print_json(value)
    printed = capsys.readouterr().out
    assert printed.replace("\n", "").isprintable() and "红" in printed
    assert msgspec.json.decode(printed) == value
