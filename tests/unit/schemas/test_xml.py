"""What the parsers refuse, and that nothing outside the document is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from schemas.xml import StreamDecoder, StreamParser, XmlRefused, parse
from tests.shared import SHARED, needs_shared

DOCTYPES = {
    "internal": b'<!DOCTYPE r [<!ENTITY e "text">]><r>&e;</r>',
    "empty": b"<!DOCTYPE r><r/>",
    "external": b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/r.dtd"><r/>',
    "attribute default": b'<!DOCTYPE r [<!ATTLIST r a CDATA "x">]><r/>',
    "UTF-16": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE r><r/>'.encode("utf-16"),
    "GB18030": '<?xml version="1.0" encoding="GB18030"?><!DOCTYPE r><r>杭州</r>'.encode("gb18030"),
}


@pytest.mark.parametrize("content", DOCTYPES.values(), ids=DOCTYPES.keys())
def test_a_doctype_is_refused(content: bytes) -> None:
    with pytest.raises(XmlRefused) as caught:
        parse(content)
    assert caught.value.code == "xml-doctype"


@pytest.mark.parametrize("content", DOCTYPES.values(), ids=DOCTYPES.keys())
def test_a_streamed_doctype_is_refused(content: bytes) -> None:
    decoder, parser = StreamDecoder(), StreamParser("r")
    fed = decoder.feed(content) + decoder.close()
    with pytest.raises(XmlRefused) as caught:
        for place in range(len(fed)):
            list(parser.feed(fed[place : place + 1]))
    assert caught.value.code == "xml-doctype"


def test_the_word_doctype_in_text_is_text() -> None:
    assert parse(b"<r><![CDATA[<!DOCTYPE r>]]></r>").text == "<!DOCTYPE r>"


@pytest.mark.parametrize(
    "content", [b"", b" ", b"<r>", b"<r/><r/>", b"<a></b>", b"<r>&x;</r>", b"\n<?xml version='1.0'?><r/>"]
)
def test_ill_formed_documents_are_refused_with_a_line(content: bytes) -> None:
    with pytest.raises(XmlRefused) as caught:
        parse(content)
    assert caught.value.code == "xml-ill-formed"
    assert caught.value.issue("answer").path == "answer"
    assert caught.value.text.zh
    assert caught.value.text.en


def test_a_stream_parser_reports_the_same_faults_behind_what_stood_before_them() -> None:
    parser = StreamParser("r")
    found: list[str | None] = []
    with pytest.raises(XmlRefused) as caught:
        found.extend(element.text for element in parser.feed(b"<e><r>1</r>\n<r></e>"))
    assert found == ["1"]
    assert (caught.value.code, caught.value.line) == ("xml-ill-formed", 2)


BEYOND_LIBXML2 = {
    "deep": (b"<a>" * 256 + b"</a>" * 256, b"<a>" * 257 + b"</a>" * 257),
    "long": (b"<a>%b</a>" % (b"x" * 10_000_000), b"<a>%b</a>" % (b"x" * 10_000_001)),
    "name": (b"<%b/>" % (b"a" * 50_000), b"<%b/>" % (b"a" * 50_001)),
}


@pytest.mark.parametrize(("inside", "beyond"), BEYOND_LIBXML2.values(), ids=BEYOND_LIBXML2.keys())
def test_what_libxml2_itself_finds_too_large_is_told_as_such(inside: bytes, beyond: bytes) -> None:
    assert parse(inside) is not None
    with pytest.raises(XmlRefused) as caught:
        parse(beyond)
    assert caught.value.code == "xml-limit"
    assert "\n" not in caught.value.text.en


def test_an_entity_opens_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary")
    content = f'<!DOCTYPE r [<!ENTITY e SYSTEM "{secret.as_uri()}">]><r><a>&e;</a></r>'.encode()
    parser = StreamParser("a")
    with pytest.raises(XmlRefused):
        list(parser.feed(content))  # the entity stands in the first element that ends
    with pytest.raises(XmlRefused):
        parser.close()
    leaky = etree.fromstring(content, etree.XMLParser(resolve_entities=True))
    assert b"canary" in etree.tostring(leaky), "the control: a careless parser leaks here"


@needs_shared
def test_hostile_documents_are_refused() -> None:
    bombs = sorted((SHARED / "data/hostile/defusedxml").glob("*.xml"))
    assert bombs
    for bomb in bombs:
        if b"<!DOCTYPE" not in bomb.read_bytes():
            continue
        with pytest.raises(XmlRefused):
            parse(bomb.read_bytes())


@needs_shared
def test_no_ill_formed_document_of_the_w3c_suite_is_read() -> None:
    documents = sorted((SHARED / "data/hostile/w3c-xmlconf").glob("**/*fail*.xml"))
    assert documents
    read = []
    for document in documents:
        try:
            parse(document.read_bytes())
        except XmlRefused:
            continue
        read.append(document.name)
    assert read == []
