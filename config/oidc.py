"""Signing in to the console through an identity provider (OpenID Connect Core 1.0); off by default."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta

from config.section import KB, Bytes, Count, Seconds, Section, check_reference

ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
"""Signatures that only the provider can make. ``none`` and those with a shared secret (HS…) are never believed."""


class Oidc(Section, frozen=True):
    """An empty ``issuer`` means that people sign in with passwords only."""

    issuer: str = ""
    client_id: str = ""
    client_secret: str = ""  # reference; empty: a client without a secret, which PKCE alone protects
    scopes: tuple[str, ...] = ("openid",)
    claim: str = "sub"  # of the ID token: says which account it is
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256")
    label_zh: str = "统一身份认证"
    label_en: str = "Single sign-on"
    networks: tuple[str, ...] = ()  # CIDR ranges beyond the public ones that the provider lives in
    ca_bundle: str = ""  # reference to certificates that sign the provider's
    proxy: str = ""  # http://host:port asks the provider on our behalf
    seconds: Seconds = 5  # for connecting, for the header of an answer, and for its body
    answer_bytes: Bytes = 256 * KB
    skew_seconds: Annotated[int, Meta(ge=0, le=300)] = 60
    keep_minutes: Count = 60  # its description and its keys

    def __post_init__(self) -> None:
        for each in self.networks:
            ip_network(each)
        for each in (self.client_secret, self.ca_bundle):
            if each:
                check_reference(each)
        if "openid" not in self.scopes:
            raise ValueError("scopes hold openid")
        if not self.algorithms or not ALGORITHMS.issuperset(self.algorithms):
            raise ValueError(f"algorithms are among {', '.join(sorted(ALGORITHMS))}")
        if self.issuer and not (
            is_guarded(self.issuer) and "?" not in self.issuer and "#" not in self.issuer
        ):
            raise ValueError("issuer is an https:// address (http:// on this machine's loopback only)")
        if self.issuer and not self.client_id:
            raise ValueError("oidc.client_id is what the provider calls this installation")
        if not self.claim:
            raise ValueError("claim is the name of a claim, such as sub")


def is_guarded(url: str) -> bool:
    """Whether nobody between can read or change what goes to ``url``: https, or http to this machine itself."""
    try:
        place = urlsplit(url)
        host = place.hostname or ""
        if not host or not url.isascii() or not url.isprintable() or " " in url or "@" in place.netloc:
            return False
        _ = place.port
        return place.scheme == "https" or (place.scheme == "http" and _is_here(host))
    except ValueError:  # no address; or http to a name, which anybody may answer to
        return False


def _is_here(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback
