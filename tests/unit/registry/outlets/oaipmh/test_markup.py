"""Texts and attributes: an XML parser reads back what was written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from registry.outlets.oaipmh.markup import attribute, element, text

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

texts = st.text(
    st.characters(codec=None) | st.sampled_from("<>&\"'\r\n\t\x00\x1f\ufffe\ud800 ]"), max_size=20
)


@given(texts)
def test_texts_come_back(value: str) -> None:
    document = b'<?xml version="1.0" encoding="UTF-8"?><a b="%b">%b</a>' % (attribute(value), text(value))
    read = etree.fromstring(document)
    expected = NOT_XML.sub("\ufffd", value)
    assert (read.text or "") == expected
    assert read.get("b") == expected


@pytest.mark.parametrize("value", ["", "目录", "]]>", "a & b < c"])
def test_elements_hold_their_text(value: str) -> None:
    read = etree.fromstring(element("name", value))
    assert (read.tag, read.text or "") == ("name", value)
