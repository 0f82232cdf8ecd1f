"""What a provider tells of itself (OpenID Connect Discovery 1.0) and what it hands out for a code (RFC 6749, 5)."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from config.oidc import is_guarded
from registry.web.oidc import refusals

WELL_KNOWN = "/.well-known/openid-configuration"

Document = TypeVar("Document", bound=msgspec.Struct)


class Description(msgspec.Struct, frozen=True):
    """The metadata of a provider: what is needed of it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Handed(msgspec.Struct, frozen=True):
    """What a code was redeemed for."""

    id_token: str
    access_token: str = ""


class TokenError(msgspec.Struct, frozen=True):
    """Why a code was not redeemed."""

    error: str = ""


def read(kind: type[Document], body: bytes) -> Document:
    """A document of this kind. Raises ``Unavailable`` where the bytes are none."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as failure:
        raise refusals.unavailable(refusals.ODD) from failure


def described(body: bytes, issuer: str) -> Description:
    """The description of ``issuer``. Raises ``Unavailable`` where it is another's, or leads over open roads."""
    found = read(Description, body)
    if found.issuer != issuer:
        raise refusals.unavailable(refusals.OTHER_ISSUER)
    places = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
    if not all(map(is_guarded, places)):
        raise refusals.unavailable(refusals.UNGUARDED)
    if issuer.startswith("https:") and not all(each.startswith("https:") for each in places):
        raise refusals.unavailable(refusals.UNGUARDED)
    return found
