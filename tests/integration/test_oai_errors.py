"""Requests that the protocol answers with errors, and requests that nobody should make: every answer is valid."""

from __future__ import annotations

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.oaipmh import OAI, VERBS
from tests.integration.repository import CITY, PREFIXES, PUBLIC_URL, Reader
from tests.shared import needs_shared

pytestmark = needs_shared

ERRORS = {
    "": "badVerb",
    "verb=junk": "badVerb",
    "verb=Identify&verb=Identify": "badVerb",
    "verb=%00": "badVerb",
    "verb=Identify&x=%01%EF%BF%BF%3C%26": "badArgument",
    "verb=ListRecords": "badArgument",
    "verb=ListRecords&metadataPrefix=catalogue&metadataPrefix=catalogue": "badArgument",
    "verb=ListRecords&metadataPrefix=%E7%9B%AE": "badArgument",
    "verb=ListRecords&metadataPrefix=catalogue&from=junk": "badArgument",
    "verb=ListRecords&metadataPrefix=catalogue&from=2024-01-01&until=2024-01-02T00:00:00Z": "badArgument",
    "verb=ListRecords&metadataPrefix=catalogue&from=2024-01-02&until=2024-01-01": "badArgument",
    "verb=ListRecords&metadataPrefix=catalogue&resumptionToken=x": "badArgument",
    "verb=GetRecord&metadataPrefix=catalogue&identifier=invalid%22id": "badArgument",
    "verb=GetRecord&metadataPrefix=catalogue&identifier=really_wrong_id": "idDoesNotExist",
    "verb=GetRecord&metadataPrefix=catalogue&identifier=oai:hangzhou.gov.cn:nothing": "idDoesNotExist",
    "verb=GetRecord&metadataPrefix=catalogue&identifier=oai:hangzhou.gov.cn:8": "idDoesNotExist",
    "verb=GetRecord&metadataPrefix=really_wrong_mp&identifier=oai:hangzhou.gov.cn:0": "cannotDisseminateFormat",
    "verb=GetRecord&metadataPrefix=municipal_list&identifier=oai:hangzhou.gov.cn:0": "cannotDisseminateFormat",
    "verb=ListIdentifiers&metadataPrefix=really_wrong_mp": "cannotDisseminateFormat",
    "verb=ListMetadataFormats&identifier=oai:hangzhou.gov.cn:8": "idDoesNotExist",
    "verb=ListRecords&metadataPrefix=catalogue&set=really_wrong_set": "noRecordsMatch",
    "verb=ListRecords&metadataPrefix=catalogue&until=2023-12-31": "noRecordsMatch",
    "verb=ListRecords&metadataPrefix=catalogue&from=2999-01-01": "noRecordsMatch",
    "verb=ListRecords&resumptionToken=junk": "badResumptionToken",
    "verb=ListRecords&resumptionToken=": "badResumptionToken",
    "verb=ListRecords&resumptionToken=%00%EF%BF%BE": "badResumptionToken",
    "verb=ListSets&resumptionToken=junk": "badResumptionToken",
}


def test_errors_by_get_and_by_post(old_app: Flask) -> None:
    for reader in (Reader(old_app), Reader(old_app, posts=True)):
        found = {query: set(reader.ask_raw(CITY, query).errors) for query in ERRORS}
        assert found == {query: {code} for query, code in ERRORS.items()}


def test_answers_repeat_the_arguments_unless_they_make_no_sense(old: Reader) -> None:
    def repeated(query: str) -> dict[str, str]:
        request = old.ask_raw(CITY, query).root.find(f"{{{OAI}}}request")
        assert request is not None and request.text == f"{PUBLIC_URL}/oai/{CITY}"
        return {str(name): str(value) for name, value in request.attrib.items()}

    assert repeated("metadataPrefix=oai_dc&verb=ListRecords&set=x") == {
        "verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "x",
    }  # fmt: skip
    assert repeated("verb=ListRecords&resumptionToken=a%26b%22") == {
        "verb": "ListRecords", "resumptionToken": 'a&b"',
    }  # fmt: skip
    assert repeated("verb=ListRecords&metadataPrefix=oai_dc&from=x") == {}
    assert repeated("verb=x&metadataPrefix=oai_dc") == {}


argument_names = sorted({"verb", *(name for verb in VERBS.values() for name in verb.arguments)})
queries = st.lists(
    st.tuples(
        st.sampled_from(argument_names) | st.text(max_size=4),
        st.sampled_from([*VERBS, *PREFIXES, "catalogue:project", "oai:hangzhou.gov.cn:0", "2024-05-06"])
        | st.text(max_size=12),
    ),
    max_size=5,
)


@given(queries)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_the_answer_is_valid(old: Reader, pairs: list[tuple[str, str]]) -> None:
    old.ask(CITY, pairs=pairs)
