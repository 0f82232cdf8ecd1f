"""An answer reads the same whether it is parsed at once or as it comes."""

from __future__ import annotations

import pytest

from harvester.protocols.stream import ElementStream
from schemas.refusal import XmlRefused
from schemas.xml import line_of, text_of

_ANSWERS = {
    "a list": b"<l><r>1</r><r>2</r><r>3</r></l>",
    "a declaration": b'<?xml version="1.0" encoding="UTF-8"?>\n<l>\n<r>\xe4\xb8\x80</r>\n <r a="1"/></l>\n\n',
    "nothing in it": b"<l></l>",
    "the root itself": b"<r>1</r>",
    "one within another": b"<l><r>1<r>2</r></r><r>3</r></l>",
    "in different places": b"<l><a><r>1</r></a><r>2</r><b><r>3</r></b></l>",
    "ill-formed behind some": b"<l><r>1</r><r>2</r><r></x></r></l>",
    "ill-formed behind its end": b"<l><r>1</r></l><l><r>2</r></l>",
    "text behind its end": b"<l><r>1</r></l>x",
    "a comment behind its end": b"<l><r>1</r></l>\n<!-- done -->\n",
    "a comment at its beginning": b"<!-- 1 --><l><r>1</r></l>",
    "a DOCTYPE": b"<!DOCTYPE l><l><r>1</r></l>",
    "an end tag in CDATA": b"<l><r>1</r><![CDATA[</l>",
    "broken off": b"<l><r>1</r><r>2</r>",
    "empty": b" ",
}


def outcome(*chunks: bytes) -> tuple[list[tuple[str, int | None]], str]:
    """The elements (as their texts) with their lines, and how it ended."""
    stream = ElementStream("r")
    found: list[tuple[str, int | None]] = []
    try:
        for chunk in chunks:
            found.extend((text_of(element), line_of(element)) for element in stream.feed(chunk))
        root = stream.close()
    except XmlRefused as refused:
        return found, refused.code
    return found, "" if root is None else str(root.tag)


@pytest.mark.parametrize("answer", _ANSWERS.values(), ids=_ANSWERS)
def test_an_answer_reads_the_same_at_once_and_as_it_comes(answer: bytes) -> None:
    bit_by_bit = outcome(*(answer[at : at + 1] for at in range(len(answer))))
    assert outcome(answer) == bit_by_bit
    half = len(answer) // 2
    assert outcome(answer[:half], answer[half:]) == bit_by_bit


@pytest.mark.parametrize("behind", [b"", b"\n", b"<!-- done -->", b"<l/>", b"</l>", b"text"])
def test_what_comes_behind_an_answer_that_looked_whole_is_read_too(behind: bytes) -> None:
    answer = b"<l><r>1</r><r>2</r></l>"
    expected = outcome(*(bytes((byte,)) for byte in answer + behind))
    assert outcome(answer, behind) == expected
    assert [text for text, _ in expected[0]] == ["1", "2"]
