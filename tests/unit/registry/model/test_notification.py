"""What people are told, in both languages, with what to do next."""

from __future__ import annotations

import pytest

from registry.model.issue import Text
from registry.model.notification import RECIPIENTS, Facts, Kind, text, title
from registry.model.role import PERMISSIONS, Permission, Role

FACTS = Facts(
    "hangzhou", "杭州{0}市", "330100", run=17, reason=Text("全部消失 {x}", "all gone {x}"), actor="li",
    codes=("date.future",),
)  # fmt: skip
URL = "https://catalogue.example.cn/admin"


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_says_what_has_happened_and_what_to_do(kind: Kind) -> None:
    for language, step in (("zh", ("下一步", "无需处理")), ("en", ("Next", "nothing to do"))):
        told = text(kind, FACTS, URL).in_language(language)
        assert "hangzhou" in title(kind, FACTS).in_language(language)
        assert any(word in told for word in step)
        assert URL in told and "杭州{0}市" in told


@pytest.mark.parametrize("kind", [Kind.REJECTED, Kind.HELD, Kind.FAILING])
def test_the_reason_is_told_as_it_stands(kind: Kind) -> None:
    assert "全部消失 {x}" in text(kind, FACTS, URL).zh
    assert "all gone {x}" in text(kind, FACTS, URL).en


def test_who_is_told_can_do_something_about_it() -> None:
    does = {
        Role.APPROVER: Permission.APPROVE,
        Role.OPERATOR: Permission.SUSPEND,
        Role.SUBMITTER: Permission.AMEND_SOURCE,
    }
    assert set(RECIPIENTS) == set(Kind)
    for role in RECIPIENTS.values():
        rule = PERMISSIONS[does[role]]
        assert role in rule.roles | rule.own
