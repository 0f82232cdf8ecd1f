"""What a code means, in both languages. Lists: the values of the catalogue schema and a few more."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from schemas.codes import rows
from schemas.issue import Text


@cache
def labels(name: str) -> Mapping[str, Text]:
    """Code → label of the list ``name`` (``sharing``, ``party_role``, ``theme`` …), in the list's order.

    Raises ``KeyError`` for an unknown list.
    """
    found = {row["code"]: Text(row["zh"], row["en"]) for row in rows("labels") if row["list"] == name}
    if not found:
        raise KeyError(name)
    return MappingProxyType(found)


@cache
def label(name: str, code: str) -> Text:
    """The label of ``code`` in the list ``name``; the code itself where the list does not have it."""
    return labels(name).get(code, Text(code, code))
