"""What people see of a value, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g
from markupsafe import Markup

from registry.model.issue import Text
from registry.model.role import Role
from registry.web.admin.language import COOKIE, ago, language, number, say, shown

NOW = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)


@pytest.fixture(params=["zh", "en"])
def asked(request: pytest.FixtureRequest) -> Iterator[str]:
    """A request in this language; it is given."""
    app = Flask(__name__)
    app.extensions["console"] = SimpleNamespace(zone=ZoneInfo("Asia/Shanghai"))
    with app.test_request_context():
        g.language = request.param
        yield request.param


def test_values(asked: str) -> None:
    is_english = asked == "en"
    assert shown(Text("登记册", "register")) == ("register" if is_english else "登记册")
    assert shown(Role.AUDITOR) == ("auditor" if is_english else "审计员")
    assert shown(True) == ("yes" if is_english else "是")
    assert shown(None) == ""
    assert shown(7) == 7
    assert shown("a\u202eb\x07") == "a\\u202eb\\u0007"
    assert shown(Text("\x1b", "\x1b")) == "\\u001b"
    assert shown(Markup("<b>\u202e</b>")) == "<b>\u202e</b>"
    assert shown(date(2024, 2, 29)) == "2024-02-29"
    assert shown(datetime(2023, 12, 31, 16, 0, tzinfo=UTC)) == "2024-01-01 00:00"
    assert say("{role} 甲", "{role} a", role=Role.VIEWER) == ("viewer a" if is_english else "查阅员 甲")
    assert say("{字面}", "{literal}") == ("{literal}" if is_english else "{字面}")


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "刚刚", "just now"),
        (59, "刚刚", "just now"),
        (60, "1 分钟前", "1 min ago"),
        (3599, "59 分钟前", "59 min ago"),
        (3600, "1 小时前", "1 h ago"),
        (86_399, "23 小时前", "23 h ago"),
        (86_400, "1 天前", "1 d ago"),
        (-30, "即将", "soon"),
        (-60, "1 分钟后", "in 1 min"),
        (-172_800, "2 天后", "in 2 d"),
    ],
)
def test_how_long_ago(asked: str, seconds: int, zh: str, en: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == (en if asked == "en" else zh)
    assert ago(None, NOW) == ("never" if asked == "en" else "从未")


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (0, "0"), (999, "999"), (1000, "1,000"), (1234567, "1,234,567"), (1234.56, "1,234.6")],
)
def test_numbers(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("cookie", "spoken"), [("", "zh"), ("en", "en"), ("zh", "zh"), ("fr", "zh"), ("<x>", "zh")]
)
def test_a_language_is_chosen_or_chinese(cookie: str, spoken: str) -> None:
    with Flask(__name__).test_request_context(headers={"Cookie": f"{COOKIE}={cookie}"}):
        assert language() == spoken
