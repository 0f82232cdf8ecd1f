"""Whether a register may say that its identifiers are of the oai-identifier scheme, in one namespace.

Source: OAI guidelines, oai-identifier 2.0. A register that merges others holds identifiers of many namespaces and
says nothing of the kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from registry.model.source import Protocol, SourceDescription

_PREFIX = re.compile(r"oai:([a-zA-Z][a-zA-Z0-9\-]*(?:\.[a-zA-Z][a-zA-Z0-9\-]*)+):")
_KEY = re.compile(r"[a-zA-Z0-9\-_.!~*'();/?:@&=+$,%]+")
_LOCAL_KEYS = ("municipal_list",)  # formats whose keys are project codes
_MINTED = (Protocol.XML_DOCUMENT, Protocol.FOLDER, Protocol.CONSOLE)


def common_namespace(described: Iterable[SourceDescription]) -> str | None:
    """The namespace in which all identifiers from these sources lie; None where there is no such."""
    prefixes = {prefix for source in described for prefix in _prefixes(source)}
    found = _PREFIX.fullmatch(prefixes.pop()) if len(prefixes) == 1 else None
    return found[1] if found else None


def _prefixes(source: SourceDescription) -> tuple[str, ...]:
    """What the identifiers from a source begin with: what was approved, or what we mint ourselves from keys that
    cannot be identifiers of another namespace; anything where neither is so."""
    if source.scope.identifier_prefixes:
        return source.scope.identifier_prefixes
    is_minted = source.protocol in _MINTED and source.metadata_prefix in _LOCAL_KEYS
    return (f"oai:{source.namespace}:",) if is_minted else ("",)


def is_oai_identifier(identifier: str, namespace: str) -> bool:
    """Whether ``identifier`` can stand as the sample of ``namespace``."""
    prefix = f"oai:{namespace}:"
    return identifier.startswith(prefix) and _KEY.fullmatch(identifier[len(prefix) :]) is not None
