"""Identifiers: minted once at the origin, never rewritten (house rule 7)."""

from __future__ import annotations

import re
from urllib.parse import quote

_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_WHOSE = re.compile(r"\A(?:oai:[^:]*|[a-z][a-z0-9+.-]*(?::(?://[^/?#]*)?|\Z))", re.IGNORECASE)
"""The beginning of a URI that is written in any case: its scheme, and the host or domain name that follows."""

_NAMESPACE = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(\.[a-zA-Z][a-zA-Z0-9-]*)*")
_MINTED = re.compile(rf"oai:{_NAMESPACE.pattern}:.+")
_UNSEEN = (
    r"\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ud800-\udfff\ufdd0-\ufdef\ufff0-\uffff\U000e0000-\U000e0fff"
    + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(1, 17))
)
"""Characters that nobody sees, that turn the order of others around, or that are none: an identifier with one would
look like another. Source: RFC 3987 2.2 (``ucschar``) and 4.1."""
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?=.)"
    r"(?:(?!//)|//[A-Za-z0-9.-]+(?::[0-9]+)?(?=[/?]|$))"  # nothing, or a host and perhaps its port
    rf"(?:[^\s<>\"{{}}|\\^`\[\]#%\x00-\x20\x7f-\x9f{_UNSEEN}]++|%[0-9A-Fa-f]{{2}})*+"
)

MAX_LENGTH = 512


def mint(namespace: str, key: str) -> str:
    """``oai:<namespace>:<key>`` for a record whose format declares only a local ``key``.

    A ``key`` that is ``oai:<namespace>:<local>`` already, of whichever namespace, was minted at its origin: it is
    returned as it is.

    Characters that a URI may not carry are percent-encoded (UTF-8). Source: OAI guidelines,
    oai-identifier 2.0. Raises ``ValueError`` for an ill-formed namespace or an empty key.
    """
    if not _NAMESPACE.fullmatch(namespace):
        raise ValueError(f"not a namespace: {namespace!r}")
    if not key.strip():
        raise ValueError("an identifier needs a key")
    if _MINTED.fullmatch(key.strip()):
        return key.strip()
    return f"oai:{namespace}:{quote(key.strip(), safe='-_.!~*();/?:@&=+$,')}"


def is_identifier(text: str) -> bool:
    """Whether ``text`` can stand as an OAI-PMH identifier: a URI of at most 512 characters.

    Without fragment, and such that XML Schema's ``anyURI`` takes it: it is published as it is.
    """
    return len(text) <= MAX_LENGTH and _URI.fullmatch(text) is not None


def is_namespace(text: str) -> bool:
    """Whether ``text`` can stand as the namespace of a source."""
    return _NAMESPACE.fullmatch(text) is not None


def owner_prefix(identifier: str, prefixes: tuple[str, ...]) -> str | None:
    """The longest of ``prefixes`` that ``identifier`` begins with; None where none does."""
    matching = [prefix for prefix in prefixes if identifier.startswith(prefix)]
    return max(matching, key=len) if matching else None


def comparable(text: str) -> str:
    """An identifier, or the beginning of one, as it is compared to tell whose it is (never as it is kept or published).

    Scheme and host, and the domain name behind ``oai:``, in lower case; what needs no escape not escaped; escapes in
    upper case; what a URI cannot carry escaped as UTF-8. Source: RFC 3986 6.2.2.1 and 6.2.2.2, RFC 3987 3.1.
    """
    if not text.isascii():
        text = quote(text, safe=_ASCII, errors="surrogatepass")
    if "%" in text:
        text = _ESCAPE.sub(_unescaped, text)
    return _WHOSE.sub(lambda found: found[0].lower(), text, count=1)


def _unescaped(escape: re.Match[str]) -> str:
    meant = chr(int(escape[1], 16))
    return meant if meant in _UNRESERVED else escape[0].upper()
