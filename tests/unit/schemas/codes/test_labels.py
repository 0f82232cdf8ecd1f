"""Every code of the schema has a label, and every label of a schema list has its code."""

from __future__ import annotations

import pytest
from lxml import etree

from schemas.codes.labels import label, labels
from schemas.issue import Text
from schemas.vocabulary import CODE_LISTS
from schemas.xsd import FOLDER

XS = "{http://www.w3.org/2001/XMLSchema}"


def enumerations() -> dict[str, list[str]]:
    tree = etree.parse(str(FOLDER / "values.xsd"))
    return {
        str(kind.get("name")): [str(value.get("value")) for value in kind.iter(f"{XS}enumeration")]
        for kind in tree.iter(f"{XS}simpleType")
        if kind.find(f".//{XS}enumeration") is not None
    }


def test_the_lists_of_the_schema_and_of_the_labels_are_the_same() -> None:
    found = enumerations()
    assert found.keys() == CODE_LISTS.keys()
    for kind, codes in found.items():
        assert list(labels(CODE_LISTS[kind])) == codes, kind


def test_labels_exist_in_both_languages() -> None:
    for name in [*CODE_LISTS.values(), "theme", "conduct_subject"]:
        assert all(each.zh and each.en for each in labels(name).values()), name
    assert len(labels("theme")) == 20


def test_an_unknown_code_labels_itself_and_an_unknown_list_is_an_error() -> None:
    assert label("sharing", "1").zh == "无条件共享"
    assert label("sharing", "9") == Text("9", "9")
    with pytest.raises(KeyError):
        labels("no such list")
