"""Where a walk stands between two answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from harvester.protocols.base import Envelope
from registry.model.run import Scope


@dataclass(frozen=True, slots=True)
class Progress:
    """As JSON it is the run's checkpoint.

    ``listed``: the list has come to its end; ``pages``: handed to the sink; ``pages_lost``: answers that could
    not be read, of which ``kept_bytes`` are kept.
    """

    token: str = ""
    listed: bool = False
    pages: int = 0
    pages_lost: int = 0
    kept_bytes: int = 0
    first_response: datetime | None = None
    name: str = ""
    declared_total: int | None = None
    total_changed: bool = False
    scope: Scope | None = None
    etag: str = ""
    last_modified: str = ""

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

    def after(self, envelope: Envelope, asked_at: datetime) -> Progress:
        """The progress once an answer with this envelope has been taken."""
        totals = (self.declared_total, envelope.declared_total)
        moved = None not in totals and totals[0] != totals[1]
        return replace(
            self,
            token=envelope.token,
            listed=not envelope.token,
            first_response=self.first_response or envelope.response_date or asked_at,
            name=envelope.name or self.name,
            declared_total=self.declared_total
            if envelope.declared_total is None
            else envelope.declared_total,
            total_changed=self.total_changed or moved,
            scope=envelope.scope or self.scope,
        )
