"""The table of routes is the whole console, and every act leaves what it should."""

from __future__ import annotations

import pytest
from flask import Flask

from config.secrets import Keyring
from registry.model.role import Permission
from registry.web import admin, create_app
from registry.web.admin.targets import nobody, oneself
from tests.console.office import NOBODY, Office
from tests.console.samples import ACTS, PARTS, WITH_A_PASSWORD, posted_to

ROUTES = tuple(admin.table_of())


def fresh_app(office: Office) -> Flask:
    keyring = Keyring(office.home / "secrets", {})
    return create_app(office.settings, office.installation.engines, keyring, office.installation.clock)


def unmapped(app: Flask) -> set[str]:
    """Endpoints below /admin that the table does not know."""
    below = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/admin")}
    return below - {route.endpoint for route in app.extensions["console_routes"]} - {"admin.static"}


def test_every_address_is_in_the_table(standing: Office) -> None:
    assert unmapped(standing.app) == set()
    rules = [rule for rule in standing.app.url_map.iter_rules() if rule.endpoint.startswith("admin.")]
    assert {rule.endpoint for rule in rules} == {route.endpoint for route in ROUTES} | {"admin.static"}


def test_an_address_that_is_not_in_the_table_is_found_and_refused(standing: Office) -> None:
    app = fresh_app(standing)
    app.add_url_rule("/admin/backdoor", "backdoor", lambda: "inside")
    standing.use(app)
    assert unmapped(app) == {"backdoor"}
    answer = standing.client(NOBODY).get("/admin/backdoor")
    assert (answer.status_code, "inside" in answer.text) == (403, False)


def test_a_route_has_one_method(standing: Office) -> None:
    methods = {
        rule.endpoint: (rule.methods or set()) - {"HEAD"} for rule in standing.app.url_map.iter_rules()
    }
    for route in ROUTES:
        assert methods[route.endpoint] == {route.method}
        assert route.on in PARTS
        assert (route.permission is None) is (route.on in (oneself, nobody))


def test_every_act_is_tried() -> None:
    assert {route.endpoint for route in ROUTES if route.acts} == ACTS.keys() | WITH_A_PASSWORD


@pytest.mark.parametrize("endpoint", ACTS)
def test_an_act_leaves_exactly_its_events(office: Office, endpoint: str) -> None:
    act = ACTS[endpoint]
    act.prepare(office)
    (route,) = [each for each in ROUTES if each.endpoint == endpoint]
    browser = office.client(act.account)
    where = posted_to(office, act, route)
    before = office.events()
    assert browser.client.post(where, data=dict(act.form)).status_code == 400
    assert office.events() == before
    answer = browser.post(where, act.form)
    assert answer.status_code in (200, 303), answer.text
    assert office.events() - before == act.events


def test_what_is_asked_of_whom_is_all_there() -> None:
    assert {route.permission for route in ROUTES} <= {*Permission, None}
