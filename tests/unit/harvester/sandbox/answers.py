"""Answers for the tests of the sandbox: pages of OAI-PMH made of the sample record."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.rules.samples import SOURCE, TODAY, sample_record
from harvester.sandbox import Reading
from registry.model.harvesting import RecordKey
from schemas.xml import canonical

READING = Reading(SOURCE, b"k" * 32, TODAY)

_BEGIN = (
    b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2024-06-01T00:00:00Z</responseDate>'
    b"<ListRecords>"
)
_END = b"<resumptionToken>next</resumptionToken></ListRecords></OAI-PMH>"


def record(name: str, metadata: bytes) -> bytes:
    return (
        (
            f"<record><header><identifier>oai:hangzhou.example:{name}</identifier>"
            "<datestamp>2024-06-01T00:00:00Z</datestamp></header><metadata>"
        ).encode()
        + metadata
        + b"</metadata></record>"
    )


def deleted(name: str) -> bytes:
    return (
        f'<record><header status="deleted"><identifier>oai:hangzhou.example:{name}</identifier>'
        "<datestamp>2024-06-01T00:00:00Z</datestamp></header></record>"
    ).encode()


def page(*records: bytes) -> bytes:
    return _BEGIN + b"".join(records) + _END


def clean(count: int) -> bytes:
    metadata = canonical(sample_record())
    return page(*(record(str(number), metadata) for number in range(count)))


def nothing_known(keys: Sequence[RecordKey]) -> list[bool]:
    return [False] * len(keys)
