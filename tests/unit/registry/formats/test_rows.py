"""Records as rows: what a row holds comes back as it was, and what it does not hold is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.formats.columns import COLUMNS, content_of
from registry.formats.composing import Content, compose
from registry.formats.rows import CELL_CHARACTERS, Row, row_of
from schemas.xml import canonical
from tests.unit.registry.formats.test_columns import WHOLE

NAMES = [column.name for column in COLUMNS]
CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)


def record(**changes: Content) -> bytes:
    """The canonical bytes of a record that fills every kind of column, but for what is changed."""
    return canonical(compose(content_of(WHOLE) | changes))


def again(row: Row) -> bytes:
    """The record that the row makes."""
    return canonical(compose(content_of(dict(zip(NAMES, row.cells, strict=True)))))


def test_a_row_holds_a_whole_record() -> None:
    row = row_of(record())
    assert (row.lost, again(row)) == ((), record())
    cells = dict(zip(NAMES, row.cells, strict=True))
    assert (cells["keyword"], cells["partyRole"], cells["decisionDate"]) == (
        "水利; 防洪; 大堤", "construction", "2025-06-01"
    )  # fmt: skip


@given(st.dictionaries(st.sampled_from(NAMES), CELLS))
def test_what_is_not_named_comes_back(changes: dict[str, str]) -> None:
    """Of records made of any texts: the row makes the very same one, or says what it lacks."""
    content = canonical(compose(content_of(WHOLE | changes)))
    row = row_of(content)
    assert (again(row) == content) is (row.lost == ())


PARTIES = {"party[2…]/partyRole", "party[2…]/partyName"}
OFFICE = {"rpOrgName": "某市"}
PARTY = {"partyRole": "construction", "partyName": "某建设有限公司"}


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({"party": [PARTY, PARTY | {"partyName": "另一公司"}]}, PARTIES),
        ({"IdPoC": [OFFICE, OFFICE | {"rpOrgName": "某区"}]}, {"IdPoC[2…]/rpOrgName"}),
        ({"MdContact": OFFICE}, {"MdContact/rpOrgName"}),
        ({"abstract": "一\n二"}, {"abstract"}),
        ({"resTitle": "一  二"}, {"resTitle"}),
        ({"DescKeys": {"keyword": ["甲;乙"]}}, {"DescKeys/keyword"}),
        ({"resID": None}, {"resID"}),
        ({"onLineSrc": ["https://a.example/" + "x" * CELL_CHARACTERS]}, {"onLineSrc"}),
    ],
)
def test_what_a_row_cannot_hold_is_named(changes: dict[str, Content], lost: set[str]) -> None:
    row = row_of(record(**changes))
    assert set(row.lost) == lost
    assert all(len(cell) <= CELL_CHARACTERS for cell in row.cells)
