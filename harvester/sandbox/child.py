"""The child's side: the process in which hostile bytes are parsed, and nothing else happens.

Started by :mod:`harvester.sandbox.parent` with an empty environment; speaks :mod:`harvester.sandbox.wire`
on its standard input and output. It holds no secret but the archive key, no database, no configuration.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

from lxml import etree

from harvester.errors import TransportFailure
from harvester.protocols.base import Envelope
from harvester.sandbox import wire
from harvester.sandbox.answer import Flags, check_answer
from harvester.sandbox.errors import AnswerRefused
from harvester.sandbox.explaining import explain_elsewhere, reasons
from harvester.sandbox.limits import CpuAllowance, SandboxLimits, confine
from harvester.sandbox.warm import warm, warm_to_explain, warm_to_tabulate
from harvester.tables.documents import document_of
from harvester.tables.sheets import TableRefused
from registry.model.harvesting import RecordKey
from registry.model.issue import Issue, Text

_READ = 1 << 18
_COLLECTED = 20_000  # new objects, after which the collector looks: a batch has more than its default of 700


class _BrokenOff(TransportFailure):
    """The parent says that the answer broke off; it knows why."""

    def __init__(self) -> None:
        super().__init__(Text("应答中断", "the answer broke off"))


class ParentGone(Exception):
    """The pipe to the parent is closed: there is nobody to work for."""


class Channel:
    """Messages from and to the parent over two descriptors."""

    def __init__(self, inlet: int, outlet: int) -> None:
        self._inlet, self._outlet = inlet, outlet
        self._frames = wire.Frames()
        self._payloads: deque[bytes] = deque()

    def receive(self) -> wire.ToChild:
        """The parent's next message. Raises ``ParentGone``."""
        while not self._payloads:
            content = os.read(self._inlet, _READ)
            if not content:
                raise ParentGone
            self._payloads.extend(self._frames.feed(content))
        message: wire.ToChild = wire.to_child.decode(self._payloads.popleft())
        return message

    def send(self, message: wire.FromChild) -> None:
        """Hand ``message`` over, waiting while the pipe is full."""
        rest = memoryview(wire.frame(message))
        while rest:
            rest = rest[os.write(self._outlet, rest) :]


class Conversation:
    """One answer: chunks come in, questions and batches go out."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._flags: deque[Flags] = deque()
        self._chunks: deque[wire.Chunk | wire.End] = deque()
        self._explained: deque[list[Issue]] = deque()

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the answer. Raises ``_BrokenOff``."""
        while True:
            while not self._chunks:
                self._take()
            part = self._chunks.popleft()
            if isinstance(part, wire.End):
                if part.broken:
                    raise _BrokenOff
                return
            yield part.content

    def ask(self, keys: Sequence[RecordKey]) -> Callable[[], Flags]:
        """Put the question to the parent; the answers come in the order of the questions."""
        self._channel.send(wire.Ask(list(keys)))
        return self._answer

    def explain(self, element: etree._Element) -> tuple[Issue, ...]:
        """Why the schema refuses ``element``, by way of the parent."""
        return explain_elsewhere(element, self._ask_for_reasons)

    def _ask_for_reasons(self, content: bytes) -> Sequence[Issue]:
        self._channel.send(wire.Explain(content))
        while not self._explained:
            self._take()
        return self._explained.popleft()

    def _answer(self) -> Flags:
        while not self._flags:
            self._take()
        return self._flags.popleft()

    def _take(self) -> None:
        message = self._channel.receive()
        if isinstance(message, wire.Known):
            self._flags.append(message.flags)
        elif isinstance(message, wire.Chunk | wire.End):
            self._chunks.append(message)
        elif isinstance(message, wire.Explained):
            self._explained.append(message.issues)


def serve(channel: Channel, reading: wire.Reading, limits: SandboxLimits, allowance: CpuAllowance) -> None:
    """Read one answer to its end and tell the parent about it."""
    conversation = Conversation(channel)
    batches = check_answer(reading, limits, conversation.chunks(), conversation.ask, conversation.explain)
    allowance.begin()
    try:
        while True:
            records = next(batches)
            channel.send(wire.Batch(records))
            allowance.earn(len(records))
    except StopIteration as stop:
        channel.send(wire.Done(stop.value))
    except AnswerRefused as refused:
        channel.send(wire.Failed(refused.issue))
    except _BrokenOff:
        channel.send(wire.Done(Envelope(complete=False)))


def tabulate(channel: Channel, table: wire.Tabulate, allowance: CpuAllowance) -> None:
    """Read one table to its end, and hand over the document that it makes."""
    content = BytesIO()
    for chunk in Conversation(channel).chunks():
        content.write(chunk)
    allowance.begin()
    try:
        for piece in document_of(table.name, content, table.limits):
            channel.send(wire.Written(piece.content, piece.records))
            allowance.earn(piece.records)
        channel.send(wire.Tabulated())
    except TableRefused as refused:
        channel.send(wire.TableFailed(refused.text))


_WARMING = {
    wire.Task.READ: warm,
    wire.Task.EXPLAIN: warm_to_explain,
    wire.Task.TABULATE: warm_to_tabulate,
}


def main(inlet: int = 0, outlet: int = 1) -> None:
    """Serve answers until the parent closes the pipe. Leaves standard output to the parent's messages."""
    sys.stdout = sys.stderr
    channel = Channel(inlet, outlet)
    try:
        start = channel.receive()
        if not isinstance(start, wire.Start):
            return
        _WARMING[start.task]()
        gc.freeze()  # what is loaded now stays: the collector need not look at it again and again
        gc.set_threshold(_COLLECTED)
        confine(start.limits)
        allowance = CpuAllowance(start.limits)
        channel.send(wire.Ready())
        while True:
            message = channel.receive()
            if isinstance(message, wire.Begin):  # anything else is left over from an answer that failed
                serve(channel, message.reading, start.limits, allowance)
            elif isinstance(message, wire.Tabulate) and start.task is wire.Task.TABULATE:
                tabulate(channel, message, allowance)
            elif isinstance(message, wire.Explain) and start.task is wire.Task.EXPLAIN:
                allowance.begin()
                channel.send(wire.Explained(reasons(message.content)))
    except (ParentGone, BrokenPipeError):
        return
    except MemoryError:
        os._exit(wire.EXIT_MEMORY)
    except Exception as error:
        channel.send(wire.Crashed(_where(error)))
        raise


def _where(error: Exception) -> str:
    """The failure's class and place in the code: never its message, which may repeat hostile text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}"
