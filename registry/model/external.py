"""External identities: whom an identity provider vouches for, and the line on which it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from registry.model.issue import Text

VALUE_LIMIT = 255
"""Characters of a subject (OpenID Connect Core 1.0, section 2)."""

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whole: a status, whatever it is, and the bytes of the body."""

    status: int
    body: bytes


class ProviderLine(Protocol):
    """How the identity provider is asked. The web opens no socket; who puts it together hands it a line."""

    def ask(self, url: str, form: str | None = None, headers: Mapping[str, str] = _NONE) -> Reply:
        """GET ``url``, or POST a form to it; no redirect is followed.

        Raises ``registry.errors.Unavailable`` where nothing comes, or too much, too slowly or not safely.
        """
        ...


def subject_of(issuer: str, value: str) -> str:
    """How an account notes who it is elsewhere (``Account.subject``): an address holds no bar."""
    return f"{issuer}|{value}"


def value_fault(value: str) -> Text | None:
    """Why this cannot be what a provider calls somebody; None where it can."""
    if not value or len(value) > VALUE_LIMIT or not value.isprintable() or value != value.strip():
        return _BAD_VALUE.format(limit=VALUE_LIMIT)
    return None


_BAD_VALUE = Text(
    zh="外部身份标识须为 1 至 {limit} 个可见字符，首尾无空格。",
    en="an external identity has 1 to {limit} visible characters, and no blanks around it.",
)
