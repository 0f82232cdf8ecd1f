"""OAI-PMH 2.0: what is read from an answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harvester.protocols.base import Envelope, RawRecord
from harvester.protocols.oaipmh import OaiPmhReader, header_reader
from harvester.protocols.oaipmh_envelope import TOKEN_BYTES
from registry.model.datestamp import Granularity
from registry.model.record import Hop
from tests.endpoint import Record
from tests.endpoint.provider import Provider
from tests.unit.harvester.protocols.samples import oai_page, records


def read(content: bytes, reader: OaiPmhReader | None = None) -> tuple[list[RawRecord], Envelope]:
    reader = reader or OaiPmhReader()
    return list(reader.feed(content)), reader.close()


def codes(envelope: Envelope) -> list[str]:
    return [issue.code for issue in envelope.issues]


def test_a_record_is_taken_apart() -> None:
    sent = Record("oai:hangzhou.test:1", "2026-01-02T03:04:05Z", "<x xmlns='u'>文</x>", sets=("a", "a:b"))
    (record,), _ = read(oai_page([sent]))
    assert record.identifier == "oai:hangzhou.test:1"
    assert record.datestamp == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert record.sets == ("a", "a:b")
    assert (record.deleted, record.issues, record.path) == (False, (), ())
    assert record.element is not None
    assert (record.element.tag, record.element.text) == ("{u}x", "文")
    assert "文".encode() in record.raw


def test_a_deleted_record_is_its_header() -> None:
    (record,), _ = read(oai_page([Record("oai:x:1", "2026-01-02", "", deleted=True)]))
    assert (record.identifier, record.deleted, record.element, record.issues) == ("oai:x:1", True, None, ())
    assert record.datestamp == datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "stamp", ["2026-01-01T08:00:00+08:00", "2026-02-30", "2026-02-30T00:00:00Z", "2026-W01-1", "", "gestern"]
)
def test_a_datestamp_that_is_none_is_noted_and_left_out(stamp: str) -> None:
    (record,), _ = read(oai_page([Record("oai:x:1", stamp, "<x/>")]))
    assert (record.datestamp, [issue.code for issue in record.issues]) == (None, ["oai-datestamp"])
    assert record.issues[0].path == "header/datestamp"


@pytest.mark.parametrize("stamp", ["2099-12-31T23:59:59Z", "0001-01-01"])
def test_a_datestamp_far_away_is_still_one(stamp: str) -> None:
    (record,), _ = read(oai_page([Record("oai:x:1", stamp, "<x/>")]))
    assert record.datestamp is not None
    assert record.issues == ()


@pytest.mark.parametrize("metadata", ["", "text only", "<a/><b/>"])
def test_a_live_record_has_one_metadata_element(metadata: str) -> None:
    (record,), _ = read(oai_page([Record("oai:x:1", "2026-01-02", metadata)]))
    assert (record.element, [issue.code for issue in record.issues]) == (None, ["oai-metadata"])


@pytest.mark.parametrize("header", ["", "<header/>", "<header><identifier> </identifier></header>"])
def test_a_record_without_identifier_says_so(header: str) -> None:
    content = oai_page([Record("oai:x:1", "2026-01-02", "<x/>")]).decode()
    begin, end = content.index("<header>"), content.index("</header>") + len("</header>")
    (record,), _ = read((content[:begin] + header + content[end:]).encode())
    assert record.identifier == ""
    assert record.issues[0].code == "oai-identifier-missing"


def test_headers_are_read_where_only_headers_were_asked_for() -> None:
    sent = [*records(2), Record("oai:x:3", "2026-01-02", "", deleted=True)]
    found, envelope = read(oai_page(sent, "ListIdentifiers"), header_reader())
    assert [(each.identifier, each.deleted, each.element) for each in found] == [
        (each.identifier, each.deleted, None) for each in sent
    ]
    assert envelope.complete


ORIGIN = (
    '<originDescription harvestDate="{date}" altered="false"><baseURL>{url}</baseURL>'
    "<identifier>oai:x:1</identifier><datestamp>2026-01-01</datestamp>"
    "<metadataNamespace>urn:mulu:catalogue:1</metadataNamespace>{inner}</originDescription>"
)


def with_provenance(origin: str) -> bytes:
    about = f'<about><provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance">{origin}</provenance></about>'
    return oai_page(records(1)).replace(b"</record>", f"{about}</record>".encode())


def test_provenance_is_the_path_origin_first() -> None:
    inner = ORIGIN.format(date="2026-01-02T00:00:00Z", url="http://city.test/data", inner="")
    outer = ORIGIN.format(date="2026-01-03T00:00:00Z", url="http://p.test/oai/330000", inner=inner)
    (record,), _ = read(with_provenance(outer))
    city, province = record.path
    assert city == Hop(
        "", "http://city.test/data", "2026-01-01", "urn:mulu:catalogue:1", "2026-01-02T00:00:00Z"
    )
    assert (province.register, province.base_url) == ("330000", "http://p.test/oai/330000")


def test_a_path_without_end_is_cut() -> None:
    nested = ""
    for level in range(40):
        nested = ORIGIN.format(date=f"d{level}", url="http://x.test", inner=nested)
    (record,), _ = read(with_provenance(nested))
    assert len(record.path) == 16
    assert record.path[-1].harvested_at == "d39"


def test_what_is_about_a_record_but_no_provenance_is_left_alone() -> None:
    (record,), _ = read(with_provenance("<other/>"))
    assert record.path == ()


def token_page(token: str, attributes: str = "") -> bytes:
    element = f"<resumptionToken{attributes}>{token}</resumptionToken></ListRecords>"
    return oai_page(records(1)).replace(b"</ListRecords>", element.encode())


@pytest.mark.parametrize(("length", "passes"), [(TOKEN_BYTES, True), (TOKEN_BYTES + 1, False)])
def test_a_token_has_its_limit(length: int, passes: bool) -> None:
    _, envelope = read(token_page("t" * length))
    assert (len(envelope.token), envelope.complete) == ((length, True) if passes else (0, False))
    assert codes(envelope) == ([] if passes else ["oai-token-length"])


@pytest.mark.parametrize(
    ("size", "total", "issues"),
    [
        ("733", 733, []),
        ("0", None, ["oai-list-size"]),
        ("-1", None, ["oai-list-size"]),
        ("many", None, ["oai-list-size"]),
    ],
)
def test_the_size_of_the_list_is_believed_where_it_is_one(
    size: str, total: int | None, issues: list[str]
) -> None:
    _, envelope = read(token_page("t", f' completeListSize="{size}"'))
    assert (envelope.declared_total, codes(envelope), envelope.complete) == (total, issues, True)


def test_a_token_is_read_without_the_space_around_it() -> None:
    assert read(token_page("\n   next page \n"))[1].token == "next page"


def test_that_nothing_matches_is_a_complete_answer() -> None:
    _, envelope = read(oai_page([]))
    assert (envelope.complete, envelope.error_codes, codes(envelope)) == (True, ("noRecordsMatch",), [])


@pytest.mark.parametrize("code", ["badResumptionToken", "badArgument", "somethingElse", ""])
def test_any_other_error_is_not(code: str) -> None:
    content = oai_page([]).replace(b"noRecordsMatch", code.encode())
    _, envelope = read(content)
    assert (envelope.complete, envelope.error_codes, codes(envelope)) == (False, (code,), ["oai-error"])
    assert "nothing there" in envelope.issues[0].message.en


def test_errors_without_end_are_not_all_told() -> None:
    error = b'<error code="badArgument">again</error>'
    _, envelope = read(oai_page([]).replace(b"<error", error * 5000 + b"<error", 1))
    assert (envelope.complete, envelope.error_codes, len(envelope.issues)) == (False, ("badArgument",), 20)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"/>', "oai-response-date oai-no-list"),
        (b"<OAI-PMH/>", "answer-root"),
        (b"<rss/>", "answer-root"),
    ],
)
def test_an_answer_without_list_and_without_error_is_incomplete(content: bytes, code: str) -> None:
    _, envelope = read(content)
    assert (envelope.complete, codes(envelope)) == (False, code.split())


def test_an_identity_that_is_half_wrong_is_used_carefully() -> None:
    provider = Provider([], granularity="YYYY")
    _, envelope = read(provider.write(provider.answer({"verb": "Identify"})))
    assert envelope.identity is not None
    assert (envelope.identity.granularity, envelope.name) == (Granularity.DAY, "测试市目录")
    assert codes(envelope) == ["oai-granularity", "oai-earliest"]
    assert envelope.complete


def test_what_a_repository_offers() -> None:
    provider = Provider([], set_names={"division:330000": "浙江省"})
    _, formats = read(provider.write(provider.answer({"verb": "ListMetadataFormats"})))
    _, sets = read(provider.write(provider.answer({"verb": "ListSets"})))
    assert [each.prefix for each in formats.formats] == ["oai_dc"]
    assert sets.sets == (("division:330000", "浙江省"),)


def test_offers_without_end_are_cut() -> None:
    names = {f"s{number}": "n" * 1000 for number in range(1500)}
    provider = Provider([], set_names=names)
    _, envelope = read(provider.write(provider.answer({"verb": "ListSets"})))
    assert (len(envelope.sets), {len(name) for _, name in envelope.sets}) == (1000, {500})
