"""What an answer comes to, in a process and without one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harvester.pipeline import drain
from harvester.sandbox import AnswerReader, InlineSandbox, Sandbox
from registry.model.record import CheckedRecord, Condition
from tests.unit.harvester.sandbox import answers
from tests.unit.harvester.sandbox.answers import READING


@pytest.mark.parametrize("inline", [True, False])
def test_identifiers_come_without_their_records(inline: bool) -> None:
    """What its source may not speak for, or what is gone, is told already."""
    headers = b"".join(
        b"<header%b><identifier>%b</identifier><datestamp>2024-06-01</datestamp></header>" % each
        for each in (
            (b"", b"oai:hangzhou.example:1"),
            (b' status="deleted"', b"oai:hangzhou.example:2"),
            (b"", b"oai:ningbo.example:3"),
            (b"", b"oai:hangzhou.example:11010519491231002X"),
        )
    )
    answer = answers.page(headers).replace(b"ListRecords>", b"ListIdentifiers>")
    reading = replace(READING, identifiers=True)
    found: list[CheckedRecord] = []
    with Sandbox() as sandbox:
        reader: AnswerReader = InlineSandbox() if inline else sandbox
        batches = reader.read(reading, [answer], lambda keys: [True] * len(keys))
        envelope = drain(batches, found.extend)
    assert [(each.identifier, each.condition, each.raw) for each in found] == [
        ("oai:hangzhou.example:1", Condition.KNOWN, None),
        ("oai:hangzhou.example:2", Condition.DELETED, None),
        ("oai:ningbo.example:3", Condition.REFUSED, None),
        ("", Condition.REFUSED, None),
    ]
    assert (envelope.answered, envelope.token) == ("ListIdentifiers", "next")
