"""What a source needs beside its address: credentials, certificate authorities, a connection of its own.

Credentials and authorities come by reference (``env:NAME`` or ``file:NAME``, see ``config.secrets``); the
secret itself is held in memory while it is used, and never shown. Under a credentials reference stands

* ``bearer TOKEN`` → ``Authorization: Bearer TOKEN`` (RFC 6750),
* ``USER:PASSWORD`` → ``Authorization: Basic …`` in UTF-8 (RFC 7617), or
* a certificate and its private key in PEM → a client certificate.
"""

from __future__ import annotations

import base64
import os
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import certifi

from harvester.errors import FatalFailure
from harvester.http.addresses import AddressPolicy
from harvester.http.connection import WatchedAdapter, tls_context
from registry.model.issue import Text
from registry.model.source import SourceDescription

Secret = Callable[[str], str]
"""The text under a reference; raises ``ValueError`` where nothing stands there."""

_NO_SECRET = Text(
    "来源 {source} 的凭据或证书引用 {reference} 无法读取，请检查该环境变量或密钥文件。",
    "source {source}: nothing usable stands under {reference}; check that variable or that file of secrets.",
)
_BAD_NETWORK = Text(
    "来源 {source} 的允许网段写法有误：{ranges}", "source {source}: not address ranges: {ranges}"
)


def no_secrets(reference: str) -> str:
    """An installation without secrets: every reference leads nowhere."""
    raise ValueError(f"nothing stands under {reference}")


@dataclass(frozen=True, slots=True)
class Access:
    """How one source is reached. ``authorization`` is the header field's value, empty for none."""

    policy: AddressPolicy
    adapter: WatchedAdapter
    authorization: str = field(default="", repr=False)


def access_of(
    source: SourceDescription, allowed_networks: tuple[str, ...], secret: Secret, connections: int
) -> Access:
    """Read what ``source`` refers to. Raises ``FatalFailure`` naming the reference, not what it holds."""
    try:
        policy = AddressPolicy.of(allowed_networks, source.allowed_networks)
    except ValueError as error:
        ranges = ", ".join(source.allowed_networks)
        raise FatalFailure(_BAD_NETWORK.format(source=source.code, ranges=ranges)) from error
    credentials = _text(source, source.credentials, secret) if source.credentials else ""
    is_certificate = credentials.startswith("-----BEGIN")
    if source.ca_bundle or is_certificate:
        authorities = _text(source, source.ca_bundle, secret) if source.ca_bundle else _public_authorities()
        context = _private_context(source, authorities, credentials if is_certificate else "")
    else:
        context = public_context()
    authorization = "" if is_certificate else _authorization(credentials)
    return Access(policy, WatchedAdapter(context, connections), authorization)


def _text(source: SourceDescription, reference: str, secret: Secret) -> str:
    try:
        return secret(reference)
    except ValueError as error:
        raise FatalFailure(_NO_SECRET.format(source=source.code, reference=reference)) from error


def _private_context(source: SourceDescription, authorities: str, certificate: str) -> ssl.SSLContext:
    try:
        return tls_context(authorities, _loader(certificate) if certificate else None)
    except (ssl.SSLError, ValueError, OSError):
        # Without the cause: an error of the library may repeat a part of the key.
        named = (source.ca_bundle, source.credentials if certificate else "")
        reference = ", ".join(each for each in named if each)
        raise FatalFailure(_NO_SECRET.format(source=source.code, reference=reference)) from None


@cache
def public_context() -> ssl.SSLContext:
    """One for all who have no authorities of their own: it holds more than a hundred certificates."""
    return tls_context(_public_authorities())


def _public_authorities() -> str:
    return Path(certifi.where()).read_text("ascii")


def _authorization(credentials: str) -> str:
    scheme, _, token = credentials.partition(" ")
    if scheme.lower() == "bearer" and token:
        return f"Bearer {token.strip()}"
    return "Basic " + base64.b64encode(credentials.encode()).decode("ascii") if credentials else ""


def _loader(certificate: str) -> Callable[[ssl.SSLContext], None]:
    def load(context: ssl.SSLContext) -> None:
        # OpenSSL takes a certificate chain from a file only: a private one, gone again at once.
        descriptor, path = tempfile.mkstemp(suffix=".pem")
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.write(certificate)
            context.load_cert_chain(path)
        finally:
            Path(path).unlink()

    return load
