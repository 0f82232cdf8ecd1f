"""One sample answer a protocol, for the suite that runs over every row of ``PROTOCOLS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from harvester.protocols.folder import Head
from registry.model.run import Scope
from registry.model.source import Protocol, SourceDescription
from tests.endpoint import Record, dublin_core, plain_list
from tests.endpoint.provider import Provider

LOCATIONS = {
    Protocol.OAI_PMH: "https://catalogue.hangzhou.test/oai",
    Protocol.XML_DOCUMENT: "https://catalogue.hangzhou.test/list.xml",
    Protocol.FOLDER: "/var/lib/mulu/deliveries/hangzhou",
    Protocol.CONSOLE: "",
}


def source(protocol: Protocol = Protocol.OAI_PMH, **others: Any) -> SourceDescription:
    """A source in ``oai_dc``."""
    described = {
        "id": 1,
        "code": "hangzhou",
        "register_id": 1,
        "register_code": "330100",
        "protocol": protocol,
        "location": LOCATIONS.get(protocol, "330100"),
        "metadata_prefix": "oai_dc",
        "namespace": "hangzhou.test",
    }
    return SourceDescription(**{**described, **others})


def oai_page(records: Sequence[Record], verb: str = "ListRecords", **others: str) -> bytes:
    """A page of the tests' own provider."""
    provider = Provider(list(records), page_size=len(records) or 1)
    return provider.write(provider.answer({"verb": verb, "metadataPrefix": "oai_dc", **others}))


def folder_document(records: Sequence[Record], following: str = "") -> bytes:
    """A plain list behind the head that a folder puts before it."""
    head = Head("list.xml", following, Scope.FULL)
    return msgspec.json.encode(head) + b"\n" + plain_list(records)


@dataclass(frozen=True, slots=True)
class Sample:
    """How a protocol's answer with some records is written; ``token`` is one that its source might give."""

    write: Callable[[Sequence[Record]], bytes]
    token: str = ""


SAMPLES: Mapping[Protocol, Sample] = {
    Protocol.OAI_PMH: Sample(oai_page, "10|||"),
    Protocol.XML_DOCUMENT: Sample(plain_list),
    Protocol.FOLDER: Sample(folder_document, "2026-01-01/list.xml"),
    Protocol.CONSOLE: Sample(folder_document, "000000000001/0001-list.xml"),
}


def records(count: int, padding: int = 0) -> list[Record]:
    """``count`` records of about ``padding`` bytes each."""
    filler = "杭州市建设项目" * (padding // 21)
    return [
        Record(
            f"oai:hangzhou.test:{number}",
            "2026-01-01T00:00:00Z",
            dublin_core(f"{number}{filler}", f"oai:hangzhou.test:{number}"),
        )
        for number in range(1, count + 1)
    ]
