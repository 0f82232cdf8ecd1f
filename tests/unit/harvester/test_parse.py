"""Keys before parsing: minted cheaply, digested under a key; formats that cannot be read are fatal."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

import pytest

from harvester.errors import FatalFailure
from harvester.parse import Parser
from harvester.protocols.base import RawRecord
from harvester.rules.samples import SOURCE, sample_record
from registry.formats.base import ParsedRecord
from registry.model.issue import refuses
from schemas.xml import canonical, parse

KEY = b"k" * 32
LIST = replace(SOURCE, metadata_prefix="municipal_list")


def raw(content: bytes, identifier: str = "") -> RawRecord:
    return RawRecord(identifier, None, False, parse(content), content, "record 1, line 1")


def test_an_identifier_that_came_is_kept() -> None:
    record = Parser(SOURCE, KEY).keyed(raw(canonical(sample_record()), "oai:origin.example:7"))
    assert record.key.identifier == "oai:origin.example:7"


def test_a_missing_identifier_is_minted_from_the_key_of_the_format() -> None:
    assert Parser(SOURCE, KEY).keyed(raw(canonical(sample_record()))).key.identifier == (
        "oai:hangzhou.example:hangzhou-2024-0001"
    )
    listed = "<PROPERTIES><项目编号>360403 号1</项目编号></PROPERTIES>".encode()
    assert Parser(LIST, KEY).keyed(raw(listed)).key.identifier == "oai:hangzhou.example:360403%20%E5%8F%B71"


def test_a_record_without_any_key_is_refused() -> None:
    parser = Parser(LIST, KEY)
    record = parser.keyed(raw("<PROPERTIES><项目名称>路</项目名称></PROPERTIES>".encode()))
    assert record.key.identifier == ""
    found = parser.parse(record)
    assert isinstance(found, tuple) and refuses(found)
    assert [issue.code for issue in found] == ["record-key-missing"]


def test_the_raw_digest_is_keyed() -> None:
    content = canonical(sample_record())
    digest = Parser(SOURCE, KEY).keyed(raw(content)).key.raw_digest
    assert digest == blake2b(content, key=KEY, digest_size=32).digest()
    assert digest != Parser(SOURCE, b"other" * 6).keyed(raw(content)).key.raw_digest


def test_a_record_is_read_in_the_format_of_its_source() -> None:
    parser = Parser(SOURCE, KEY)
    found = parser.parse(parser.keyed(raw(canonical(sample_record()))))
    assert isinstance(found, ParsedRecord)
    assert canonical(found.element) == canonical(sample_record())


@pytest.mark.parametrize("prefix", ["marc21", ""])
def test_a_format_that_cannot_be_read_is_fatal(prefix: str) -> None:
    with pytest.raises(FatalFailure):
        Parser(replace(SOURCE, metadata_prefix=prefix), KEY)
