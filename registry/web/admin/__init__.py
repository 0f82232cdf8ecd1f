"""The console at ``/admin/``: pages for the people who register, look after, approve and audit.

routing    the table of routes: what each page needs, said where it is defined
targets    what a route is on
guard      the hook that enforces the table
visit      one request: who, when, about which register, in which transaction
language, rendering, charts, forms, paging    what pages are made of
``PAGES``  the files of pages; how to add one: docs/howto/add-an-admin-page.md
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, g

from config.secrets import Keyring
from config.settings import Settings
from registry.services.signing import SigningKey
from registry.store.engine import Engines
from registry.web.admin import (
    account_of_ones_own,
    accounts,
    book,
    cancelling,
    deciding,
    deliveries,
    dossiers,
    entering,
    entries,
    guard,
    harvests,
    home,
    inbox,
    keys,
    linking,
    probes,
    provider,
    registers,
    rendering,
    reviews,
    roles,
    run_issues,
    runs,
    sign_in,
    source_forms,
    source_life,
    source_person,
    sources,
)
from registry.web.admin.routing import Pages, Route, Table
from registry.web.admin.visit import Console

if TYPE_CHECKING:
    from registry.web.oidc import IdentityProvider

PAGES: tuple[Pages, ...] = (
    home.pages,
    inbox.pages,
    sources.pages,
    registers.pages,
    entries.pages,
    harvests.pages,
    deciding.pages,
    source_life.pages,
    source_forms.pages,
    source_person.pages,
    probes.pages,
    dossiers.pages,
    deliveries.pages,
    entering.pages,
    runs.pages,
    run_issues.pages,
    reviews.pages,
    cancelling.pages,
    accounts.pages,
    roles.pages,
    linking.pages,
    keys.pages,
    keys.own_pages,
    book.pages,
    sign_in.pages,
    provider.pages,
    sign_in.language_pages,
    account_of_ones_own.pages,
    account_of_ones_own.password_pages,
)


def table_of(files: tuple[Pages, ...] = PAGES) -> Table:
    """The table of all routes. Raises ``ValueError`` where two have one name."""
    table = Table()
    for pages in files:
        table.add(pages)
    return table


def register(
    app: Flask,
    settings: Settings,
    engines: Engines,
    keyring: Keyring,
    clock: Callable[[], datetime],
    elsewhere: IdentityProvider | None = None,
    files: tuple[Pages, ...] = PAGES,
) -> None:
    """Let ``app`` serve the console; ``elsewhere`` signs people in besides. Raises ``SecretError`` where the key of
    the seals cannot be had."""
    table = table_of(files)
    console = Console(
        settings,
        engines,
        clock,
        ZoneInfo(settings.schedule.time_zone),
        SigningKey(keyring.key(settings.secrets.audit_key)).key,
        elsewhere,
    )
    app.extensions["console"] = console
    app.extensions["console_routes"] = table
    rendering.prepare(app, table)
    app.before_request(guard.Guard(app, console, table).admit)
    app.teardown_request(guard.leave)
    app.register_blueprint(_blueprint(files))


def _blueprint(files: tuple[Pages, ...]) -> Blueprint:
    outer = Blueprint(
        "admin", "registry.web", url_prefix=guard.PREFIX, static_folder="static", static_url_path="/static"
    )
    for pages in files:
        inner = Blueprint(pages.name, __name__)
        for route in pages.routes:
            inner.add_url_rule(
                route.rule,
                route.endpoint.rpartition(".")[2],
                _dispatched(route),
                methods=[route.method],
                provide_automatic_options=False,
            )
        outer.register_blueprint(inner)
    return outer


def _dispatched(route: Route) -> Callable[..., Response]:
    def dispatch(**_parts: object) -> Response:
        return route.view(g.visit, *g.things)

    return dispatch
