"""An answer to another question ends no list, and one that ends in silence leaves a doubt."""

from __future__ import annotations

import pytest

from harvester.protocols import PROTOCOLS
from harvester.protocols.base import Envelope
from registry.model.source import Protocol

OAI = PROTOCOLS[Protocol.OAI_PMH]
FIRST = "ListRecords YYYY-MM-DD"


@pytest.mark.parametrize(
    ("token", "envelope", "records", "code"),
    [
        ("", Envelope(answered="Identify"), 0, None),
        ("", Envelope(answered="ListRecords"), 3, "oai-other-answer"),
        (FIRST, Envelope(answered="ListRecords"), 3, None),
        (FIRST, Envelope(error_codes=("noRecordsMatch",)), 0, None),
        (FIRST, Envelope(answered="ListSets"), 0, "oai-other-answer"),
        (FIRST, Envelope(answered="ListRecords"), 0, "oai-empty-list"),
        ("page 2", Envelope(answered="ListRecords"), 1, None),
        ("page 2", Envelope(error_codes=("noRecordsMatch",)), 0, "oai-list-cut-off"),
        ("page 2", Envelope(answered="ListRecords"), 0, "oai-empty-list"),
        ("page 2", Envelope(answered="ListIdentifiers"), 0, "oai-other-answer"),
        ("page 2", Envelope(answered="GetRecord"), 1, "oai-other-answer"),
    ],
)
def test_what_cannot_be_the_answer_is_told(
    token: str, envelope: Envelope, records: int, code: str | None
) -> None:
    misfit = OAI.misfit(token, envelope, records)
    assert (misfit.code if misfit else None) == code


@pytest.mark.parametrize(
    ("token", "envelope", "code"),
    [
        ("page 2", Envelope(answered="ListRecords"), None),
        ("page 2", Envelope(answered="ListRecords", end_told=False), "oai-end-untold"),
        (FIRST, Envelope(answered="ListRecords", end_told=False), None),
        ("", Envelope(answered="Identify", token=FIRST, end_told=False), None),
    ],
)
def test_a_resumed_list_must_say_that_it_ends(token: str, envelope: Envelope, code: str | None) -> None:
    doubt = OAI.doubt(token, envelope)
    assert (doubt.code if doubt else None) == code


@pytest.mark.parametrize(
    ("token", "code", "refused"),
    [
        ("page 2", "badResumptionToken", True),
        ("page 2", "badArgument", False),
        (FIRST, "badResumptionToken", False),
        ("", "badResumptionToken", False),
    ],
)
def test_a_token_of_the_source_can_be_refused(token: str, code: str, refused: bool) -> None:
    assert OAI.refuses(token, Envelope(error_codes=(code,))) is refused


@pytest.mark.parametrize("protocol", [Protocol.XML_DOCUMENT, Protocol.FOLDER])
def test_where_tokens_are_ours_nothing_of_the_kind_happens(protocol: Protocol) -> None:
    row = PROTOCOLS[protocol]
    assert row.single is None
    assert row.misfit("t", Envelope(answered="other"), 0) is None
    assert row.doubt("t", Envelope(end_told=False)) is None
    assert not row.refuses("t", Envelope(error_codes=("badResumptionToken",)))
