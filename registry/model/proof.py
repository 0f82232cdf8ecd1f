"""Proof that whoever registers a source controls its endpoint: a word of ours is found where only they can put it."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import urlsplit

from registry.model.source import Protocol, SourceDescription

WELL_KNOWN = "/.well-known/mulu-source.txt"
"""Where the word is looked for on the host (RFC 8615): a text file with one word a line."""

_PREFIX = "mulu-source-"


def word_of(source: SourceDescription) -> str:
    """The word for a source at its host. Another source of the same host has another one; it is no secret: what counts
    is who can put it there."""
    told = "\n".join((source.register_code, source.code, source.host))
    return _PREFIX + sha256(told.encode()).hexdigest()[:32]


def well_known_of(source: SourceDescription) -> str:
    """The address of the file; empty for what has no host."""
    if not source.host:
        return ""
    parts = urlsplit(source.location)
    return f"{parts.scheme}://{parts.netloc}{WELL_KNOWN}"


def can_identify(source: SourceDescription) -> bool:
    """Whether the word may stand in what the endpoint says of itself instead."""
    return source.protocol is Protocol.OAI_PMH
