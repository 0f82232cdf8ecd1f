"""The Flask application, put together from settings, store, keys and clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config.oidc import is_guarded
from config.secrets import Keyring
from config.settings import Settings
from registry.errors import Refused
from registry.model.external import ProviderLine
from registry.model.issue import Text
from registry.outlets.oaipmh.provider import Provider, Setting
from registry.store.engine import Engines
from registry.web import admin, auth, compression, errors, headers, health, oai, peers, schema_files

if TYPE_CHECKING:
    from registry.web.oidc import IdentityProvider


BACK = "/admin/sign-in/provider/back"
"""Where an identity provider sends people back to, below the public address."""

_NO_AUTHLIB = Text(
    zh="设置了 oidc.issuer，但没有安装 Authlib：请安装 mulu[oidc]。",
    en="oidc.issuer is set, but Authlib is not installed: install mulu[oidc].",
)
_NO_LINE = Text(
    zh="设置了 oidc.issuer，但此进程没有通往身份认证服务的线路。",
    en="oidc.issuer is set, but this process was given no line to the identity provider.",
)
_OPEN_ROAD = Text(
    zh="启用统一身份认证须将 web.public_url 设为 https 地址(仅本机回环地址可用 http)。",
    en="with an identity provider, web.public_url is an https address (http on this machine's loopback only).",
)
_SECRET = Text(
    zh="oidc.client_secret 所指的内容须为 ASCII 字符。", en="what oidc.client_secret refers to is not ASCII."
)


def create_app(
    settings: Settings,
    engines: Engines,
    keyring: Keyring,
    clock: Callable[[], datetime],
    line: ProviderLine | None = None,
) -> Flask:
    """The application of one installation. ``clock`` gives aware UTC moments; ``line`` leads to the identity provider,
    where one is set.

    Raises ``config.secrets.SecretError`` where keys or the client's secret cannot be had, ``registry.errors.Refused``
    where an identity provider is set and cannot be asked.
    """
    provider = Provider(
        engines,
        Setting(settings.public_url, settings.web.admin_email, settings.pages.outlet),
        keyring.key(settings.secrets.token_key),
        clock,
    )
    app = Flask("registry.web", static_folder=None, static_url_path="/static")
    if settings.web.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.web.proxies, settings.web.proxies)  # type: ignore[method-assign]
    app.config["MAX_CONTENT_LENGTH"] = settings.web.request_bytes
    app.register_blueprint(
        oai.blueprint(provider, peers.audiences(engines, clock), at_once=max(1, settings.web.threads - 1))
    )
    app.register_blueprint(schema_files.blueprint())
    app.register_blueprint(health.blueprint(engines))
    auth.register(app, settings, engines, keyring, clock)
    admin.register(app, settings, engines, keyring, clock, _elsewhere(settings, keyring, line))
    errors.register(app)
    app.after_request(headers.secure)
    app.after_request(compression.compress)
    return app


def _elsewhere(settings: Settings, keyring: Keyring, line: ProviderLine | None) -> IdentityProvider | None:
    """Who signs people in besides; None where passwords alone do."""
    oidc = settings.oidc
    if not oidc.issuer:
        return None
    try:
        from registry.web.oidc import IdentityProvider  # whose libraries few need
    except ModuleNotFoundError as failure:
        raise Refused(_NO_AUTHLIB) from failure
    back = settings.public_url + BACK
    if line is None:
        raise Refused(_NO_LINE)
    if not is_guarded(back):
        raise Refused(_OPEN_ROAD)
    secret = keyring.credential(oidc.client_secret) if oidc.client_secret else ""
    if not secret.isascii():
        raise Refused(_SECRET)
    return IdentityProvider(oidc, secret, back, line, at_once=max(1, settings.web.threads // 2))
