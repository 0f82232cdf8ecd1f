"""A small real identity provider on loopback: describes itself, sends people back, redeems codes, signs ID tokens.

Whoever comes is signed in as ``person``. It keeps to the standards (a code is good once, for who asked, with the right
verifier) until it is told not to: ``twist`` changes what it signs, ``sign`` how, ``broken`` what it answers.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "mulu", "between-us-7"
DESCRIPTION, AUTHORIZE, TOKEN, KEYS = "/.well-known/openid-configuration", "/authorize", "/token", "/keys"

Broken = Callable[[BaseHTTPRequestHandler], None]
Facts = dict[str, Any]


@cache
def rsa(kid: str) -> RSAKey:
    """A key under this name; making one takes a while."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def unsigned(header: Facts, claims: Facts, signature: str = "") -> str:
    """A token as it is, with whatever stands behind it."""
    parts = [json.dumps(each).encode() for each in (header, claims)]
    encoded = [base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts]
    return ".".join([*encoded, signature])


class Provider:
    """A context manager: answers at :attr:`issuer` inside."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.person: Facts = {"sub": "8d1f0c2e"}
        self.key = rsa("first")
        self.published = [self.key]
        self.described: Facts = {}
        self.wants = "basic"
        """How it has its client prove itself: by a header, in the form (``post``), or not at all (``none``)."""
        self.twist: Callable[[Facts, Facts], None] = lambda _header, _claims: None
        self.sign: Callable[[Facts, Facts], str] = lambda header, claims: jwt.encode(
            header, claims, self.key, ["RS256", "RS512"]
        )
        self.broken: dict[str, Broken] = {}
        self.asked: list[str] = []
        self.handed: list[str] = []
        """Every secret that it gave away: codes and tokens."""
        self._codes: dict[str, Facts] = {}
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def description(self) -> Facts:
        places = {"authorization_endpoint": AUTHORIZE, "token_endpoint": TOKEN, "jwks_uri": KEYS}
        return {
            "issuer": self.issuer, "authorization_response_iss_parameter_supported": True,
            **{name: self.issuer + path for name, path in places.items()}, **self.described,
        }  # fmt: skip

    def authorize(self, asked: Facts) -> str:
        """Where somebody is sent back to, with a code."""
        code = secrets.token_urlsafe(16)
        self.handed.append(code)
        self._codes[code] = asked | {"person": dict(self.person)}
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def redeem(self, form: Facts, authorization: str) -> tuple[int, Facts]:
        """Status and answer for a code."""
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        shown = authorization or (form.get("client_id"), form.get("client_secret"))
        if shown != {"basic": basic, "post": (CLIENT, SECRET), "none": (CLIENT, None)}[self.wants]:
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form.get("code", ""), None)
        proof = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if (
            asked is None
            or asked["redirect_uri"] != form.get("redirect_uri")
            or (asked["code_challenge_method"], asked["code_challenge"]) != ("S256", challenge)
        ):
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe(16)
        token = self.token(asked, access)
        self.handed += [access, token]
        return 200, {"id_token": token, "access_token": access, "token_type": "Bearer"}

    def token(self, asked: Facts, access: str) -> str:
        now = int(self.clock().timestamp())
        half = sha256(access.encode()).digest()[:16]
        header = {"alg": "RS256", "kid": self.key.kid}
        claims = {
            "iss": self.issuer, "aud": asked["client_id"], "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(), **asked["person"],
        }  # fmt: skip
        self.twist(header, claims)
        return self.sign(header, claims)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up has waited for long enough."""


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            if parts.path in provider.broken:
                provider.broken[parts.path](self)
            elif parts.path == DESCRIPTION:
                reply(self, 200, provider.description())
            elif parts.path == KEYS:
                reply(self, 200, {"keys": [each.as_dict(private=False) for each in provider.published]})
            elif parts.path == AUTHORIZE:
                self.send_response(302)
                self.send_header("Location", provider.authorize(dict(parse_qsl(parts.query))))
                self.end_headers()
            else:
                reply(self, 404, {})

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path in provider.broken:
                provider.broken[self.path](self)
            else:
                authorization = self.headers.get("Authorization", "")
                reply(self, *provider.redeem(dict(parse_qsl(body)), authorization))

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler


def reply(handler: BaseHTTPRequestHandler, status: int, told: object, **headers: str) -> None:
    """Answer with JSON (or with bytes as they are)."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)
