"""Whom one speaks to about a source, and what was spoken: kept beside the source, not part of what is approved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ContactPerson:
    """联络员: whoever answers for a source, and the body responsible for it. Shown to those who work on it only."""

    name: str = ""
    phone: str = ""
    email: str = ""
    body: str = ""


class ContactKind(StrEnum):
    """How it was spoken."""

    CALL = "call"
    MAIL = "mail"
    LETTER = "letter"
    VISIT = "visit"
    MESSAGE = "message"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Contact:
    """One line of a source's contact log."""

    id: int
    account: str
    at: datetime
    kind: ContactKind
    text: str
