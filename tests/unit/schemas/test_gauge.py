"""No tree grows beyond its limits, whatever the bytes; what was taken out of it does not count."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from schemas.gauge import TreeLimits, nodes_at_most, nodes_in
from schemas.xml import StreamParser, XmlRefused, parse_decoded

_TEXTS = st.text("x 一<&=\"'>/!?", max_size=8)
_EQUALS = st.sampled_from(["=", " = ", "=\n\t"])


@st.composite
def documents(draw: st.DrawFn, depth: int = 3) -> str:
    """An element without comments and the like; every ``=`` in a text is escaped."""
    name = draw(st.sampled_from(["a", "p:b", "名"]))
    own = {each: draw(_TEXTS) for each in draw(st.sets(st.sampled_from(["c", "d"])))}
    attributes = "".join(f" {each}{draw(_EQUALS)}'{escaped(value)}'" for each, value in own.items())
    children = draw(st.lists(documents(depth - 1), max_size=3)) if depth else []
    return f"<{name} xmlns:p='urn:p'{attributes}>{escaped(draw(_TEXTS))}{''.join(children)}</{name}>"


def escaped(text: str) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), ("'", "&apos;"), ("=", "&#61;")):
        text = text.replace(character, entity)
    return text


@given(documents())
def test_the_count_is_that_of_the_tree_and_its_bound_is_not_below(document: str) -> None:
    content = document.encode()
    in_tree = sum(2 + len(each.attrib) for each in etree.fromstring(content).iter())  # 2: each declares one
    assert nodes_in(content) == in_tree <= nodes_at_most(content)


@given(documents(), st.data())
def test_no_cut_hides_a_node(document: str, data: st.DataObject) -> None:
    content = document.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=5)))
    parts = [content[begin:end] for begin, end in zip([0, *cuts], [*cuts, None], strict=True)]
    assert sum(map(nodes_in, parts)) >= nodes_in(content)


def test_markup_in_texts_counts_too() -> None:
    assert nodes_in(b"<a><![CDATA[<b c='d'>]]><!-- <e/> --></a>") == 4


LONG: dict[str, Callable[[int], bytes]] = {
    "elements": lambda count: b"<l>" + b"<a/>" * (count - 1) + b"</l>",
    "attributes": lambda count: b"<l>" + b"<a b='1'/>" * (count // 2) + b"</l>",  # an odd count
    "on one element": lambda count: b"<l %b/>" % b" ".join(b'a%d=""' % each for each in range(count - 1)),
    "namespaces": lambda count: b"<l %b/>" % b" ".join(b'xmlns:a%d="u"' % each for each in range(count - 1)),
}


def drained(elements: Iterator[object]) -> None:
    for _ in elements:
        pass


@pytest.mark.parametrize("count", [11, 100_001])
@pytest.mark.parametrize("make", LONG.values(), ids=LONG.keys())
def test_nodes_are_limited_at_their_boundary(make: Callable[[int], bytes], count: int) -> None:
    content, within, short = make(count), TreeLimits(nodes=count), TreeLimits(nodes=count - 1)
    assert parse_decoded(content, within) is not None
    parser = StreamParser("r", within)
    drained(parser.feed(content))
    assert parser.close().tag == "l"
    for beyond in (
        lambda: parse_decoded(content, short),
        lambda: drained(StreamParser("r", short).feed(content)),
    ):
        with pytest.raises(XmlRefused) as caught:
            beyond()
        assert caught.value.code == "xml-nodes"
        assert str(count - 1) in caught.value.text.zh


def test_bytes_outside_of_records_are_limited_at_their_boundary() -> None:
    content = b"<l><r/>" + b"<a>%b</a>" % (b"x" * 100_000)
    drained(StreamParser("r", TreeLimits(size=len(content))).feed(content))
    with pytest.raises(XmlRefused) as caught:
        drained(StreamParser("r", TreeLimits(size=len(content) - 1)).feed(content))
    assert caught.value.code == "xml-bytes"


@pytest.mark.parametrize("step", [1, 1 << 20])
def test_the_elements_before_the_excess_are_handed_out(step: int) -> None:
    parser, found = StreamParser("r", TreeLimits(nodes=50)), list[str | None]()
    content = b"<l>" + b"<r>1</r>" * 3 + b"<a/>" * 1000 + b"</l>"
    with pytest.raises(XmlRefused) as caught:
        for at in range(0, len(content), step):
            found.extend(element.text for element in parser.feed(content[at : at + step]))
    assert (found, caught.value.code) == (["1"] * 3, "xml-nodes")


def stream(between: bytes, limits: TreeLimits) -> int:
    """How many records come out of a long list, each of which is let go as soon as the next has ended."""
    parser, last, count = StreamParser("r", limits), None, 0
    for content in (b"<l>", *[b"<r a='1'><b>text = text</b></r>" + between] * 2000, b"</l>"):
        for element in parser.feed(content):
            if last is not None:
                parent = last.getparent()
                assert parent is not None
                parent.remove(last)
            last, count = element, count + 1
    parser.close()
    return count


def test_what_was_taken_out_of_the_tree_does_not_count() -> None:
    assert stream(b"", TreeLimits(nodes=40, size=500)) == 2000


@pytest.mark.parametrize(
    ("between", "code"), [(b"<a/>", "xml-nodes"), (b"<a b=''/>", "xml-nodes"), (b"<a>text</a>", "xml-bytes")]
)
def test_what_piles_up_between_records_does(between: bytes, code: str) -> None:
    limits = TreeLimits(nodes=1500) if code == "xml-nodes" else TreeLimits(size=15_000)
    with pytest.raises(XmlRefused) as caught:
        stream(between, limits)
    assert caught.value.code == code
