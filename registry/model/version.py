"""Versions: the lines of a register's log, as readers get them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from registry.model.document import Facts
from registry.model.record import Hop


class Version(NamedTuple):
    """One line of the log. ``deleted`` versions have a document only as the last text that stood.

    ``datestamp`` is its publication's; ``superseded_by`` the sequence that replaced it (0: none so far);
    ``sets`` the set specs it belongs to, ``left`` those it once belonged to; ``was_public`` and
    ``was_peer`` whether that audience may have seen any version up to this one.
    """

    sequence: int
    identifier: str
    deleted: bool
    superseded_by: int
    datestamp: datetime
    facts: Facts | None
    digest: bytes
    content: bytes
    path: tuple[Hop, ...]
    sets: tuple[str, ...]
    was_public: bool
    was_peer: bool


class Line(NamedTuple):
    """A version as long lists are read: nothing decoded that a list can do without.

    ``deleted`` also says, where one set is listed, that the entry has left it; ``path`` is JSON; ``sharing``
    (None: there is no document) to ``published_until`` are the terms of its document as they are stored.
    """

    sequence: int
    identifier: str
    deleted: bool
    superseded_by: int
    membership_id: int
    path: str
    sharing: str | None
    open: bool
    published_from: str | None
    published_until: str | None
    content: bytes
