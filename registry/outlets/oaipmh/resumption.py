"""Resumption tokens: a walk's place in the log, signed, so that the server need not remember anything.

A token carries the mark of its walk, so that all its answers show the register as it was when the walk began,
through settles, publications and restarts. It does not expire: the log keeps what it needs. A token that was
altered, or made for another register, verb or audience, is refused.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

import msgspec

from registry.model.issue import Text
from registry.model.visibility import Audience
from registry.outlets.oaipmh.errors import ProtocolError
from registry.outlets.selection import Span

_PURPOSE = b"mulu OAI-PMH resumption token 1\0"
_SIGNATURE_BYTES = 16
_MAX_CHARACTERS = 1000


class Token(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a walk goes on: behind ``span.after``. ``from`` and ``until`` are the ends of the span.

    ``cursor`` counts what has been listed so far.
    """

    register: str
    verb: str
    audience: Audience
    prefix: str
    span: Span
    cursor: int


@dataclass(frozen=True, repr=False)
class Signer:
    """Seals tokens and opens them. ``key``: 32 secret bytes, the same on every server of an installation."""

    key: bytes

    def seal(self, token: Token) -> str:
        """The token as text (letters, digits, ``-`` and ``_``)."""
        body = msgspec.msgpack.encode(token)
        return _encoded(body + self._signature(body))

    def open(self, text: str) -> Token:
        """The token that :meth:`seal` made ``text`` of. Raises :class:`ProtocolError`."""
        sealed = _decoded(text)
        body, signature = sealed[:-_SIGNATURE_BYTES], sealed[-_SIGNATURE_BYTES:]
        if not body or not hmac.compare_digest(signature, self._signature(body)):
            raise unusable(Text("签名不符", "its signature does not fit"))
        return msgspec.msgpack.decode(body, type=Token)

    def _signature(self, body: bytes) -> bytes:
        return hmac.digest(self.key, _PURPOSE + body, "sha256")[:_SIGNATURE_BYTES]


def unusable(why: Text) -> ProtocolError:
    """The error that a token is answered with which cannot be used here."""
    return ProtocolError.of("badResumptionToken", why)


def _encoded(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """What :func:`_encoded` made ``text`` of; empty where it made no such text (a decoder alone would pass
    over foreign characters and spare bits)."""
    try:
        sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4)) if len(text) <= _MAX_CHARACTERS else b""
    except ValueError:
        return b""
    return sealed if _encoded(sealed) == text else b""
