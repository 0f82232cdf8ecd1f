"""Where a WSGI server finds the application: ``gunicorn 'registry.web.wsgi:application()'``.

The settings come from the environment (``MULU_HOME`` and ``MULU_*``); harvesting runs elsewhere
(``mulu serve`` does both in one process). As ``cli.py``, this is where the halves meet: the console asks an identity
provider over the harvester's door.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask

from config import load, logs
from harvester.http.line import line_to_provider
from registry.store.engine import open_engines
from registry.web.app import create_app


def application() -> Flask:
    """The application of the installation that the environment names. Raises ``SettingsError``."""
    settings = load.load()
    logs.configure(settings.log)
    engines = open_engines(settings.database_url, pool_size=settings.database.pool_size)
    keyring = load.keyring(settings)
    line = line_to_provider(settings, keyring.credential)
    return create_app(settings, engines, keyring, lambda: datetime.now(UTC), line)
