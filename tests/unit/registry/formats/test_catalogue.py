"""Facts, search text and documents of the stored format."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.formats.catalogue import CATALOGUE, document_of, facts_of, search_text
from registry.formats.composing import compose
from registry.formats.leaves import leaves, plain
from registry.model.document import Catalogue, Facts, Sharing
from schemas.xml import canonical, parse, text_of
from schemas.xsd import NAMESPACE, explain

GOLDEN = Path(__file__).parents[3] / "golden"
PENALTY = (GOLDEN / "write/catalogue/penalty.catalogue.xml").read_bytes()


def test_the_facts_of_a_penalty() -> None:
    assert facts_of(parse(PENALTY)) == Facts(
        title="某某建设有限公司行政处罚决定 <安全生产>",
        catalogue=Catalogue.CREDIT,
        item="6.2",
        division="330100",
        body="杭州市城乡建设委员会",
        sharing=Sharing.CONDITIONAL,
        open=False,
        published_from=date(2024, 3, 5),
        published_until=date(2024, 12, 31),
        updated_on=date(2024, 3, 6),
    )


@pytest.mark.parametrize(
    ("gone", "published_from", "published_until"),
    [
        (["<publicUntil>2024-12-31</publicUntil>"], date(2024, 3, 5), date(2025, 3, 4)),
        (
            ["<publicUntil>2024-12-31</publicUntil>", "<publicUntil>2025-03-04</publicUntil>"],
            date(2024, 3, 5),
            None,
        ),
        (["<pubDate>2024-03-05</pubDate>"], date(2024, 3, 4), date(2024, 12, 31)),
    ],
)
def test_a_document_is_shown_when_all_its_parts_may_be(
    gone: list[str], published_from: date, published_until: date | None
) -> None:
    text = PENALTY.decode()
    for each in gone:
        assert each in text
        text = text.replace(each, "")
    record = parse(text.encode())
    assert explain(record) == ()
    facts = facts_of(record)
    assert (facts.published_from, facts.published_until) == (published_from, published_until)


def test_people_search_for_names_and_numbers_not_for_codes() -> None:
    lines = search_text(parse(PENALTY)).splitlines()
    assert CATALOGUE.key(parse(PENALTY)) in lines
    for wanted in (
        "某某建设有限公司",
        "杭建罚〔2024〕12号",
        "91350100M000100Y43",
        "安全生产",
        "330100/000123",
    ):
        assert wanted in lines
    assert "某某建设有限公司行政处罚决定 <安全生产>" in lines
    assert not {"credit", "bad", "2024-03-01", "普通", "1", "2"} & set(lines)


def test_a_document_holds_the_same_as_its_parts() -> None:
    record = parse(PENALTY)
    document = document_of(record)
    assert document.content == canonical(record)
    assert document.digest == sha256(document.content).digest()
    assert (document.facts, document.search_text) == (facts_of(record), search_text(record))


def test_other_spellings_make_the_same_document() -> None:
    prefixed = PENALTY.decode().replace("<", "<c:").replace("<c:/", "</c:").replace("xmlns=", "xmlns:c=")
    crlf = PENALTY.replace(b"\n", b"\r\n")
    commented = PENALTY.replace(b"<item>", b"<!-- the item --><item>")
    for other in (prefixed.encode(), crlf, commented):
        assert document_of(parse(other)) == document_of(parse(PENALTY))


def test_the_key_is_the_metadata_identifier() -> None:
    assert CATALOGUE.key(parse(PENALTY)) == "oai:hangzhou.example:330100-2024-000123"
    assert CATALOGUE.key(parse(f'<record xmlns="{NAMESPACE}"><resTitle>x</resTitle></record>'.encode())) == ""
    assert CATALOGUE.key(parse(f'<record xmlns="{NAMESPACE}"/>'.encode())) == ""


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


@given(st.lists(_TEXT, min_size=1, max_size=5))
def test_leaves_are_the_texts_of_the_tree(texts: list[str]) -> None:
    record = compose({"IdPoC": {"rpOrgName": texts}, "resTitle": "&<>\"' ]]>"})
    found = leaves(canonical(record))
    from_bytes = [(name.decode(), plain(text)) for name, text in zip(found.names, found.texts, strict=True)]
    from_tree = [
        (str(each.tag).rpartition("}")[2], text_of(each)) for each in record.iter() if len(each) == 0
    ]
    assert from_bytes == from_tree


def test_composing_leaves_out_what_is_empty() -> None:
    record = compose({"a": " x ", "b": "", "c": None, "d": {"e": ""}, "f": ["1", "", "2"], "g": [{"h": "3"}]})
    assert canonical(record) == (
        f'<record xmlns="{NAMESPACE}"><a>x</a><f>1</f><f>2</f><g><h>3</h></g></record>'.encode()
    )
