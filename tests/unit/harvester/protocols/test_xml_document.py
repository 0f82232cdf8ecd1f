"""One XML file that is a complete list."""

from __future__ import annotations

import pytest

from harvester.protocols import PROTOCOLS
from harvester.protocols.xml_document import DocumentReader
from registry.formats import FORMATS
from registry.formats.lists import NAMESPACE, entry
from registry.model.run import Scope, Window
from registry.model.source import Protocol
from tests.endpoint import plain_list
from tests.unit.harvester.protocols.samples import oai_page, records, source

ROW = PROTOCOLS[Protocol.XML_DOCUMENT]


def test_it_is_asked_for_under_the_conditions_of_the_window() -> None:
    window = Window(Scope.FULL, etag='"abc"', last_modified="Thu, 01 Jan 2026 00:00:00 GMT")
    request = ROW.ask(source(Protocol.XML_DOCUMENT), window, "")
    assert request.url == "https://catalogue.hangzhou.test/list.xml"
    assert request.headers == {"If-None-Match": '"abc"', "If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}
    assert request.whole_list


def test_without_conditions_it_is_asked_for_plainly() -> None:
    assert ROW.ask(source(Protocol.XML_DOCUMENT), Window(Scope.FULL), "").headers == {}


def test_records_are_found_wherever_they_stand() -> None:
    one, two, three = (f"<PROPERTIES>{number}</PROPERTIES>" for number in (1, 2, 3))
    content = f"<列表><组>{one}</组><组>{two}</组>{three}</列表>"
    reader = DocumentReader(FORMATS["municipal_list"].record_tag)
    found = list(reader.feed(content.encode()))
    assert [record.raw for record in found] == [
        b"<PROPERTIES>%d</PROPERTIES>" % number for number in (1, 2, 3)
    ]
    assert reader.close().complete


def test_one_record_may_be_the_whole_document() -> None:
    reader = DocumentReader("PROPERTIES", "one.xml")
    (record,) = reader.feed(b"<PROPERTIES/>")
    assert (record.raw, record.place) == (b"<PROPERTIES/>", "one.xml: record 1, line 1")
    assert reader.close().complete


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_a_record_goes_by_the_identifier_of_its_entry(size: int) -> None:
    """However the document comes in; the record itself is what it would be anywhere else."""
    plain = b"<PROPERTIES xmlns=''>1</PROPERTIES>"
    identifiers = ["oai:a.b:5%20x", "https://a.example/p?q=1&z=2", "oai:a.b:中文", "", " doi:10.1/abc "]
    entries = [entry(each, plain) for each in identifiers]
    content = b'<records xmlns="%b">%b%b%b</records>' % (
        NAMESPACE.encode(),
        plain,
        b"\n".join(entries),
        plain,
    )
    reader = DocumentReader("PROPERTIES")
    found = [record for at in range(0, len(content), size) for record in reader.feed(content[at : at + size])]
    assert [record.identifier for record in found] == ["", *(each.strip() for each in identifiers), ""]
    assert {record.raw for record in found} == {b'<PROPERTIES xmlns="">1</PROPERTIES>'}
    assert reader.close().complete


def test_other_elements_around_a_record_name_nothing() -> None:
    reader = DocumentReader("PROPERTIES")
    (record,) = reader.feed(b'<a><entry identifier="oai:a.b:1"><PROPERTIES/></entry></a>')
    assert record.identifier == ""


@pytest.mark.parametrize("encoding", ["GB18030", "GBK", "UTF-16", "UTF-8"])
def test_raw_bytes_are_utf_8_whatever_the_file_is(encoding: str) -> None:
    reader = PROTOCOLS[Protocol.XML_DOCUMENT].reader(source(Protocol.XML_DOCUMENT))
    found = list(reader.feed(plain_list(records(2, padding=50), encoding=encoding)))
    envelope = reader.close()
    assert ["杭州市建设项目" in record.raw.decode() for record in found] == [True, True]
    assert (envelope.complete, envelope.issues) == (True, ())


def test_a_page_of_oai_pmh_is_not_a_list() -> None:
    reader = ROW.reader(source(Protocol.XML_DOCUMENT))
    list(reader.feed(oai_page(records(2))))
    envelope = reader.close()
    assert (envelope.complete, [issue.code for issue in envelope.issues]) == (False, ["answer-root"])


def test_an_emptied_list_cannot_be_told_from_another_document() -> None:
    reader = ROW.reader(source(Protocol.XML_DOCUMENT))
    list(reader.feed(plain_list([])))
    envelope = reader.close()
    assert (envelope.complete, [issue.code for issue in envelope.issues]) == (False, ["answer-no-records"])


@pytest.mark.parametrize(
    ("prefix", "name"), [("catalogue", "record (urn:mulu:catalogue:1)"), ("municipal_list", "PROPERTIES")]
)
def test_an_element_is_told_without_the_braces_of_its_tag(prefix: str, name: str) -> None:
    reader = DocumentReader(FORMATS[prefix].record_tag)
    list(reader.feed(b"<records/>"))
    assert reader.close().issues[0].message.zh == f"应答中没有 {name} 元素"
