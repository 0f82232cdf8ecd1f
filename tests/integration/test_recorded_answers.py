"""What each recorded answer of a real OAI-PMH provider yields (``../shared/data/oai``)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from harvester.protocols.base import Envelope, Identity, RawRecord
from harvester.protocols.oaipmh import OaiPmhReader, header_reader
from registry.model.datestamp import Granularity
from schemas.xml import XmlRefused
from tests.shared import SHARED, needs_shared

ANSWERS = SHARED / "data" / "oai"

pytestmark = needs_shared


class Yield(NamedTuple):
    """What is found in one answer. ``refused`` is the code with which it is not read (to its end); ``end_told``:
    whether there is a resumptionToken, which the last page of a resumed list must have, too (3.5). One of the two
    recorded providers that page, a real one, sends it; the other, made for the tests of a client, does not."""

    records: int = 0
    deleted: int = 0
    token: str = ""
    total: int | None = None
    complete: bool = True
    errors: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    faulty_records: tuple[tuple[str, tuple[str, ...]], ...] = ()
    refused: str = ""
    headers_only: bool = False
    end_told: bool = True


def reported(code: str) -> Yield:
    """An answer that is one protocol error and ends the walk."""
    return Yield(complete=False, errors=(code,), issues=("oai-error",))


ANSWERS_YIELD = {
    "phpoaipmh/BadResponseInvalidRecord.xml": reported("idDoesNotExist"),
    "phpoaipmh/BadResponseNonExistentVerb.xml": reported("badVerb"),
    "phpoaipmh/GoodResponseFourPage_1.xml": Yield(
        200, token="0/200/733/nsdl_dc/null/2012-07-26/null", total=733, headers_only=True
    ),
    "phpoaipmh/GoodResponseFourPage_2.xml": Yield(
        200, token="200/400/733/nsdl_dc/null/2012-07-26/null", total=733, headers_only=True
    ),
    "phpoaipmh/GoodResponseFourPage_3.xml": Yield(
        200, token="400/600/733/nsdl_dc/null/2012-07-26/null", total=733, headers_only=True
    ),
    "phpoaipmh/GoodResponseFourPage_4.xml": Yield(133, total=733, headers_only=True),
    "phpoaipmh/GoodResponseIdentify.xml": Yield(token="ListRecords YYYY-MM-DDThh:mm:ssZ", end_told=False),
    "phpoaipmh/GoodResponseSinglePage.xml": Yield(162, end_told=False),
    "phpoaipmh/GoodResponseSingleRecord.xml": Yield(1, end_told=False),
    "phpoaipmh/NamespacedSample.xml": Yield(
        1,
        token="1!53691!20513471!2505879!100!2402263!oai_dc",
        total=2402263,
        issues=("encoding-doubtful",),
    ),
    "sickle/GetRecord.xml": Yield(1, end_told=False),
    "sickle/GetRecord_utf8test.xml": Yield(1, end_told=False),
    "sickle/Identify.xml": Yield(token="ListRecords YYYY-MM-DD", end_told=False),
    "sickle/ListIdentifiers.xml": Yield(2, 1, "ListIdentifiers2.xml", 4, headers_only=True),
    "sickle/ListIdentifiers2.xml": Yield(2, 1, headers_only=True, end_told=False),
    "sickle/ListMetadataFormats.xml": Yield(end_told=False),
    "sickle/ListRecords.xml": Yield(2, 1, "ListRecords2.xml", 8),
    "sickle/ListRecords2.xml": Yield(2, 1, "ListRecords3.xml", 8),
    "sickle/ListRecords3.xml": Yield(2, 1, "ListRecords4.xml", 8),
    "sickle/ListRecords4.xml": Yield(
        2,
        1,
        faulty_records=(("record 1, line 7", ("oai-identifier-missing", "oai-datestamp")),),
        end_told=False,
    ),
    "sickle/ListRecordsBroken.xml": Yield(refused="xml-ill-formed"),
    "sickle/ListSets.xml": Yield(end_told=False),
    "sickle/badArgument.xml": reported("badArgument"),
    "sickle/badResumptionToken.xml": reported("badResumptionToken"),
    "sickle/cannotDisseminateFormat.xml": reported("cannotDisseminateFormat"),
    "sickle/idDoesNotExist.xml": reported("idDoesNotExist"),
    "sickle/noRecordsMatch.xml": Yield(errors=("noRecordsMatch",)),
    "sickle/noSetHierarchy.xml": reported("noSetHierarchy"),
    "sickle/undefinedError.xml": reported("undefinedError"),
}


def read(name: str, chunk: int = 1 << 16) -> tuple[list[RawRecord], Envelope]:
    """The records and the envelope of one recorded answer, fed in pieces of ``chunk`` bytes."""
    reader = header_reader() if "Identifiers" in name or "FourPage" in name else OaiPmhReader()
    content = (ANSWERS / name).read_bytes()
    pieces = (content[at : at + chunk] for at in range(0, len(content), chunk))
    records = [record for piece in pieces for record in reader.feed(piece)]
    return records, reader.close()


def test_every_recorded_answer_has_its_row() -> None:
    recorded = {path.relative_to(ANSWERS).as_posix() for path in ANSWERS.rglob("*.xml")}
    assert recorded == ANSWERS_YIELD.keys()


@pytest.mark.parametrize("name", ANSWERS_YIELD)
@pytest.mark.parametrize("chunk", [1 << 16, 997])
def test_a_recorded_answer_yields_what_its_row_says(name: str, chunk: int) -> None:
    expected = ANSWERS_YIELD[name]
    if expected.refused:
        with pytest.raises(XmlRefused) as caught:
            read(name, chunk)
        assert caught.value.code == expected.refused
        return
    records, envelope = read(name, chunk)
    found = Yield(
        records=len(records),
        deleted=sum(record.deleted for record in records),
        token=envelope.token,
        total=envelope.declared_total,
        complete=envelope.complete,
        errors=envelope.error_codes,
        issues=tuple(issue.code for issue in envelope.issues),
        faulty_records=tuple(
            (record.place, tuple(issue.code for issue in record.issues))
            for record in records
            if record.issues
        ),
        headers_only=bool(records) and all(record.element is None for record in records),
        end_told=envelope.end_told,
    )
    assert found == expected
    assert envelope.response_date is not None


def test_who_the_recorded_repositories_are() -> None:
    _, real = read("phpoaipmh/GoodResponseIdentify.xml")
    _, sample = read("sickle/Identify.xml")
    assert real.identity == Identity(
        name="National Science Digital Library",
        base_url="http://nsdl.org/oai",
        granularity=Granularity.SECOND,
        deleted_record="no",
        earliest=datetime(1900, 1, 1, 12, tzinfo=UTC),
    )
    assert sample.identity == Identity(
        name="A Test Repository",
        base_url="http://test.example.com/oai",
        granularity=Granularity.DAY,
        deleted_record="persistent",
        earliest=datetime(1970, 1, 1, tzinfo=UTC),
    )


def test_what_the_recorded_repositories_offer() -> None:
    _, formats = read("sickle/ListMetadataFormats.xml")
    _, sets = read("sickle/ListSets.xml")
    assert [each.prefix for each in formats.formats] == [
        "epicur",
        "xMetaDissPlus",
        "oai_dc",
        "mods",
        "swepub_mods",
    ]
    assert formats.formats[2].namespace == "http://www.openarchives.org/OAI/2.0/oai_dc/"
    assert (len(sets.sets), sets.sets[0].spec) == (131, "bi")


@pytest.mark.parametrize("name", ["phpoaipmh/GoodResponseSinglePage.xml", "sickle/GetRecord_utf8test.xml"])
def test_a_record_is_cut_with_everything_that_it_needs(name: str) -> None:
    content = (ANSWERS / name).read_bytes()
    records, _ = read(name)
    for record in records:
        whole = OaiPmhReader()
        begin, end = content[: content.index(b"<record>")], content[content.rindex(b"</record>") + 9 :]
        again = [*whole.feed(begin + record.raw + end)]
        assert [each.raw for each in again] == [record.raw]
        assert record.identifier.encode() in record.raw
        whole.close()
