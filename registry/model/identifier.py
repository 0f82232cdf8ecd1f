"""Identifiers: minted once at the origin, never rewritten (house rule 7)."""

from __future__ import annotations

import re
from urllib.parse import quote

_NAMESPACE = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(\.[a-zA-Z][a-zA-Z0-9-]*)*")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+")

MAX_LENGTH = 512


def mint(namespace: str, key: str) -> str:
    """``oai:<namespace>:<key>`` for a record whose format declares only a local ``key``.

    Characters that a URI may not carry are percent-encoded (UTF-8). Source: OAI guidelines,
    oai-identifier 2.0. Raises ``ValueError`` for an ill-formed namespace or an empty key.
    """
    if not _NAMESPACE.fullmatch(namespace):
        raise ValueError(f"not a namespace: {namespace!r}")
    if not key.strip():
        raise ValueError("an identifier needs a key")
    return f"oai:{namespace}:{quote(key.strip(), safe='-_.!~*();/?:@&=+$,')}"


def is_identifier(text: str) -> bool:
    """Whether ``text`` can stand as an OAI-PMH identifier: a URI of at most 512 characters."""
    return len(text) <= MAX_LENGTH and _URI.fullmatch(text) is not None


def is_namespace(text: str) -> bool:
    """Whether ``text`` can stand as the namespace of a source."""
    return _NAMESPACE.fullmatch(text) is not None


def owner_prefix(identifier: str, prefixes: tuple[str, ...]) -> str | None:
    """The longest of ``prefixes`` that ``identifier`` begins with; None where none does."""
    matching = [prefix for prefix in prefixes if identifier.startswith(prefix)]
    return max(matching, key=len) if matching else None
