"""Every row of the table of rules: its good sample passes, its bad one is found. A rule that never fires
(or always does) fails here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from harvester.rules import RULES, RULES_VERSION, examination
from harvester.rules.base import GROUPS, RECORD, Arguments, CheckRule, Rule, TextRule
from harvester.rules.base import IDENTIFIER as IDENTIFIER_RULES
from harvester.rules.coverage import DIVISION_UNKNOWN
from harvester.rules.examination import Examiner, amend, apply
from harvester.rules.masking import (
    is_suspicious,
)
from harvester.rules.samples import IDENTIFIER, SOURCE, TODAY, sample_record
from registry.formats.leaves import leaves
from schemas.xml import canonical, parse, parse_packaged
from schemas.xsd import CATALOGUE, FOLDER, explain

XSD = "http://www.w3.org/2001/XMLSchema"


def _found(rule: Rule, sample: str) -> set[str]:
    is_identifier = not sample.startswith("<")
    record = sample_record() if is_identifier else sample_record(sample)
    assert CATALOGUE.validate(record), explain(record)
    suspicious = is_suspicious(canonical(record))
    issues = amend(record) if suspicious else []
    content = canonical(record)
    examiner = Examiner(SOURCE, TODAY)
    issues += examiner.identify(sample if is_identifier else IDENTIFIER)
    issues += apply(examiner.examine(IDENTIFIER, leaves(content), suspicious), record)[0]
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
    assert Examiner(SOURCE, TODAY).examine(IDENTIFIER, leaves(content), False) == []
    assert amend(record) == []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_a_row_is_whole(rule: Rule) -> None:
    assert re.fullmatch("[a-z]+(-[a-z]+)+|secrecy", rule.code)
    assert 1 <= rule.since <= RULES_VERSION
    for text in (rule.title, rule.message, rule.hint):
        assert text.zh and text.en
        assert set(re.findall(r"{\w+}", text.zh)) <= set(re.findall(r"{\w+}", text.en))
        assert re.search("[\u4e00-\u9fff]", text.zh) and text.en != text.zh


def _elements() -> Iterator[tuple[str, str]]:
    """(type around it, name) of every element of the schema."""
    for file in FOLDER.glob("*.xsd"):
        for kind in parse_packaged(file).getroot().iter(f"{{{XSD}}}complexType"):
            for element in kind.iter(f"{{{XSD}}}element"):
                yield str(kind.get("name")), str(element.get("name"))


def test_rules_name_elements_that_exist() -> None:
    names = {name for _, name in _elements()}
    for rule in RULES.values():
        if isinstance(rule, CheckRule):
            assert set(rule.on) <= {IDENTIFIER_RULES, RECORD, *GROUPS}
            assert rule.about == "" or rule.about in names
        if isinstance(rule, TextRule):
            assert rule.spares | rule.removes <= names
    for group, fields in GROUPS.items():
        assert group in names
        assert {field.decode() for field in fields} <= names


def test_a_name_in_a_group_stands_nowhere_else() -> None:
    """Fields of groups are cut by name alone."""
    around = Counter(name for _, name in _elements())
    for fields in GROUPS.values():
        assert all(around[field.decode()] == 1 for field in fields)


def test_a_record_full_of_faults_is_judged_in_time_that_grows_with_it() -> None:
    """Twice the faults take about twice the steps: no walk among all siblings for each of them."""
    links = "".join(f"<onLineSrc>javascript:{number}</onLineSrc>" for number in range(5000))
    record = sample_record()
    content = canonical(record).replace(b"<resID>", links.encode() + b"<resID>")
    record = parse(content)
    issues, removed = apply(Examiner(SOURCE, TODAY).examine(IDENTIFIER, leaves(content), False), record)
    assert removed
    assert len(issues) == 5000
    assert len([issue for issue in issues if issue.path]) == 50
    assert len(list(record.iter("{*}onLineSrc"))) == 1


@pytest.mark.parametrize("answer", [None, {"value": "x"}], ids=["never", "always"])
def test_a_rule_that_never_or_always_fires_is_noticed(
    answer: Arguments | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted defect of the test over the table."""
    spoilt = tuple(
        (rule, (lambda _, __: answer) if rule is DIVISION_UNKNOWN else check)
        for rule, check in examination._CODE_RULES
    )
    monkeypatch.setattr(examination, "_CODE_RULES", spoilt)
    with pytest.raises(AssertionError):
        test_a_rule_passes_its_good_sample_and_finds_its_bad_one(DIVISION_UNKNOWN)
