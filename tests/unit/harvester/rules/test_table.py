"""Every row of the table of rules: its good sample passes, its bad one is found. A rule that never fires
(or always does) fails here."""

from __future__ import annotations

import re

import pytest

from harvester.rules import RULES, RULES_VERSION
from harvester.rules.base import Rule
from harvester.rules.examination import Examiner, amend, apply
from harvester.rules.masking import is_suspicious
from harvester.rules.samples import IDENTIFIER, SOURCE, TODAY, sample_record
from registry.formats.catalogue import leaves
from schemas.xml import canonical
from schemas.xsd import CATALOGUE, explain


def _found(rule: Rule, sample: str) -> set[str]:
    is_identifier = not sample.startswith("<")
    record = sample_record() if is_identifier else sample_record(sample)
    assert CATALOGUE.validate(record), explain(record)
    suspicious = is_suspicious(canonical(record))
    issues = amend(record) if suspicious else []
    content = canonical(record)
    examiner = Examiner(SOURCE, TODAY)
    issues += examiner.identify(sample if is_identifier else IDENTIFIER)
    issues += apply(examiner.examine(IDENTIFIER, content, leaves(content), suspicious), record)[0]
    assert CATALOGUE.validate(record), "what a rule leaves of a valid record is valid"
    return {issue.code for issue in issues}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_a_rule_passes_its_good_sample_and_finds_its_bad_one(rule: Rule) -> None:
    assert rule.code not in _found(rule, rule.good)
    assert rule.code in _found(rule, rule.bad)


def test_the_sample_record_is_clean() -> None:
    record = sample_record()
    assert CATALOGUE.validate(record)
    content = canonical(record)
    assert not is_suspicious(content)
    assert Examiner(SOURCE, TODAY).identify(IDENTIFIER) == []
    assert Examiner(SOURCE, TODAY).examine(IDENTIFIER, content, leaves(content), False) == []
    assert amend(record) == []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_a_row_is_whole(rule: Rule) -> None:
    assert re.fullmatch("[a-z]+(-[a-z]+)+|secrecy", rule.code)
    assert 1 <= rule.since <= RULES_VERSION
    for text in (rule.title, rule.message, rule.hint):
        assert text.zh and text.en
        assert set(re.findall(r"{\w+}", text.zh)) <= set(re.findall(r"{\w+}", text.en))
        assert re.search("[\u4e00-\u9fff]", text.zh) and text.en != text.zh
