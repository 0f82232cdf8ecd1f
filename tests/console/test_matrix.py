"""Route × role × place: who may come where is what the table of permissions says, and nothing else.

The views are replaced by one that does nothing: what is judged is the guard, over all routes of the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from flask import Response

from config.secrets import Keyring
from registry.model.role import PERMISSIONS, Permission, Role
from registry.web import admin, create_app
from registry.web.admin import failure, guard
from registry.web.admin.routing import Pages, Route
from registry.web.admin.targets import anywhere, nobody, of_grant, of_named_register, oneself
from registry.web.admin.targets import installation as on_the_installation
from tests.console.office import CITY, NOBODY, REACHING, STAFF, Browser, Office, name_of
from tests.console.samples import PARTS, address

ROUTES = tuple(admin.table_of())
WITH_A_FORM = {"admin.password.change_form", "admin.sign_in.form"}
"""Pages that the tests take the token of a form from."""

GUARDED = [route for route in ROUTES if route.permission is not None]

ONE_OF_EACH_KIND = list({(route.on, route.method): route for route in GUARDED}.values())


def name(route: Route) -> str:
    return route.endpoint


def empty(_visit: object, *_things: object) -> Response:
    return Response("", 204)


@pytest.fixture(scope="module")
def stubbed(standing: Office) -> Iterator[Office]:
    """The office, with every view replaced by one that does nothing."""

    def without_views(pages: Pages) -> Pages:
        made = Pages(pages.name, nav=pages.nav)
        made.routes = [
            route if route.endpoint in WITH_A_FORM else replace(route, view=empty) for route in pages.routes
        ]
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(admin, "PAGES", tuple(map(without_views, admin.PAGES)))
        patch.setattr(admin.register, "__defaults__", (admin.PAGES,))
        patch.setattr(failure, "page", lambda text, status: Response(text.en, status))
        keyring = Keyring(standing.home / "secrets", {})
        standing.use(
            create_app(standing.settings, standing.installation.engines, keyring, standing.installation.clock)
        )
        yield standing


@pytest.fixture(scope="module")
def browsers(stubbed: Office) -> dict[str, Browser]:
    """A browser for each account, and one where nobody is signed in."""
    named = {account: stubbed.client(account) for _, _, account in STAFF}
    return {**named, NOBODY: stubbed.client(NOBODY), "": stubbed.client()}


def is_admitted(browser: Browser, route: Route, where: str, token: str) -> bool:
    """Whether the view was reached. Whatever is neither that nor a refusal is a fault of this test."""
    form = (
        {"register": CITY} if route.on is of_named_register else {"on": CITY} if route.on is of_grant else {}
    )
    answer = (
        browser.client.post(where, data={**form, "csrf_token": token})
        if route.acts
        else browser.client.get(where, query_string=form)
    )
    assert answer.status_code in (204, 403), (where, answer.status_code, answer.text)
    return answer.status_code == 204


def expected(route: Route, role: Role, place: str) -> bool:
    """What the table of permissions says. The submitter of the city registered the source that is asked about."""
    assert route.permission is not None
    rule = PERMISSIONS[route.permission]
    if route.on is anywhere:
        return role in rule.roles | rule.own
    if route.on is on_the_installation:
        return role in rule.roles and place == "everywhere"
    owns = name_of(role, place) == name_of(Role.SUBMITTER, "own") and ABOUT_A_SOURCE[route.on]
    return place in REACHING and (role in rule.roles or (owns and role in rule.own))


ABOUT_A_SOURCE: dict[Any, bool] = {
    resolver: resolver.__name__ in ("of_source", "of_run", "of_delivery") for resolver in PARTS
}


class Difference(NamedTuple):
    """Where the console and the table disagree."""

    endpoint: str
    account: str
    admitted: bool


def differences(office: Office, browsers: dict[str, Browser], routes: list[Route]) -> list[Difference]:
    """All disagreements, over every account."""
    found = []
    tokens = {account: browser.forgery_token() for account, browser in browsers.items() if account}
    for route in routes:
        where = address(office, route)
        for role, place, account in STAFF:
            admitted = is_admitted(browsers[account], route, where, tokens[account])
            if admitted is not expected(route, role, place):
                found.append(Difference(route.endpoint, account, admitted))
        if is_admitted(browsers[NOBODY], route, where, tokens[NOBODY]):
            found.append(Difference(route.endpoint, NOBODY, admitted=True))
    return found


def test_who_may_come_is_what_the_table_says(stubbed: Office, browsers: dict[str, Browser]) -> None:
    assert differences(stubbed, browsers, GUARDED) == []


def test_a_guard_that_admits_everybody_is_found(
    stubbed: Office, browsers: dict[str, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_carries", lambda *_: True)
    found = differences(stubbed, browsers, ONE_OF_EACH_KIND)
    assert {each.endpoint for each in found} == {route.endpoint for route in ONE_OF_EACH_KIND}
    assert all(each.admitted for each in found)


def test_a_guard_that_looks_at_the_role_only_is_found(
    stubbed: Office, browsers: dict[str, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = [route for route in ONE_OF_EACH_KIND if route.on is not anywhere]
    monkeypatch.setattr(
        guard,
        "_carries",
        lambda visit, permission, _ground: visit.rights.reach(permission) != frozenset(),
    )
    found = differences(stubbed, browsers, placed)
    assert {each.endpoint for each in found} == {route.endpoint for route in placed}


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_nobody_is_sent_to_sign_in(stubbed: Office, browsers: dict[str, Browser], route: Route) -> None:
    browser, where = browsers[""], address(stubbed, route)
    token = browser.forgery_token() if route.acts else ""
    answer = browser.client.post(where, data={"csrf_token": token}) if route.acts else browser.get(where)
    if route.on is nobody:
        assert answer.status_code == (200 if route.endpoint in WITH_A_FORM else 204)
    else:
        assert answer.status_code == 303
        assert answer.location.startswith("/admin/sign-in")


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_a_key_opens_nothing_here(stubbed: Office, browsers: dict[str, Browser], route: Route) -> None:
    key = {"Authorization": "Bearer mulu_whatever"}
    where = address(stubbed, route)
    client = browsers[name_of(Role.ADMINISTRATOR, "everywhere")].client
    answer = client.post(where, headers=key) if route.acts else client.get(where, headers=key)
    assert answer.status_code == 401


@pytest.mark.parametrize("route", [each for each in ROUTES if each.acts], ids=name)
def test_an_act_needs_the_token_of_a_form(
    stubbed: Office, browsers: dict[str, Browser], route: Route
) -> None:
    account = name_of(Role.ADMINISTRATOR, "everywhere")
    for sent in ({}, {"csrf_token": "forged"}):
        assert browsers[account].client.post(address(stubbed, route), data=sent).status_code == 400
    assert browsers[account].client.get(address(stubbed, route)).status_code != 204 or any(
        each.rule == route.rule and not each.acts for each in ROUTES
    )


def test_every_permission_is_asked_by_the_kind_of_route_it_is_for() -> None:
    for route in GUARDED:
        assert route.permission is not None
        assert not (route.acts and PERMISSIONS[route.permission].reads), route.endpoint


def test_a_table_that_asks_wrongly_cannot_be_written() -> None:
    pages = Pages("wrong")
    with pytest.raises(ValueError):
        pages.act("/x", Permission.READ_SOURCES, on=anywhere)
    with pytest.raises(ValueError):
        pages.read("/x", Permission.APPROVE, on=anywhere)
    with pytest.raises(ValueError):
        pages.form("/x", Permission.READ_SOURCES, on=anywhere)
    with pytest.raises(ValueError):
        pages.read("/x", on=anywhere)
    with pytest.raises(ValueError):
        pages.read("/x", Permission.READ_SOURCES, on=oneself)
