"""The Flask application, put together from settings, store, keys and clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config.secrets import Keyring
from config.settings import Settings
from registry.outlets.oaipmh.provider import Provider, Setting
from registry.store.engine import Engines
from registry.web import admin, auth, compression, errors, headers, health, oai, peers, schema_files


def create_app(
    settings: Settings, engines: Engines, keyring: Keyring, clock: Callable[[], datetime]
) -> Flask:
    """The application of one installation. ``clock`` gives aware UTC moments.

    Raises ``config.secrets.SecretError`` where the keys of resumption tokens and of cookies cannot be had.
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
    admin.register(app, settings, engines, keyring, clock)
    errors.register(app)
    app.after_request(headers.secure)
    app.after_request(compression.compress)
    return app
