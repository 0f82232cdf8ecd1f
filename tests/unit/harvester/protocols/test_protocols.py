"""The contract of a source protocol, over every row of ``PROTOCOLS``."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from harvester.protocols import PROTOCOLS
from harvester.protocols.base import Envelope, RawRecord, Reader
from registry.model.run import Scope, Window
from registry.model.source import Protocol
from schemas.xml import XmlRefused, parse
from tests.unit.harvester.protocols.samples import SAMPLES, records, source

ROWS = sorted(PROTOCOLS)
WINDOW = Window(Scope.DELTA, datetime(2026, 1, 1, tzinfo=UTC), etag='"a"', last_modified="yesterday")


def reader(protocol: Protocol) -> Reader:
    return PROTOCOLS[protocol].reader(source(protocol))


def read(protocol: Protocol, *chunks: bytes) -> tuple[list[RawRecord], Envelope]:
    reading = reader(protocol)
    found = [record for chunk in chunks for record in reading.feed(chunk)]
    return found, reading.close()


def read_until_refused(protocol: Protocol, content: bytes) -> tuple[list[RawRecord], XmlRefused]:
    """What is handed out before an answer is refused, and the refusal."""
    reading, found = reader(protocol), list[RawRecord]()
    with pytest.raises(XmlRefused) as caught:
        for record in reading.feed(content):
            found.append(record)
        reading.close()
    return found, caught.value


def head(protocol: Protocol) -> bytes:
    """What stands before the XML of an answer."""
    return SAMPLES[protocol].write([]).partition(b"<?xml")[0]


def flat(found: list[RawRecord]) -> list[tuple[str, bytes, str]]:
    return [(record.identifier, record.raw, record.place) for record in found]


def test_every_protocol_with_xml_answers_has_a_row_and_a_sample() -> None:
    assert PROTOCOLS.keys() == SAMPLES.keys() == set(Protocol) - {Protocol.REGISTER}


@pytest.mark.parametrize("protocol", ROWS)
def test_questions_are_urls_and_asking_is_pure(protocol: Protocol) -> None:
    row, asking = PROTOCOLS[protocol], source(protocol)
    first = row.ask(asking, WINDOW, "")
    assert urlsplit(first.url).scheme in ("https", "folder")
    assert first == row.ask(asking, WINDOW, "")
    if token := SAMPLES[protocol].token:
        assert row.ask(asking, WINDOW, token).url != first.url


@pytest.mark.parametrize("protocol", ROWS)
def test_records_come_whole_in_order_and_with_their_place(protocol: Protocol) -> None:
    sent = records(3)
    found, envelope = read(protocol, SAMPLES[protocol].write(sent))
    assert envelope.complete
    assert [etree.QName(record.element).localname for record in found if record.element is not None] == [
        "dc"
    ] * 3
    assert [record.deleted for record in found] == [False] * 3
    assert all(each.identifier.encode() in record.raw for each, record in zip(sent, found, strict=True))
    assert [record.place.partition(", line")[0][-8:] for record in found] == [
        "record 1",
        "record 2",
        "record 3",
    ]


@pytest.mark.parametrize("protocol", ROWS)
def test_raw_bytes_are_a_document_of_their_own(protocol: Protocol) -> None:
    found, _ = read(protocol, SAMPLES[protocol].write(records(2)))
    for record in found:
        assert record.element is not None
        whole = parse(record.raw)
        titles = [element.text for element in whole.iter("{http://purl.org/dc/elements/1.1/}title")]
        assert titles == [record.element[0].text]


@pytest.mark.parametrize("protocol", ROWS)
@given(st.data())
def test_it_does_not_matter_how_an_answer_is_cut_up(protocol: Protocol, data: st.DataObject) -> None:
    content = SAMPLES[protocol].write(records(4))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=8)))
    pieces = [content[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    whole, envelope = read(protocol, content)
    cut, same = read(protocol, *pieces)
    assert (flat(cut), same) == (flat(whole), envelope)


@pytest.mark.parametrize("protocol", ROWS)
def test_it_may_come_byte_by_byte(protocol: Protocol) -> None:
    content = SAMPLES[protocol].write(records(2))
    found, _ = read(protocol, *(content[at : at + 1] for at in range(len(content))))
    assert len(found) == 2


@pytest.mark.parametrize("protocol", ROWS)
def test_where_it_breaks_off_the_records_before_are_kept(protocol: Protocol) -> None:
    content = SAMPLES[protocol].write(records(3))
    found, refusal = read_until_refused(protocol, content[: content.index(b"<dc:title>3")])
    assert (len(found), refusal.code) == (2, "xml-ill-formed")


@pytest.mark.parametrize("protocol", ROWS)
def test_where_it_is_ill_formed_the_records_before_are_kept(protocol: Protocol) -> None:
    content = SAMPLES[protocol].write(records(3))
    found, refusal = read_until_refused(protocol, content.replace(b"<dc:title>3", b"<dc:title>&#0;3"))
    assert (len(found), refusal.code) == (2, "xml-ill-formed")


@pytest.mark.parametrize("protocol", ROWS)
def test_a_second_root_is_refused(protocol: Protocol) -> None:
    found, refusal = read_until_refused(protocol, SAMPLES[protocol].write(records(1)) + b"<more/>")
    assert (len(found), refusal.code) == (1, "xml-ill-formed")


@pytest.mark.parametrize("protocol", ROWS)
def test_a_doctype_is_refused_before_any_record(protocol: Protocol) -> None:
    content = SAMPLES[protocol].write(records(1))
    found, refusal = read_until_refused(protocol, content.replace(b"?>", b"?><!DOCTYPE x []>", 1))
    assert (found, refusal.code) == ([], "xml-doctype")


PAGES = (
    b"<!DOCTYPE html><html><body><br></body></html>",
    b"\xef\xbb\xbf  <!doctype HTML>\n<html>",
    b"<HTML><p>",
    b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
)


@pytest.mark.parametrize("protocol", ROWS)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("size", [1, 1000])
def test_a_web_page_is_no_answer(protocol: Protocol, page: bytes, size: int) -> None:
    sent = head(protocol) + page
    found, envelope = read(protocol, *(sent[at : at + size] for at in range(0, len(sent), size)))
    assert (found, envelope.complete) == ([], False)
    assert [issue.code for issue in envelope.issues] == ["answer-web-page"]


@pytest.mark.parametrize("protocol", ROWS)
@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_nothing_at_all_is_no_answer(protocol: Protocol, content: bytes) -> None:
    found, envelope = read(protocol, head(protocol) + content)
    assert (found, envelope.complete) == ([], False)
    assert [issue.code for issue in envelope.issues] == ["answer-empty"]


@pytest.mark.parametrize("protocol", ROWS)
def test_another_document_is_no_answer(protocol: Protocol) -> None:
    found, envelope = read(protocol, head(protocol) + b"<rss><channel/></rss>")
    assert (found, envelope.complete, len(envelope.issues)) == ([], False, 1)


@pytest.mark.parametrize("protocol", ROWS)
def test_what_was_handed_out_leaves_the_tree(protocol: Protocol) -> None:
    content = SAMPLES[protocol].write(records(300, padding=2000))
    reading, in_tree = reader(protocol), 0
    for at in range(0, len(content), 1 << 14):
        for record in reading.feed(content[at : at + (1 << 14)]):
            assert record.element is not None
            root = record.element.getroottree().getroot()
            in_tree = max(in_tree, sum(1 for _ in root.iter("{http://purl.org/dc/elements/1.1/}title")))
    assert 0 < in_tree <= 20
