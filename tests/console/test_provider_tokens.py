"""ID tokens that are not believed, and what is told then, in both languages."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws, jwt
from joserfc.jwk import OctKey

from registry.model.issue import Text
from registry.web.oidc import refusals
from tests.console.abroad import Abroad, abroad, as_at_first, assert_out, english
from tests.console.office import Office
from tests.identity_provider import Facts, Provider, rsa, unsigned

Twist = Callable[[Facts, Facts], None]

pytestmark = pytest.mark.parametrize("standing", ["sqlite"], indirect=True, scope="module")
"""What is judged here does not come to the store."""


@pytest.fixture(scope="module")
def settled(standing: Office) -> Iterator[Abroad]:
    """The office with a provider, for all tests of this file."""
    with abroad(standing, attempts=10_000) as found:
        yield found


@pytest.fixture
def away(settled: Abroad) -> Iterator[Abroad]:
    """The same, as it was at first."""
    with as_at_first(settled) as found:
        yield found


def claims_with(**changed: Any) -> Twist:
    def twist(_header: Facts, claims: Facts) -> None:
        for name, value in changed.items():
            if value is None:
                del claims[name]
            else:
                claims[name] = value

    return twist


def later(name: str, seconds: int) -> Twist:
    return lambda _header, claims: claims.update({name: claims["iat"] + seconds})


CLAIMS: dict[str, tuple[Twist, Text]] = {
    "another nonce": (claims_with(nonce="another"), refusals.NONCE),
    "no nonce": (claims_with(nonce=None), refusals.NONCE),
    "another issuer": (claims_with(iss="https://evil.example"), refusals.ISSUER),
    "no issuer": (claims_with(iss=None), refusals.ISSUER),
    "for somebody else": (claims_with(aud="another"), refusals.AUDIENCE),
    "for somebody else, by us": (claims_with(aud="another", azp="mulu"), refusals.AUDIENCE),
    "for nobody": (claims_with(aud=None), refusals.AUDIENCE),
    "for several, nobody says whom": (claims_with(aud=["mulu", "another"]), refusals.AUDIENCE),
    "for several, made for another": (claims_with(aud=["mulu", "another"], azp="another"), refusals.AUDIENCE),
    "run out": (later("exp", -60), refusals.EXPIRED),
    "without an end": (claims_with(exp=None), refusals.EXPIRED),
    "endless": (claims_with(exp=float("nan")), refusals.EXPIRED),
    "of the future": (later("iat", 61), refusals.TIME),
    "not yet": (later("nbf", 61), refusals.TIME),
    "another access token": (claims_with(at_hash="AAAA"), refusals.TOKEN),
    "nobody": (claims_with(sub=None), refusals.TOKEN),
    "no text": (claims_with(sub=["8d1f0c2e"]), refusals.TOKEN),
    "blanks around": (claims_with(sub=" 8d1f0c2e"), refusals.CLAIM),
    "too long": (claims_with(sub="8" * 256), refusals.CLAIM),
}


@pytest.mark.parametrize("case", CLAIMS)
def test_a_token_that_says_something_else(away: Abroad, case: str) -> None:
    away.provider.twist, told = CLAIMS[case]
    browser = english(away) if len(case) % 2 else away.client()
    answer = away.sign_in(browser)
    told = Text(*(each.replace("{claim}", "sub") for each in (told.zh, told.en)))
    assert_out(away, browser, answer, 403, told)


@pytest.mark.parametrize(("seconds", "status"), [(-59, 303), (-60, 403)])
def test_clocks_may_differ_by_so_much(away: Abroad, seconds: int, status: int) -> None:
    away.provider.twist = later("exp", seconds)
    assert away.sign_in(away.client()).status_code == status


def hmac_with_the_public_key(provider: Provider) -> Callable[[Facts, Facts], str]:
    public = provider.key.public_key
    raw = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    # joserfc refuses to sign with it; whoever attacks does not use that

    def sign(header: Facts, claims: Facts) -> str:
        body = unsigned(header | {"alg": "HS256"}, claims).rstrip(".")
        digest = hmac.new(raw, body.encode(), sha256).digest()
        return f"{body}.{urlsafe_b64encode(digest).rstrip(b'=').decode()}"

    return sign


def _by_another_key(header: Facts, claims: Facts) -> str:
    return jwt.encode(header, claims, rsa("stranger"), ["RS256"])


def _with_its_own_key(header: Facts, claims: Facts) -> str:
    own = rsa("stranger")
    return jwt.encode(header | {"kid": "stranger", "jwk": own.as_dict(private=False)}, claims, own, ["RS256"])


def _altered(provider: Provider) -> Callable[[Facts, Facts], str]:
    def sign(header: Facts, claims: Facts) -> str:
        good = jwt.encode(header, claims | {"sub": "stranger"}, provider.key, ["RS256"])
        return unsigned(header, claims, good.rpartition(".")[2])

    return sign


SIGNATURES: dict[str, tuple[Callable[[Provider], Callable[[Facts, Facts], str]], Text]] = {
    "none": (lambda _: lambda header, claims: unsigned(header | {"alg": "none"}, claims), refusals.ALGORITHM),
    "none, spelled otherwise": (
        lambda _: lambda header, claims: unsigned(header | {"alg": "NonE"}, claims), refusals.ALGORITHM,
    ),
    "no algorithm": (
        lambda _: lambda header, claims: unsigned({"kid": header["kid"]}, claims, "AAAA"), refusals.TOKEN,
    ),
    "the public key as a secret": (hmac_with_the_public_key, refusals.ALGORITHM),
    "our own secret": (
        lambda _: lambda header, claims: jwt.encode(
            header | {"alg": "HS256"}, claims, OctKey.import_key("between-us-7-and-nobody-else"), ["HS256"]
        ), refusals.ALGORITHM,
    ),
    "a good one that is not allowed": (
        lambda provider: lambda header, claims: jwt.encode(
            header | {"alg": "RS512"}, claims, provider.key, ["RS512"]
        ), refusals.ALGORITHM,
    ),
    "no signature": (lambda _: unsigned, refusals.SIGNATURE),
    "another key under the name of the right one": (lambda _: _by_another_key, refusals.SIGNATURE),
    "other words": (_altered, refusals.SIGNATURE),
    "an unknown key": (
        lambda _: lambda header, claims: _by_another_key(header | {"kid": "stranger"}, claims), refusals.KEY,
    ),
    "its own key": (lambda _: _with_its_own_key, refusals.KEY),
    "no token": (lambda _: lambda _header, _claims: "nonsense", refusals.TOKEN),
    "no claims": (lambda provider: lambda header, _: _list(header, provider), refusals.TOKEN),
}  # fmt: skip


def _list(header: Facts, provider: Provider) -> str:
    return jws.serialize_compact(header, b"[1]", provider.key, ["RS256"])


@pytest.mark.parametrize("case", SIGNATURES)
def test_a_token_that_the_provider_did_not_sign(away: Abroad, case: str) -> None:
    make, told = SIGNATURES[case]
    away.provider.sign = make(away.provider)
    browser = english(away) if len(case) % 2 else away.client()
    assert_out(away, browser, away.sign_in(browser), 403, told)


def test_a_good_signature_is_believed_once_it_is_allowed(away: Abroad) -> None:
    away.begin_anew(algorithms=("RS512",))
    away.provider.sign = lambda header, claims: jwt.encode(
        header | {"alg": "RS512"}, claims, away.provider.key, ["RS512"]
    )
    away.provider.twist = claims_with(at_hash=None)
    assert away.sign_in(away.client()).status_code == 303
