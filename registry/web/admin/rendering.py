"""What every template of the console can speak: the language, the links, what is allowed, the charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flask import Flask, g, request, url_for
from flask_bootstrap import Bootstrap5
from jinja2 import StrictUndefined

from registry.model.acts import act_label, cause_label, subject_label
from registry.model.lifecycle import TRANSITIONS, SourceAction, actions_from
from registry.model.places import place_told
from registry.model.register import Register
from registry.model.role import Permission
from registry.services.rights import INSTALLATION, Place, place_of
from registry.store.sources import Source
from registry.web.admin import charts, language
from registry.web.admin.routing import Nav, Route, Table
from registry.web.admin.visit import REGISTER_PARAMETER, Visit, here, link
from schemas.codes import divisions

_TONES = {
    "good": "healthy approved published complete done finished sent created restored taken",
    "wait": "late submitted held waiting kept warning partial suspended interrupted",
    "bad": "failing failed rejected error transport protocol fatal deleted refused",
    "busy": "collecting settling running updated note delivered",
}
TONES: Mapping[str, str] = MappingProxyType(
    {member: tone for tone, members in _TONES.items() for member in members.split()}
)
"""How a badge of a member looks; others are plain. Its words say the same."""


def prepare(app: Flask, table: Table) -> None:
    """Before the first template: what is shown, how, and which words there are."""
    app.jinja_options = {
        "finalize": language.shown, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True,
    }  # fmt: skip
    app.config.update(BOOTSTRAP_SERVE_LOCAL=True, SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365))
    Bootstrap5(app)
    app.jinja_env.globals.update(
        say=language.say,
        language=language.language,
        languages=language.LANGUAGES,
        number=language.number,
        ago=lambda moment: language.ago(moment, here().now),
        link=link,
        here_with=here_with,
        allowed=allowed,
        allowed_on=lambda permission, register_id: here().may(permission, Place(register_id)),
        somewhere=lambda permission: here().rights.reach(permission) != frozenset(),
        source_actions=source_actions,
        transition=lambda status, action: TRANSITIONS[status, action],
        tone=lambda member: TONES.get(str(member), "plain"),
        navigation=lambda: navigation(table),
        options=options,
        act_label=act_label,
        subject_label=subject_label,
        cause_label=cause_label,
        place_told=place_told,
        division_name=lambda code: divisions.name(code, language.language()),
        link_if=lambda endpoint, **values: link(endpoint, **values) if table.get(f"admin.{endpoint}") else "",
        subject_link=lambda subject: subject_link(table, subject),
        bars=charts.bars,
        line=charts.line,
        asset=cache(lambda owner, name: _asset(app, owner, name)),
        P=Permission,
        visit=here,
        visited=lambda: "visit" in g and g.visit.identity is not None,
    )


_SUBJECTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "account": ("accounts.show", "name"),
        "register": ("registers.show", "code"),
        "run": ("runs.show", "id"),
        "source": ("sources.show", "code"),
    }
)
"""The page of a subject, and the part of its address that names it."""


def subject_link(table: Table, subject: str) -> str:
    """The address of what an event or a notification is about (``source:hangzhou``); empty where it has no page."""
    kind, _, name = subject.partition(":")
    endpoint, part = _SUBJECTS.get(kind, ("", ""))
    return link(endpoint, **{part: name}) if table.get(f"admin.{endpoint}") else ""


def _asset(app: Flask, owner: str, name: str) -> str:
    """The address of a file of the style, with a digest of what it holds: browsers keep it until that changes."""
    folder = app.blueprints[owner].static_folder
    assert folder is not None
    digest = sha256(Path(folder, name).read_bytes()).hexdigest()[:12]
    return url_for(f"{owner}.static", filename=name, v=digest)


def options(members: Iterable[StrEnum]) -> list[tuple[str, StrEnum]]:
    """Members as the choices of a filter: what is sent, and what is shown."""
    return [(each.value, each) for each in members]


def allowed(permission: Permission, thing: Source | Register | Place | None = None) -> bool:
    """Whether whoever is signed in has the permission on a source (or its runs), a register, or (None) on the
    installation; where it judges, not on what they submitted themselves."""
    if isinstance(thing, Source):
        return here().may(permission, place_of(thing))
    if isinstance(thing, Register):
        return here().may(permission, Place(thing.id))
    return here().may(permission, thing or INSTALLATION)


def source_actions(source: Source) -> list[SourceAction]:
    """What whoever is signed in may do with a source in its life, from the table that the command line uses."""
    possible = actions_from(source.status, holds_records=source.live > 0)
    return [each for each in possible if allowed(TRANSITIONS[source.status, each].permission, source)]


def navigation(table: Table) -> list[tuple[Nav, str, bool]]:
    """The entries that whoever is signed in may follow: label and icon, address, whether it is where they are."""
    visit = here()
    found = []
    for nav, route in table.navs:
        if _is_open(visit, route):
            name = route.endpoint.removeprefix("admin.")
            own = name.rpartition(".")[0]
            is_here = (request.endpoint or "").removeprefix("admin.").rpartition(".")[0] in (own, *nav.holds)
            found.append((nav, link(name), is_here))
    return found


def _is_open(visit: Visit, route: Route) -> bool:
    if route.permission is None:
        return True
    return visit.rights.reach(route.permission) != frozenset()


def here_with(**changes: Any) -> str:
    """The address of this page with other parameters (None: without one); the place in a list begins anew unless it is
    among them."""
    kept = {name: value for name, value in request.args.items() if name not in ("after", *changes)}
    given = {name: value for name, value in changes.items() if value not in (None, "")}
    parts = (request.view_args or {}) | kept | given
    if changes.get(REGISTER_PARAMETER, "") is None:
        parts[REGISTER_PARAMETER] = None
    return link((request.endpoint or "").removeprefix("admin."), **parts)
