"""ID tokens (OpenID Connect Core 1.0, 3.1.3.7): believed only with the right signature, for us, now, as our answer."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import (
    ClaimError,
    ExpiredTokenError,
    InvalidKeyIdError,
    JoseError,
    UnsupportedAlgorithmError,
)
from joserfc.jwk import JWKRegistry, KeySet

from config.oidc import ALGORITHMS, Oidc
from registry.errors import Forbidden
from registry.model.external import value_fault
from registry.web.oidc import refusals
from registry.web.oidc.documents import Handed

_CLAIMS = {
    "iss": refusals.ISSUER, "aud": refusals.AUDIENCE, "azp": refusals.AUDIENCE, "nonce": refusals.NONCE,
    "exp": refusals.EXPIRED, "iat": refusals.TIME, "nbf": refusals.TIME,
}  # fmt: skip
_KINDS = ("RSA", "EC")
_KEYS = 100


class UnknownKey(Forbidden):
    """The token names a key that is not among those at hand: the provider may have new ones."""

    def __init__(self) -> None:
        super().__init__(refusals.KEY)


class _Registry(jws.JWSRegistry):
    max_header_length = 8192  # some carry the certificate of the key


def key_set(body: bytes) -> KeySet:
    """The public keys of a provider (RFC 7517); those of other kinds, and broken ones, are passed over. Raises
    ``Unavailable`` where there are none to be had."""
    try:
        told = json.loads(body)
        listed = [each for each in told["keys"][:_KEYS] if each.get("kty") in _KINDS]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as failure:
        raise refusals.unavailable(refusals.ODD) from failure
    return KeySet([key for each in listed if (key := _key(each)) is not None])


def _key(told: dict[str, Any]) -> Any:
    try:
        return JWKRegistry.import_key(told)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def vouched_for(handed: Handed, keys: KeySet, settings: Oidc, nonce: str, now: datetime) -> str:
    """Whom the token vouches for: the value of the claim that names accounts.

    Raises ``UnknownKey``, and ``Forbidden`` for everything else that is wrong with it.
    """
    header, payload = _signed(handed.id_token, keys, settings)
    options = {name: {"essential": True} for name in ("sub", "exp", "iat")}
    claims = CodeIDToken(
        payload,
        header,
        {
            **options,
            "iss": {"essential": True, "value": settings.issuer},
            "aud": {"essential": True, "value": settings.client_id},
        },
        {"nonce": nonce, "client_id": settings.client_id, "access_token": handed.access_token},
    )
    try:
        claims.validate(int(now.timestamp()), settings.skew_seconds)
    except ExpiredTokenError as failure:
        raise refusals.forbidden(refusals.EXPIRED) from failure
    except ClaimError as failure:
        raise refusals.forbidden(_CLAIMS.get(failure.claim, refusals.TOKEN)) from failure
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as failure:
        raise refusals.forbidden(refusals.TOKEN) from failure
    return _value(payload, settings.claim)


def _signed(token: str, keys: KeySet, settings: Oidc) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token whose signature is right."""
    allowed = ALGORITHMS.intersection(settings.algorithms)
    registry = _Registry(algorithms=allowed, strict_check_header=False)
    try:
        signature = jws.extract_compact(token.encode("ascii"), None, registry)
        header = dict(signature.headers())
        if header.get("alg") not in allowed:
            raise refusals.forbidden(refusals.ALGORITHM)
        if not jws.validate_compact(signature, keys, registry=registry):
            raise refusals.forbidden(refusals.SIGNATURE)
        payload = json.loads(signature.payload or b"")
    except InvalidKeyIdError as failure:
        raise UnknownKey from failure
    except UnsupportedAlgorithmError as failure:
        raise refusals.forbidden(refusals.ALGORITHM) from failure
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as failure:
        raise refusals.forbidden(refusals.TOKEN) from failure
    if not isinstance(payload, dict):
        raise refusals.forbidden(refusals.TOKEN)
    return header, payload


def _value(claims: dict[str, Any], claim: str) -> str:
    """What the claim says. An e-mail address counts only where the provider has verified it."""
    value = claims.get(claim)
    told = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    is_unproven = claim == "email" and claims.get("email_verified") is not True
    if not isinstance(told, str) or value_fault(told) is not None or is_unproven:
        raise refusals.forbidden(refusals.CLAIM, claim=claim)
    return told
