"""The parent's side: feeds an answer to a child, hands out what it checked, and survives its death."""

from __future__ import annotations

import queue
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol, Self

from harvester.errors import HarvestFailure
from harvester.parse import readable
from harvester.protocols.base import Envelope
from harvester.sandbox import wire
from harvester.sandbox.answer import check_answer
from harvester.sandbox.conversation import Conversation, Known
from harvester.sandbox.limits import SandboxLimits
from harvester.sandbox.process import COMMAND, Child
from registry.model.harvesting import RecordKey
from registry.model.issue import Issue
from registry.model.record import CheckedRecord

Batches = Generator[list[CheckedRecord], None, Envelope]


class AnswerReader(Protocol):
    """Reads answers: :class:`Sandbox`, or without a process :class:`InlineSandbox`."""

    def read(self, reading: wire.Reading, chunks: Iterable[bytes], known: Known) -> Batches:
        """Checked records of one answer, batch by batch; returns what the answer says of itself.

        ``chunks``: the bytes of the answer as they came. ``known`` is asked in this thread, once a batch
        and ahead of the batches handed out, which (identifier, raw digest) need no checking again.
        Raises ``AnswerRefused`` where the answer is ill-formed, ``ChildDied``, and whatever
        ``chunks`` raises; records before that place have been handed out (not before ``ChildDied``).
        """
        ...


class InlineSandbox:
    """The same road without a process and without limits of the kernel: for tests and the bench only."""

    def __init__(self, limits: SandboxLimits = SandboxLimits()) -> None:
        self._limits = limits

    def read(self, reading: wire.Reading, chunks: Iterable[bytes], known: Known) -> Batches:
        """See :class:`AnswerReader`."""

        def ask(keys: Sequence[RecordKey]) -> Callable[[], Sequence[bool]]:
            flags = known(keys)
            return lambda: flags

        return check_answer(reading, self._limits, chunks, ask)


class Sandbox:
    """One warm child at a time, for one answer at a time. A context manager; not for several threads.

    The child is started by the first answer, replaced when it is spent, and ended when an answer is left
    before its end.
    """

    def __init__(self, limits: SandboxLimits = SandboxLimits(), command: Sequence[str] = COMMAND) -> None:
        self._limits = limits
        self._command = command
        self._child: Child | None = None
        self._explainer: Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process id of the child, None while there is none."""
        return self._child.pid if self._child else None

    @property
    def explainer_pid(self) -> int | None:
        """The process id of the child that explains, None while none was needed."""
        return self._explainer.pid if self._explainer else None

    def start(self) -> None:
        """Have a warm child now rather than at the first answer. Raises ``ChildDied``."""
        if self._child is None:
            self._child = Child(self._limits, self._command)

    def close(self) -> None:
        """End the child, and the one that explains. The next answer starts another."""
        children = self._child, self._explainer
        self._child = self._explainer = None
        for child in children:
            if child is not None:
                child.end()

    def read(self, reading: wire.Reading, chunks: Iterable[bytes], known: Known) -> Batches:
        """See :class:`AnswerReader`."""
        readable(reading.source.metadata_prefix)
        self.start()
        child, self._child = self._child, None  # given back only when the answer has been read to its end
        assert child is not None
        try:
            conversation = Conversation(child, reading, known, self._explain, self._limits.silence_seconds)
            outcome = yield from conversation.about(chunks)
        except BaseException:
            child.end()
            raise
        if child.is_spent:
            child.end()
        else:
            self._child = child
        if isinstance(outcome, HarvestFailure):
            raise outcome
        return outcome

    def _explain(self, content: bytes) -> list[Issue]:
        """Have a refused record explained by the other child, started by the first one. Raises ``ChildDied``."""
        explainer, self._explainer = self._explainer, None
        if explainer is None:
            explainer = Child(self._limits, self._command, task=wire.Task.EXPLAIN)
        try:
            issues = _have_explained(explainer, content, self._limits.silence_seconds)
        except BaseException:
            explainer.end()
            raise
        if explainer.is_spent:
            explainer.end()
        else:
            self._explainer = explainer
        return issues


def _have_explained(explainer: Child, content: bytes, patience: float) -> list[Issue]:
    explainer.answers += 1
    explainer.send(wire.Explain(content))
    messages: list[wire.FromChild] = []
    while not messages:
        messages = explainer.exchange(patience)
    if not isinstance(messages[0], wire.Explained):
        explainer.distrust("no explanation")
    return messages[0].issues


class Sandboxes:
    """A pool of ``size`` warm sandboxes that threads borrow from. A context manager."""

    def __init__(
        self, size: int, limits: SandboxLimits = SandboxLimits(), command: Sequence[str] = COMMAND
    ) -> None:
        self.sandboxes = [Sandbox(limits, command) for _ in range(size)]
        self._free: queue.LifoQueue[Sandbox] = queue.LifoQueue()  # the warmest first
        for sandbox in self.sandboxes:
            self._free.put(sandbox)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def borrow(self) -> Iterator[Sandbox]:
        """A sandbox for this thread alone, waiting for one to be given back where all are out."""
        sandbox = self._free.get()
        try:
            yield sandbox
        finally:
            self._free.put(sandbox)

    def read(self, reading: wire.Reading, chunks: Iterable[bytes], known: Known) -> Batches:
        """See :class:`AnswerReader`: on a borrowed sandbox."""
        with self.borrow() as sandbox:
            return (yield from sandbox.read(reading, chunks, known))

    def close(self) -> None:
        """End all children. Nothing may be out."""
        for sandbox in self.sandboxes:
            sandbox.close()
