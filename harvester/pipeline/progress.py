"""Where a walk stands between two answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from harvester.pipeline.faults import CLOCK_OFF
from harvester.protocols.base import Envelope
from registry.model.datestamp import format_datestamp
from registry.model.issue import Issue
from registry.model.run import Scope

CLOCKS_DIFFER = timedelta(days=1)
"""A clock that is farther off is told of. (Time zones that are mistaken for UTC differ by less.)"""


@dataclass(frozen=True, slots=True)
class Progress:
    """As JSON it is the run's checkpoint.

    ``beginning``: the token with which the list began; ``listed``: it has come to its end, and ``end_untold``: did
    not say so; ``restarts``: how often it was begun anew. ``pages`` were handed to the sink, ``answers`` read,
    ``records`` came in them; ``pages_lost``: answers that could not be read, ``kept_bytes`` of them are kept.
    ``asked``: records asked for one by one; ``missed``: those of them that the list should have held. ``clocks``: the
    first time that the source told, and ours when we asked for it.
    """

    token: str = ""
    beginning: str = ""
    listed: bool = False
    end_untold: bool = False
    restarts: int = 0
    pages: int = 0
    answers: int = 0
    records: int = 0
    pages_lost: int = 0
    kept_bytes: int = 0
    asked: int = 0
    missed: int = 0
    first_response: datetime | None = None
    name: str = ""
    declared_total: int | None = None
    total_changed: bool = False
    scope: Scope | None = None
    etag: str = ""
    last_modified: str = ""
    clocks: tuple[datetime, datetime] | None = None

    @classmethod
    def at(cls, checkpoint: str) -> Progress:
        """What a checkpoint says; the beginning where it is empty."""
        return msgspec.json.decode(checkpoint, type=cls) if checkpoint else cls()

    @property
    def checkpoint(self) -> str:
        """What :meth:`at` reads."""
        return msgspec.json.encode(self).decode()

    def opened(self, headers: Mapping[str, str]) -> Progress:
        """The progress once an answer with these header fields has begun."""
        return replace(
            self,
            etag=headers.get("ETag", self.etag),
            last_modified=headers.get("Last-Modified", self.last_modified),
        )

    def after(self, envelope: Envelope, records: int, asked_at: datetime, *, doubted: bool) -> Progress:
        """The progress once an answer with this envelope and so many ``records`` has been taken. ``doubted``: it
        ends the list without saying so."""
        totals = (self.declared_total, envelope.declared_total)
        moved = None not in totals and totals[0] != totals[1]
        return replace(
            self,
            token=envelope.token,
            beginning=self.beginning or envelope.token,
            listed=not envelope.token,
            end_untold=self.end_untold or doubted,
            answers=self.answers + 1,
            records=self.records + records,
            first_response=self.first_response or _begins(envelope.response_date, asked_at),
            name=envelope.name or self.name,
            declared_total=self.declared_total
            if envelope.declared_total is None
            else envelope.declared_total,
            total_changed=self.total_changed or moved,
            scope=envelope.scope or self.scope,
            clocks=self.clocks or _clocks(envelope.response_date, asked_at),
        )

    @property
    def doubts(self) -> tuple[Issue, ...]:
        """What is to be said of the clock of the source."""
        if self.clocks is None or abs(self.clocks[0] - self.clocks[1]) <= CLOCKS_DIFFER:
            return ()
        told, ours = map(format_datestamp, self.clocks)
        return (CLOCK_OFF.issue(told=told, ours=ours),)

    def losing(self, token: str, records: int) -> Progress:
        """The progress behind an answer of which only so many ``records`` could be read; ``token``: what goes on
        behind it, empty where nobody knows."""
        return replace(
            self,
            token=token,
            listed=not token,
            answers=self.answers + 1,
            records=self.records + records,
            pages_lost=self.pages_lost + 1,
        )

    def anew(self) -> Progress:
        """The progress of a list that begins anew."""
        return Progress(restarts=self.restarts + 1, kept_bytes=self.kept_bytes)


def _clocks(told: datetime | None, asked_at: datetime) -> tuple[datetime, datetime] | None:
    return None if told is None else (told, asked_at)


def _begins(told: datetime | None, asked_at: datetime) -> datetime:
    """Where the next window begins: at what the source says its time was, and no later than we asked. A clock that is
    ahead would have all that changes until then passed over."""
    return asked_at if told is None else min(told, asked_at)
