"""From a record as it was cut from an answer to one in the catalogue format.

First its key, which must be cheap: most records of most answers are known, and stop there.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Final, NamedTuple

from harvester.errors import FatalFailure
from harvester.protocols.base import RawRecord
from registry.formats import FORMATS
from registry.formats.base import Format, ParsedRecord, ReadContext, Reading
from registry.model.harvesting import RecordKey
from registry.model.identifier import mint
from registry.model.issue import Severity, Text
from registry.model.source import SourceDescription
from schemas.fault import Fault

KEY_MISSING: Final = Fault(
    "record-key-missing",
    Severity.ERROR,
    Text(
        "记录没有标识符，也没有可用作标识符的编号",
        "the record has neither an identifier nor a key to mint one",
    ),
    Text("请为每条记录填写唯一的编号", "give every record a unique key"),
)
UNREADABLE: Final = Fault(
    "record-unreadable",
    Severity.ERROR,
    Text("无法读取该记录（{reason}）", "the record cannot be read ({reason})"),
    Text("请联系登记系统的管理员", "tell the manager of the register"),
)
FAULTS: Final = (KEY_MISSING, UNREADABLE)


def digests_under(archive_key: bytes) -> Callable[[bytes], bytes]:
    """What gives raw bytes the digest (BLAKE2b-256 under ``archive_key``) that they are archived and known by.

    Keyed, so that nobody can confirm a guess about what was masked.
    """
    begun = blake2b(key=archive_key, digest_size=32)

    def digest(content: bytes) -> bytes:
        own = begun.copy()
        own.update(content)
        return own.digest()

    return digest


class KeyedRecord(NamedTuple):
    """A raw record with its key; the key's identifier is empty where none could be found."""

    key: RecordKey
    raw: RawRecord


class Parser:
    """Keys and parses the records of one source, after the format that is registered for it.

    ``archive_key``: 32 bytes. Raises ``FatalFailure`` where the format is unknown or cannot be read.
    """

    def __init__(self, source: SourceDescription, archive_key: bytes) -> None:
        self._format = readable(source.metadata_prefix)
        self._namespace = source.namespace
        self._context = ReadContext.of(source)
        self._digest = digests_under(archive_key)

    def keyed(self, raw: RawRecord) -> KeyedRecord:
        """``raw`` under the identifier that it came with, or that its format's key mints."""
        identifier = raw.identifier
        if not identifier and raw.element is not None:
            identifier = self._mint(raw)
        return KeyedRecord(RecordKey(identifier, self._digest(raw.raw)), raw)

    def parse(self, record: KeyedRecord) -> Reading:
        """The record in the catalogue format, or why there is none. Not for deleted records."""
        element, read = record.raw.element, self._format.read
        if element is None or read is None:
            return ()
        if not record.key.identifier:
            return (KEY_MISSING.issue(),)
        try:
            return read(element, self._context.for_record(record.key.identifier))
        except ValueError as error:
            return (UNREADABLE.issue(reason=type(error).__name__),)

    def _mint(self, raw: RawRecord) -> str:
        assert raw.element is not None
        try:
            return mint(self._namespace, self._format.key(raw.element))
        except ValueError:
            return ""


def readable(prefix: str) -> Format:
    """The format ``prefix``, if records can be read in it. Raises ``FatalFailure``."""
    found = FORMATS.get(prefix)
    if found is None or found.read is None:
        raise FatalFailure(
            Text(f"不能读取元数据格式“{prefix}”", f"the metadata format “{prefix}” cannot be read here")
        )
    return found


__all__ = ["FAULTS", "KeyedRecord", "ParsedRecord", "Parser"]
