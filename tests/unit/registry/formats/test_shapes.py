"""What is taken for canonical is exactly what would have been written, whether its shape is known or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from registry.formats.catalogue import HEAD
from registry.formats.leaves import leaves
from registry.formats.shapes import Shapes
from schemas.xml import canonical, parse

_PLAIN = "<mdId>{0}</mdId><IdPoC><rpOrgName>{0}</rpOrgName></IdPoC><keyword>{0}</keyword><keyword>2</keyword>"
_INSIDES = [
    _PLAIN,
    "",
    "<mdId>{0}</mdId>",
    "<mdId/>",
    "<mdId></mdId>",
    "<mdId> {0}</mdId>",
    "<mdId>{0}\n</mdId>",
    "<mdId>{0}&#13;</mdId>",
    "<mdId>a &lt; {0} &amp;amp; b</mdId>",
    '<mdId a="1">{0}</mdId>',
    '<IdPoC xmlns=""><mdId>{0}</mdId></IdPoC>',
    '<x:mdId xmlns:x="urn:x">{0}</x:mdId>',
    "<IdPoC>{0}<mdId>1</mdId></IdPoC>",
    "<IdPoC><mdId>1</mdId>{0}</IdPoC>",
    "<a1>{0}</a1>",
    "<mdId><![CDATA[{0}]]></mdId><!-- {0} --><?x {0}?>",
]
_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="<&]"), max_size=8)


def written(inside: str, text: str = "1") -> tuple[etree._Element, bytes]:
    element = parse(HEAD + inside.format(text).encode() + b"</record>")
    return element, etree.tostring(element, encoding="utf-8")


@given(st.lists(st.tuples(st.sampled_from(_INSIDES), _TEXT), max_size=4))
def test_what_is_taken_for_canonical_is_canonical(records: list[tuple[str, str]]) -> None:
    shapes = Shapes(HEAD)
    for _ in range(40):
        shapes.canonical_leaves(written(_PLAIN)[1])
    for inside, text in records:
        element, content = written(inside, text)
        found = shapes.canonical_leaves(content)
        if found is not None:
            assert content == canonical(element)
            cut = leaves(content)
            assert (list(found.names), list(found.texts)) == (list(cut.names), list(cut.texts))
            assert (found.first, found.frame) == (cut.first, cut.frame)


@pytest.mark.parametrize("times", [1, 29, 30, 31, 100])
def test_a_shape_yields_the_same_however_often_it_came(times: int) -> None:
    shapes = Shapes(HEAD)
    for number in range(times):
        content = written(_PLAIN, f"n{number}")[1]
        found = shapes.canonical_leaves(content)
        assert found is not None
        assert found.first == {
            b"mdId": b"n%d" % number,
            b"rpOrgName": b"n%d" % number,
            b"keyword": b"n%d" % number,
        }
        assert list(found.texts) == [b"n%d" % number] * 3 + [b"2"]


@pytest.mark.parametrize(
    "content",
    [
        HEAD + b"<a>1</a></record><a>2</a>",
        HEAD + b"</record><record>2</record>",
        b"<a>1</a>" + HEAD + b"</record>",
        HEAD + b"<a>1</a></record></record>",
        HEAD + b"<a>1</a>",
        b"text" + HEAD + b"<a>1</a></record>",
        HEAD + b"<a>1</a></record> ",
        HEAD + b"<a>1</a></record><record></record>",
        b"",
    ],
)
def test_what_is_not_one_element_is_not_taken(content: bytes) -> None:
    assert Shapes(HEAD).canonical_leaves(content) is None


def test_many_shapes_cost_a_bounded_number_of_expressions(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr("registry.formats.shapes._Shape.leaves", lambda shape, _: made.append(shape))
    shapes = Shapes(HEAD)
    for number in range(130):
        name = "".join(chr(ord("a") + int(digit)) for digit in str(number))
        for _ in range(30):
            assert shapes.canonical_leaves(written(f"<{name}>1</{name}>")[1]) is not None
    assert len(set(map(id, made))) <= 100
