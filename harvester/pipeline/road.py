"""What a walk needs besides its source and its sink."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from harvester.protocols.base import Answer, Request
from harvester.pulse import Pulse
from harvester.retry import Retrying
from harvester.sandbox import AnswerReader
from registry.model.source import SourceDescription

OpenAnswer = Callable[[Request, SourceDescription, Pulse], AbstractContextManager[Answer]]


@dataclass(frozen=True, slots=True)
class WalkLimits:
    """What a walk may bring upon us.

    ``records`` and ``answers`` of one list; ``idle``: so many answers in a row that bring nothing new end it;
    ``singly``: records that are asked for one by one, to salvage what could not be read, or to see whether what
    is missing is gone; ``kept_bytes``: of answers that could not be read.
    """

    records: int = 1_000_000
    answers: int = 100_000
    idle: int = 3
    singly: int = 200
    kept_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True)
class Road:
    """The way from a source to a sink. ``stop`` is asked between answers; ``patience``: so long may records of
    a slow source wait for others before they are taken; ``pulse``: through it the source is waited for."""

    open_answer: OpenAnswer
    reader: AnswerReader
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    rng: Random
    archive_key: bytes
    retrying: Retrying = field(default_factory=Retrying)
    stop: Callable[[], bool] = lambda: False
    patience: timedelta = timedelta(seconds=5)
    pulse: Pulse = field(default_factory=Pulse)
    limits: WalkLimits = WalkLimits()
