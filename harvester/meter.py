"""How an endpoint was reached, measured on the way: where the connection went, how much came, how fast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from harvester.pipeline import Road
from harvester.protocols.base import Answer, Request
from harvester.pulse import Pulse
from registry.model.inspection import EndpointFacts
from registry.model.source import SourceDescription


@dataclass(slots=True)
class _Metered:
    """An answer whose bytes are counted as they are read."""

    answer: Answer
    meter: Meter

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self.answer.headers

    @property
    def not_modified(self) -> bool:
        return self.answer.not_modified

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the answer, once."""
        for chunk in self.answer.chunks():
            self.meter.bytes += len(chunk)
            yield chunk


class Meter:
    """A door like that of ``road``, which is measured. The time is that of asking and reading, ours included."""

    def __init__(self, road: Road) -> None:
        self._road = road
        self._pulse: Pulse | None = None
        self.answers, self.bytes, self.seconds = 0, 0, 0.0

    @contextmanager
    def open_answer(self, request: Request, source: SourceDescription, pulse: Pulse) -> Iterator[Answer]:
        """Ask as the road does."""
        self._pulse = pulse
        began = pulse.monotonic()
        try:
            with self._road.open_answer(request, source, pulse) as answer:
                self.answers += 1
                yield _Metered(answer, self)
        finally:
            self.seconds += pulse.monotonic() - began

    def told(self) -> EndpointFacts:
        """What was measured."""
        address, tls = (self._pulse.address, self._pulse.tls) if self._pulse is not None else ("", "")
        return EndpointFacts(address, tls, round(self.seconds, 3), self.bytes, self.answers)
