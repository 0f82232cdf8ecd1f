"""A record in a form: what is entered comes back, what a form cannot hold is named."""

from __future__ import annotations

import pytest

from registry.formats.columns import content_of
from registry.formats.composing import Content, compose
from registry.formats.entered import ONCE, PARTY, Entered, document_of, entered_in, left_out
from schemas.xml import canonical
from schemas.xsd import CATALOGUE
from tests.unit.registry.formats.test_columns import MINIMAL, WHOLE

FIRST = {"partyRole": "construction", "partyName": "某建设有限公司", "partyId": "91350100M000100Y43"}
SECOND = {"partyRole": "other", "partyName": "另一公司"}


def record(**changes: Content) -> bytes:
    return canonical(compose(content_of(WHOLE) | changes))


def test_a_record_with_several_parties_comes_back_as_it_was() -> None:
    document = document_of(Entered(WHOLE, [FIRST, SECOND], "oai:a:<1>"))
    again = entered_in(document)
    assert again.identifier == "oai:a:<1>"
    assert [each["partyName"] for each in again.parties] == ["某建设有限公司", "另一公司"]
    assert again.parties[0]["partyIdScheme"] == "uscc"
    assert again.values["keyword"] == "水利; 防洪; 大堤"
    assert document_of(again) == document
    known = {
        "partyRole": "other",
        "partyName": "甲",
        "partyIdScheme": "uscc",
        "partyId": "91350100M000100Y43",
    }
    assert left_out(record(party=[known, SECOND])) == ()


def test_what_is_left_empty_makes_no_element() -> None:
    document = document_of(Entered(MINIMAL, [{}, dict.fromkeys(FIRST, "")]))
    assert b"<party>" not in document
    assert (entered_in(document).parties, entered_in(document).identifier) == ([], "")
    assert CATALOGUE(compose(content_of(MINIMAL)))


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({"abstract": "一\n二"}, {"abstract"}),
        ({"award": [{"awardName": "一等奖"}, {"awardName": "二等奖"}]}, {"award[2…]/awardName"}),
        ({"DescKeys": {"keyword": ["甲;乙"]}}, {"DescKeys/keyword"}),
    ],
)
def test_what_a_form_cannot_hold_is_named(changes: dict[str, Content], lost: set[str]) -> None:
    assert set(left_out(record(**changes))) == lost


def test_control_characters_are_told_not_kept() -> None:
    with pytest.raises(ValueError, match="XML"):
        document_of(Entered(MINIMAL | {"abstract": "\x01"}))


def test_every_column_is_entered_once() -> None:
    assert {each.name for each in PARTY} == {"partyRole", "partyName", "partyIdScheme", "partyId"}
    assert len(ONCE) + len(PARTY) == len(set(ONCE) | set(PARTY))
