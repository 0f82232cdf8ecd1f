"""Arguments against the table of verbs: what is answered with which error."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.outlets.oaipmh.arguments import MAX_COMPLAINTS, Window, request_from, window_of
from registry.outlets.oaipmh.errors import ProtocolError
from schemas.oaipmh import VERBS

GOOD = [
    "verb=Identify",
    "verb=ListMetadataFormats",
    "verb=ListMetadataFormats identifier=oai:hangzhou.gov.cn:1",
    "verb=ListMetadataFormats identifier=junk",
    "verb=ListSets",
    "verb=ListSets resumptionToken=x",
    "verb=GetRecord identifier=oai:a.b:1 metadataPrefix=oai_dc",
    "verb=ListRecords metadataPrefix=catalogue",
    "metadataPrefix=catalogue verb=ListRecords",
    "verb=ListRecords metadataPrefix=unknown",
    "verb=ListRecords resumptionToken=",
    "verb=ListIdentifiers metadataPrefix=oai_dc set=division:330000:330100",
    "verb=ListIdentifiers metadataPrefix=oai_dc from=2024-01-01 until=2024-01-01",
    "verb=ListIdentifiers metadataPrefix=oai_dc from=2024-01-01T00:00:00Z until=2024-01-01T00:00:00Z",
    "verb=ListIdentifiers metadataPrefix=oai_dc until=9999-12-31",
    "verb=ListIdentifiers metadataPrefix=oai_dc from=0001-01-01",
]
BAD_VERB = ["", "junk", "verb=", "verb=junk", "verb=identify", "verb=Identify verb=Identify", "Verb=Identify"]
BAD_ARGUMENT = [
    "verb=Identify x=1",
    "verb=Identify metadataPrefix=oai_dc",
    "verb=ListSets set=a",
    "verb=ListSets resumptionToken=x resumptionToken=x",
    "verb=GetRecord",
    "verb=GetRecord identifier=oai:a:1",
    "verb=GetRecord metadataPrefix=oai_dc",
    'verb=GetRecord identifier=invalid"id metadataPrefix=oai_dc',
    "verb=GetRecord identifier=oai:a:%zz metadataPrefix=oai_dc",
    "verb=GetRecord identifier= metadataPrefix=oai_dc",
    "verb=GetRecord identifier=oai:a:1 identifier=oai:a:1 metadataPrefix=oai_dc",
    "verb=GetRecord identifier=oai:a:1 metadataPrefix=oai_dc resumptionToken=x",
    "verb=ListRecords",
    "verb=ListRecords metadataPrefix=",
    "verb=ListRecords metadataPrefix=oai/dc",
    "verb=ListRecords metadataPrefix=目录",
    "verb=ListRecords metadataPrefix=oai_dc set=",
    "verb=ListRecords metadataPrefix=oai_dc set=目录",
    "verb=ListRecords metadataPrefix=oai_dc set=a::b",
    "verb=ListRecords metadataPrefix=oai_dc from=junk",
    "verb=ListRecords metadataPrefix=oai_dc from=2024-02-30",
    "verb=ListRecords metadataPrefix=oai_dc from=2024-W01-1",
    "verb=ListRecords metadataPrefix=oai_dc from=20240101",
    "verb=ListRecords metadataPrefix=oai_dc from=2024-01",
    "verb=ListRecords metadataPrefix=oai_dc from=２０２４-01-01",
    "verb=ListRecords metadataPrefix=oai_dc from=2024-01-01T00:00Z",
    "verb=ListRecords metadataPrefix=oai_dc from=2024-01-01T24:00:00Z",
    "verb=ListRecords metadataPrefix=oai_dc from=2024-01-01T00:00:00",
    "verb=ListRecords metadataPrefix=oai_dc from=2024-01-01T00:00:00+08:00",
    "verb=ListRecords metadataPrefix=oai_dc from=2024-01-01T00:00:00.5Z",
    "verb=ListRecords metadataPrefix=oai_dc from=2024-01-01 until=2024-01-01T00:00:00Z",
    "verb=ListRecords metadataPrefix=oai_dc from=2024-01-02 until=2024-01-01",
    "verb=ListRecords resumptionToken=x metadataPrefix=oai_dc",
    "verb=ListRecords resumptionToken=x set=a",
]


def pairs(text: str) -> list[tuple[str, str]]:
    """``name=value`` parts between spaces."""
    return [(name, value) for name, _, value in (part.partition("=") for part in text.split())]


@pytest.mark.parametrize("text", GOOD)
def test_requests_that_follow_the_rules(text: str) -> None:
    request = request_from(pairs(text))
    assert {"verb": request.verb, **request.arguments} == dict(pairs(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [(text, "badVerb") for text in BAD_VERB] + [(text, "badArgument") for text in BAD_ARGUMENT],
)
def test_requests_that_do_not(text: str, code: str) -> None:
    with pytest.raises(ProtocolError) as failure:
        request_from(pairs(text))
    assert {complaint.code for complaint in failure.value.complaints} == {code}


def test_every_faulty_argument_is_named_up_to_a_limit() -> None:
    with pytest.raises(ProtocolError) as failure:
        request_from(pairs("verb=ListRecords from=junk x=1"))
    told = " ".join(complaint.text for complaint in failure.value.complaints)
    assert all(name in told for name in ("from", "x", "metadataPrefix"))
    with pytest.raises(ProtocolError) as failure:
        request_from([("verb", "Identify"), *((f"x{number}", "") for number in range(50))])
    assert len(failure.value.complaints) == MAX_COMPLAINTS


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("", None, None),
        ("from=2024-01-02", datetime(2024, 1, 2, tzinfo=UTC), None),
        ("until=2024-01-02", None, datetime(2024, 1, 2, 23, 59, 59, tzinfo=UTC)),
        (
            "from=2024-01-02T03:04:05Z until=2024-01-02T03:04:05Z",
            datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
            datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
        ),
    ],
)
def test_windows_include_both_ends(text: str, since: datetime | None, until: datetime | None) -> None:
    request = request_from(pairs(f"verb=ListRecords metadataPrefix=oai_dc {text}"))
    assert window_of(request) == Window(since, until)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["verb", *sorted({name for verb in VERBS.values() for name in verb.arguments})])
            | st.text(max_size=5),
            st.sampled_from([*VERBS, "oai_dc", "2024-01-01", "oai:a:1"]) | st.text(max_size=25),
        ),
        max_size=6,
    )
)
def test_any_arguments_are_a_request_or_an_error_of_the_protocol(arguments: list[tuple[str, str]]) -> None:
    codes: set[str] = set()
    kept: list[tuple[str, str]] = []
    try:
        request = request_from(arguments)
        kept = [("verb", request.verb), *request.arguments.items()]
    except ProtocolError as error:
        codes = {complaint.code for complaint in error.complaints}
    assert codes in ({"badVerb"}, {"badArgument"}) or sorted(kept) == sorted(arguments)
