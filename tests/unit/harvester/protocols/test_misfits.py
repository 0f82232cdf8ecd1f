"""An answer to another question ends no list."""

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
