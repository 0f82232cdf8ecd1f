"""One identity provider: where people are sent, and what their coming back is worth."""

from __future__ import annotations

import hmac
import re
import secrets
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
import structlog
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import KeySet

from config.oidc import Oidc
from registry.errors import Forbidden, RegistryError, Unavailable
from registry.model.external import ProviderLine, Reply
from registry.services.signing_in import ATTEMPT_LASTS
from registry.web.oidc import documents, refusals
from registry.web.oidc.documents import Description, Handed, TokenError
from registry.web.oidc.tokens import UnknownKey, key_set, vouched_for

_SULKING = timedelta(seconds=10)  # a provider that did not answer is not asked for its description again
_NEW_KEYS_AFTER = timedelta(seconds=30)  # nor for its keys, because of tokens that name unknown ones
_CODE_LENGTH = 4096
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}

_log = structlog.get_logger(__name__)


class Pending(msgspec.Struct, frozen=True):
    """An attempt to sign in that waits for somebody to come back; in the signed cookie of the browser that began it.
    ``begun``: seconds since 1970. ``onward``: where to go afterwards."""

    state: str
    nonce: str
    verifier: str
    begun: int
    onward: str


class _Kept(NamedTuple):
    description: Description
    keys: KeySet
    at: datetime


class IdentityProvider:
    """The provider that the settings name. May be shared by threads, of which ``at_once`` may wait for it.

    ``secret``: what proves to it who we are, empty for none; ``back``: the address that it sends people back to.
    """

    def __init__(self, settings: Oidc, secret: str, back: str, line: ProviderLine, at_once: int) -> None:
        self.settings = settings
        self._client = settings.client_id, secret
        self._back = back
        self._line = line
        self._turns = threading.BoundedSemaphore(at_once)
        self._kept: _Kept | None = None
        self._failed_at: datetime | None = None

    def begin(self, onward: str, now: datetime) -> tuple[str, Pending]:
        """Where to send somebody who wants to sign in, and what to keep of it. Raises ``Unavailable``."""
        kept = self._known(now)
        pending = Pending(
            state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48),
            begun=int(now.timestamp()), onward=onward,
        )  # fmt: skip
        address = prepare_grant_uri(
            kept.description.authorization_endpoint, self.settings.client_id, "code",
            redirect_uri=self._back, scope=" ".join(self.settings.scopes), state=pending.state,
            nonce=pending.nonce, code_challenge=create_s256_code_challenge(pending.verifier),
            code_challenge_method="S256",
        )  # fmt: skip
        return str(address), pending

    @staticmethod
    def pending(kept: object) -> Pending | None:
        """The attempt that a browser has kept; None where there is none."""
        try:
            return msgspec.convert(kept, Pending)
        except msgspec.ValidationError:
            return None

    def returned(
        self, pending: Pending | None, came: Mapping[str, str], now: datetime
    ) -> tuple[Pending, str]:
        """The attempt that somebody comes back from, and the code that they bring. ``pending``: what this browser
        began; ``came``: the parameters of the address. Raises ``Forbidden``: not begun here, too late, from elsewhere,
        or refused by the provider; ``Unavailable``."""
        state = came.get("state", "").encode("utf-8", "replace")
        if pending is None or not hmac.compare_digest(pending.state.encode(), state):
            raise refusals.forbidden(refusals.STATE)
        age = now.timestamp() - pending.begun  # by the clock of another machine, perhaps
        if not -self.settings.skew_seconds <= age < ATTEMPT_LASTS.total_seconds():
            raise refusals.forbidden(refusals.STATE)
        self._check_sender(came.get("iss"), now)
        if error := came.get("error", ""):
            if error == "access_denied":
                raise refusals.forbidden(refusals.DENIED)
            code = error if re.fullmatch("[a-z_]{1,40}", error) else "?"
            raise refusals.forbidden(refusals.TOLD_ERROR, code=code)
        code = came.get("code", "")
        if not 0 < len(code) <= _CODE_LENGTH:
            raise refusals.forbidden(refusals.CODE)
        return pending, code

    def _check_sender(self, issuer: str | None, now: datetime) -> None:
        """Whether the answer is this provider's (RFC 9207). That it names itself, another process may have learnt."""
        says = self._known(now).description.authorization_response_iss_parameter_supported
        if (says and issuer is None) or issuer not in (None, self.settings.issuer):
            raise refusals.forbidden(refusals.MIXED_UP)

    def redeem(self, pending: Pending, code: str, now: datetime) -> str:
        """Whom the provider vouches for: the value of the claim that names accounts. Nothing of what it handed over
        is kept. Raises ``Forbidden``, ``Unavailable``."""
        try:
            return self._redeemed(pending, code, now)
        except Forbidden as failure:
            _log.warning("oidc.not_believed", reason=failure.text.en)
            raise

    def _redeemed(self, pending: Pending, code: str, now: datetime) -> str:
        kept = self._known(now)
        handed = self._handed(kept.description, code, pending.verifier)
        try:
            return vouched_for(handed, kept.keys, self.settings, pending.nonce, now)
        except UnknownKey:
            if now < kept.at + _NEW_KEYS_AFTER:
                raise
        return vouched_for(handed, self._learn(now).keys, self.settings, pending.nonce, now)

    def _handed(self, description: Description, code: str, verifier: str) -> Handed:
        client_id, secret = self._client
        supported = description.token_endpoint_auth_methods_supported
        posts = "client_secret_post" in supported and "client_secret_basic" not in supported
        method = "none" if not secret else "client_secret_post" if posts else "client_secret_basic"
        form = prepare_token_request(
            "authorization_code", redirect_uri=self._back, code=code, code_verifier=verifier
        )
        url, headers, form = ClientAuth(client_id, secret, method).prepare(
            "POST", description.token_endpoint, dict(_FORM), form
        )
        reply = self._ask(url, form, headers)
        if reply.status == 200:
            return documents.read(Handed, reply.body)
        error = documents.read(TokenError, reply.body).error if reply.status in (400, 401) else ""
        _log.warning("oidc.refused", status=reply.status, error=error[:40])
        if error == "invalid_grant":
            raise refusals.forbidden(refusals.CODE)
        raise refusals.unavailable(refusals.CLIENT if error == "invalid_client" else refusals.ODD)

    def _known(self, now: datetime) -> _Kept:
        kept = self._kept
        if kept is not None and now < kept.at + timedelta(minutes=self.settings.keep_minutes):
            return kept
        if self._failed_at is not None and self._failed_at <= now < self._failed_at + _SULKING:
            raise refusals.unavailable(refusals.DOWN)
        return self._learn(now)

    def _learn(self, now: datetime) -> _Kept:
        """Ask the provider for its description and its keys."""
        try:
            told = self._found(self.settings.issuer.rstrip("/") + documents.WELL_KNOWN)
            description = documents.described(told, self.settings.issuer)
            self._kept = _Kept(description, key_set(self._found(description.jwks_uri)), now)
        except RegistryError as failure:
            if failure.text != refusals.BUSY:
                self._failed_at = now
            _log.warning("oidc.failed", reason=failure.text.en)
            raise
        self._failed_at = None
        return self._kept

    def _found(self, url: str) -> bytes:
        reply = self._ask(url)
        if reply.status != 200:
            _log.warning("oidc.odd", url=url, status=reply.status)
            raise refusals.unavailable(refusals.DOWN if reply.status >= 500 else refusals.ODD)
        return reply.body

    def _ask(self, url: str, form: str | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask, if it is our turn. What went wrong on the line is told to the operator; visitors learn that it did."""
        if not self._turns.acquire(blocking=False):
            raise refusals.unavailable(refusals.BUSY)
        try:
            return self._line.ask(url, form, headers or {})
        except Unavailable as failure:
            _log.warning("oidc.unavailable", url=url, reason=failure.text.en)
            raise refusals.unavailable(refusals.DOWN) from failure
        finally:
            self._turns.release()
