"""What the public sees, decided in one place (house rule 8): every outlet asks :func:`visible`."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Protocol

from registry.model.document import Sharing

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had one offset and no summer time since 1991; publication periods count its days."""


class Audience(StrEnum):
    """Who reads. Peers are registers and departments with a grant; NOBODY sees nothing at all."""

    PUBLIC = "public"
    PEER = "peer"
    NOBODY = "nobody"


class Terms(Protocol):
    """On what terms a document may be shown: the part of its facts that decides."""

    @property
    def sharing(self) -> Sharing: ...
    @property
    def open(self) -> bool: ...
    @property
    def published_from(self) -> date | None: ...
    @property
    def published_until(self) -> date | None: ...


def day_of(moment: datetime) -> date:
    """The calendar day in Asia/Shanghai on which ``moment`` (aware) falls."""
    return moment.astimezone(SHANGHAI).date()


def in_publication_period(facts: Terms, on: date) -> bool:
    """Whether ``on`` lies within the document's publication period (both days inclusive)."""
    if facts.published_from is not None and on < facts.published_from:
        return False
    return facts.published_until is None or on <= facts.published_until


def visible(facts: Terms | None, audience: Audience, on: date) -> bool:
    """Whether ``audience`` may see the document on the day ``on``; a tombstone (None) has no text to see.

    Out of its publication period a document is seen by nobody (2017 rules: expired conduct must not be
    used). 不予共享 is seen by nobody; 有条件共享, or not open, by peers; the rest by all.
    """
    if facts is None or audience is Audience.NOBODY or not in_publication_period(facts, on):
        return False
    if facts.sharing is Sharing.NOT_SHARED:
        return False
    if audience is Audience.PEER:
        return True
    return facts.open and facts.sharing is Sharing.UNCONDITIONAL
