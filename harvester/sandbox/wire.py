"""What parent and child say to each other: msgspec messages in length-prefixed MessagePack frames.

Never pickle: the child reads hostile bytes, and a subverted child must not be able to make the parent
build anything but the types below. A frame is four bytes of length (big-endian) and that many bytes.

The conversation about one answer::

    parent: Begin, Chunk, Chunk, …, End             child: Ask (keys of a batch)   → parent: Known
                                                    child: Batch (checked records)
                                                    child: Explain (a record)      → parent: Explained
                                                    child: Done | Failed

The parent has refused records explained by another child, to which it says Explain, too. To one that writes tables as
documents::

    parent: Tabulate, Chunk, Chunk, …, End          child: Written, Written, …
                                                    child: Tabulated | TableFailed
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import msgspec

from harvester.protocols.base import Envelope
from harvester.sandbox.limits import SandboxLimits
from harvester.tables.sheets import SheetLimits
from registry.model.harvesting import RecordKey
from registry.model.issue import Issue, Text
from registry.model.record import CheckedRecord
from registry.model.source import SourceDescription

MAX_FRAME = 32 << 20
EXIT_MEMORY = 77  # the child's exit status when it ran into its memory limit
_HEAD = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """What the child must know to read an answer.

    ``archive_key`` (32 bytes): the raw digest of a record is BLAKE2b-256 of its bytes under this key, so
    that nobody can confirm a guess about masked data from a digest. ``today``: the day in Asia/Shanghai.
    ``identifiers``: the answer is a page of identifiers (``SourceProtocol.single``). All of them must be said to
    be known; they come back as KNOWN, DELETED, or REFUSED where they could not be accepted anyway.
    """

    source: SourceDescription
    archive_key: bytes
    today: date
    identifiers: bool = False


class Task(StrEnum):
    """What a child is there for."""

    READ = "read"  # answers
    EXPLAIN = "explain"  # why the schema refuses records
    TABULATE = "tabulate"  # documents of tables that people hand in


class Start(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The first message."""

    limits: SandboxLimits
    task: Task = Task.READ


class Begin(msgspec.Struct, tag=True, array_like=True, frozen=True):
    reading: Reading


class Chunk(msgspec.Struct, tag=True, array_like=True, frozen=True):
    content: bytes


class End(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """No more chunks: the answer has ended, or (``broken``) its transport has."""

    broken: bool = False


class Known(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The answer to the oldest open :class:`Ask`: one flag a key."""

    flags: list[bool]


class Ready(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The child is warm and confined."""


class Ask(msgspec.Struct, tag=True, array_like=True, frozen=True):
    keys: list[RecordKey]


class Batch(msgspec.Struct, tag=True, array_like=True, frozen=True):
    records: list[CheckedRecord]


class Explain(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """A record (UTF-8) that the schema refuses: from a child that reads to one that explains."""

    content: bytes


class Explained(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The answer to the oldest open :class:`Explain`."""

    issues: list[Issue]


class Done(msgspec.Struct, tag=True, array_like=True, frozen=True):
    envelope: Envelope


class Failed(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The answer may not be read further."""

    issue: Issue


class Tabulate(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The chunks that follow are a table, of a file of this name."""

    name: str
    limits: SheetLimits


class Written(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The next piece of the document that a table makes, and how many records it holds."""

    content: bytes
    records: int


class Tabulated(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The document is whole."""


class TableFailed(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The table is none of records; what was written is no document."""

    text: Text


class Crashed(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """The child met a failure that is not the answer's, and ends. ``where``: its class and place in the code."""

    where: str


ToChild = Start | Begin | Chunk | End | Known | Explain | Explained | Tabulate
FromChild = (
    Ready | Ask | Batch | Explain | Explained | Done | Failed | Written | Tabulated | TableFailed | Crashed
)


class FrameTooLong(ValueError):
    """A frame announces more than ``MAX_FRAME`` bytes."""


_encoder = msgspec.msgpack.Encoder()
to_child = msgspec.msgpack.Decoder(ToChild)
from_child = msgspec.msgpack.Decoder(FromChild)


def frame(message: ToChild | FromChild) -> bytes:
    """``message`` as one frame. Raises ``FrameTooLong``."""
    buffer = bytearray(_HEAD)
    _encoder.encode_into(message, buffer, _HEAD)
    length = len(buffer) - _HEAD
    if length > MAX_FRAME:
        raise FrameTooLong(f"a frame of {length} bytes")
    buffer[:_HEAD] = length.to_bytes(_HEAD, "big")
    return bytes(buffer)


class Frames:
    """Cuts a stream of bytes into the payloads of its frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, content: bytes) -> list[bytes]:
        """The payloads that are now whole. Raises ``FrameTooLong``."""
        buffer = self._buffer
        buffer += content
        payloads = []
        at = 0
        while len(buffer) - at >= _HEAD:
            length = int.from_bytes(buffer[at : at + _HEAD], "big")
            if length > MAX_FRAME:
                raise FrameTooLong(f"a frame of {length} bytes")
            if len(buffer) - at - _HEAD < length:
                break
            payloads.append(bytes(buffer[at + _HEAD : at + _HEAD + length]))
            at += _HEAD + length
        del buffer[:at]
        return payloads
