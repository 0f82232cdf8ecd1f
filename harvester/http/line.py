"""The line to the identity provider: small answers of a service that the operator named, in seconds.

What :mod:`fetch` is for endpoints of strangers, this is for one service of the operator's: the same watched
connections, the address judged and pinned, TLS verified; no redirect, no compression, no second attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

import msgspec
import requests

from config.oidc import Oidc, is_guarded
from config.secrets import SecretError
from config.settings import Http, Settings
from harvester.errors import FatalFailure, HarvestFailure, ProtocolFailure
from harvester.http import failures
from harvester.http.access import public_context
from harvester.http.addresses import AddressPolicy
from harvester.http.budgets import Inflation, Watch
from harvester.http.connection import Passage, WatchedAdapter, check_proxied, tls_context
from harvester.pulse import Pulse
from registry.errors import Unavailable
from registry.model.external import Reply
from registry.model.issue import Text

_PIECE = 1 << 16
_NONE: Mapping[str, str] = MappingProxyType({})

_UNGUARDED = Text("只能经 https 访问：{url}", "asked over https only: {url}")
_CODED = Text("未请求压缩，应答却经过压缩", "an encoding that was not asked for")


class Line:
    """Fulfils ``registry.model.external.ProviderLine``. May be shared by threads."""

    def __init__(self, settings: Oidc, http: Http, secret: Callable[[str], str]) -> None:
        """``secret`` reads a reference. Raises ``SecretError`` where no certificates stand under ``ca_bundle``."""
        context = public_context()
        if settings.ca_bundle:
            authorities = secret(settings.ca_bundle)
            try:
                context = tls_context(authorities)
            except (OSError, ValueError):  # without the cause: its words may repeat what was read
                raise _no_certificates(settings.ca_bundle) from None
        self._limits = _limits(settings, http)
        self._policy = AddressPolicy.of(settings.networks)
        self._proxy = settings.proxy
        self._adapter = WatchedAdapter(context, connections=1)

    def ask(self, url: str, form: str | None = None, headers: Mapping[str, str] = _NONE) -> Reply:
        """GET ``url``, or POST a form to it; no redirect is followed.

        Raises ``Unavailable`` where nothing comes, or too much, too slowly or not safely.
        """
        try:
            with failures.told():
                return self._exchange(url, form, headers)
        except HarvestFailure as failure:
            raise Unavailable(failure.text) from failure

    def _exchange(self, url: str, form: str | None, headers: Mapping[str, str]) -> Reply:
        if not is_guarded(url):
            raise FatalFailure(_UNGUARDED.format(url=url[: self._limits.uri_characters]))
        fields = {
            "User-Agent": "Mulu (catalogue console)", "Accept": "application/json", "Accept-Encoding": "identity",
            "Connection": "close", **headers,
        }  # fmt: skip
        method = "GET" if form is None else "POST"
        prepared = requests.Request(method, url, headers=fields, data=form).prepare()
        if self._proxy:
            check_proxied(urlsplit(url).hostname or "", self._policy)
        watch = Watch(self._limits, whole_list=False, pulse=Pulse())
        passage = Passage(None if self._proxy else self._policy, watch)
        response = self._adapter.exchange(prepared, passage, self._proxy)
        try:
            watch.check_header(response.headers.items())
            if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
                raise ProtocolFailure(_CODED)
            watch.check_announced(response.headers.get("Content-Length", ""))
            payload = response.raw.stream(_PIECE, decode_content=False)
            return Reply(response.status_code, b"".join(Inflation(watch, "identity").chunks(payload)))
        finally:
            response.close()


def line_to_provider(settings: Settings, secret: Callable[[str], str]) -> Line | None:
    """The line of an installation; None where people sign in with passwords only. Raises ``SecretError``."""
    return Line(settings.oidc, settings.http, secret) if settings.oidc.issuer else None


def _limits(settings: Oidc, http: Http) -> Http:
    """The limits of the door, as tight as the provider's."""
    return msgspec.structs.replace(
        http,
        connect_seconds=settings.seconds, gap_seconds=settings.seconds, headers_seconds=settings.seconds,
        response_seconds=settings.seconds, page_wire_bytes=settings.answer_bytes,
        page_inflated_bytes=settings.answer_bytes,
    )  # fmt: skip


def _no_certificates(reference: str) -> SecretError:
    return SecretError(
        f"{reference} 中没有可用的证书(PEM)。", f"there are no certificates (PEM) under {reference}."
    )
