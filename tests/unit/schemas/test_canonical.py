"""One element, one spelling: other ways to write it give the same bytes, other content does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from schemas import canonical as module
from schemas.xml import StreamParser, canonical, parse

NAMESPACE = "urn:example:one"

SUM = "1 &amp; 2 &lt; 3 > 2"
ONE = f'<r xmlns="{NAMESPACE}"><a>杭州</a><b><c>1 &amp; 2 &lt; 3 &gt; 2</c></b></r>'.encode()

SPELLINGS = {
    "indented": f'<r xmlns="$">\n  <a>杭州</a>\n\t<b>\r\n<c>{SUM}</c></b>\n</r>',
    "prefixed": f'<p:r xmlns:p="$"><p:a>杭州</p:a><p:b><p:c>{SUM}</p:c></p:b></p:r>',
    "two prefixes": f'<r xmlns="$" xmlns:q="$"><q:a>杭州</q:a><b><q:c>{SUM}</q:c></b></r>',
    "declared below": f'<p:r xmlns:p="$"><a xmlns="$">杭州</a><p:b><p:c>{SUM}</p:c></p:b></p:r>',
    "unused namespaces": f'<r xmlns="$" xmlns:x="urn:x"><a xmlns:y="urn:y">杭州</a><b><c>{SUM}</c></b></r>',
    "comments": f'<!--1--><r xmlns="$"><!--2--><a>杭<!--3-->州</a><b><?pi x?><c>{SUM}</c></b></r>',
    "CDATA": '<r xmlns="$"><a><![CDATA[杭州]]></a><b><c><![CDATA[1 & 2 < 3 > 2]]></c></b></r>',
    "references": '<r xmlns="$"><a>&#26477;&#x5DDE;</a><b><c>1 &#38; 2 &lt; 3 &#62; 2</c></b></r>',
    "edges": f'<r xmlns="$"><a> 杭州\n</a><b><c>\t{SUM}&#13;</c></b></r>',
    "schema location": (
        '<r xmlns="$" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="$ x.xsd"><a>杭州</a><b><c>{SUM}</c></b></r>'
    ),
}
SPELLINGS = {name: spelling.replace("$", NAMESPACE) for name, spelling in SPELLINGS.items()}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_every_spelling_of_an_element_gives_the_same_bytes(spelling: str) -> None:
    assert canonical(parse(spelling.encode())) == ONE
    kept = etree.fromstring(spelling.encode(), etree.XMLParser(strip_cdata=False))
    assert canonical(kept) == ONE, "the tree may come from a parser that keeps comments and CDATA"


def test_an_element_cut_from_an_answer_carries_only_its_own_namespace() -> None:
    [element] = StreamParser(f"{{{NAMESPACE}}}r").feed(
        b'<e xmlns="urn:e" xmlns:xsi="urn:i" xsi:a="1"><r xmlns="urn:example:one"><a>1</a></r>tail</e>'
    )
    assert canonical(element) == b'<r xmlns="urn:example:one"><a>1</a></r>'


def test_canonical_bytes_mean_the_same_inside_any_document() -> None:
    bare = canonical(parse(b"<r><a>1</a></r>"))
    inside = parse(b'<e xmlns="urn:e">' + bare + ONE + b"</e>")
    assert [child.tag for child in inside] == ["r", f"{{{NAMESPACE}}}r"]
    assert [canonical(child) for child in inside] == [bare, ONE]


def test_attributes_are_sorted_by_namespace_and_name() -> None:
    one = b'<r xmlns:b="urn:b" xmlns:a="urn:a" z="1" b:x="2" a:y="3" xml:lang="zh" a="&lt;&quot;&#10;"/>'
    other = b'<r a:x="2" b:y="3" a="&lt;&#34;&#xA;" xml:lang="zh" z="1" xmlns:b="urn:a" xmlns:a="urn:b"/>'
    assert canonical(parse(one)) == canonical(parse(other))
    assert canonical(parse(canonical(parse(one)))) == canonical(parse(one))


@pytest.mark.parametrize(
    "other",
    [
        b'<r xmlns="urn:example:two"><a>1</a></r>',
        b"<r><a>1</a></r>",
        b'<r xmlns="urn:example:one"><a>1 </a><a>2</a></r>',
        b'<r xmlns="urn:example:one"><a>1\n2</a></r>',
        b'<r xmlns="urn:example:one"><a/></r>',
        b'<r xmlns="urn:example:one"><a xmlns="">1</a></r>',
        b'<r xmlns="urn:example:one"><a k="v">1</a></r>',
    ],
)
def test_other_content_gives_other_bytes(other: bytes) -> None:
    assert canonical(parse(other)) != canonical(parse(b'<r xmlns="urn:example:one"><a>1</a></r>'))


_NAMES = st.sampled_from(["a", "b", "项目名称"])
_SPACES = st.sampled_from(["", NAMESPACE, "urn:example:two"])
_TEXTS = st.none() | st.text(
    st.sampled_from(list(" \t\n\r<>&\"'=!?/#:;aé杭𠮷\x7f\x85\xa0\u2028\ufffd")), max_size=8
)


@st.composite
def trees(draw: st.DrawFn, depth: int = 2) -> etree._Element:
    element = etree.Element(f"{{{draw(_SPACES)}}}{draw(_NAMES)}".replace("{}", ""))
    element.text = draw(_TEXTS)
    if draw(st.integers(0, 4)) == 0:
        element.set(
            draw(st.sampled_from(["k", "{urn:k}k", "{http://www.w3.org/2001/XMLSchema-instance}nil"])), "v\n<"
        )
    for _ in range(draw(st.integers(0, 3)) if depth else 0):
        child = draw(trees(depth - 1))
        child.tail = draw(_TEXTS)
        element.append(child)
        if draw(st.integers(0, 6)) == 0:
            element.append(etree.Comment("x"))
    return element


@settings(max_examples=300, deadline=None)
@given(trees())
def test_the_fast_way_writes_what_the_full_one_writes(element: etree._Element) -> None:
    full = "".join(module._pieces(element, None)).encode()
    assert module._plain(element) in (None, full)
    assert canonical(element) == full


@settings(max_examples=200, deadline=None)
@given(trees())
def test_canonical_bytes_are_well_formed_and_stay_as_they_are(element: etree._Element) -> None:
    written = canonical(element)
    assert canonical(etree.fromstring(written)) == written
    assert canonical(parse(written)) == written


def test_the_usual_record_goes_the_fast_way() -> None:
    assert module._plain(parse(ONE)) == ONE
    for usual in ("indented", "prefixed", "comments", "CDATA", "schema location"):
        assert module._plain(parse(SPELLINGS[usual].encode())) == ONE, usual
