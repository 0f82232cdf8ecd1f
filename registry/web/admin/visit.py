"""One request to the console: who asks, when, about which register, and the one read transaction that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from flask import Response, current_app, flash, g, make_response, redirect, render_template, request, url_for

from config.settings import Settings
from registry.model.account import Account
from registry.model.event import Actor
from registry.model.issue import Text
from registry.model.register import Register
from registry.model.role import Permission
from registry.model.visibility import day_of
from registry.services.rights import Place, Rights, rights_of
from registry.services.signing_in import Identity
from registry.store import notifications, registers
from registry.store.engine import Connection, Engines

if TYPE_CHECKING:
    from registry.web.oidc import IdentityProvider  # whose libraries few need

REGISTER_PARAMETER = "register"


@dataclass(frozen=True)
class Console:
    """What the console stands on; ``app.extensions["console"]``."""

    settings: Settings
    engines: Engines
    clock: Callable[[], datetime]
    zone: ZoneInfo
    public_key: str
    """That of the installation, which proves its seals."""
    provider: IdentityProvider | None = None
    """Who signs people in besides; None where passwords alone do."""


def console() -> Console:
    """That of the application that answers."""
    return cast("Console", current_app.extensions["console"])


@dataclass
class Visit:
    """One request. ``identity``: whoever is signed in, None for nobody."""

    console: Console
    identity: Identity | None
    now: datetime
    _open: list[Connection] = field(default_factory=list)

    @property
    def engines(self) -> Engines:
        """The store: ``write`` for services."""
        return self.console.engines

    @property
    def today(self) -> date:
        """The day that decides what may be shown."""
        return day_of(self.now)

    @property
    def settings(self) -> Settings:
        return self.console.settings

    @property
    def who(self) -> Identity:
        """Whoever is signed in; a route that nobody may come to without signing in can rely on it."""
        assert self.identity is not None
        return self.identity

    @property
    def account(self) -> Account:
        return self.who.account

    @property
    def actor(self) -> Actor:
        """Whom services are told."""
        return self.who.actor

    @property
    def connection(self) -> Connection:
        """The read transaction of this request, begun when it is first asked for."""
        if not self._open:
            self._open.append(self.engines.read.connect())
        return self._open[0]

    def close(self) -> None:
        """End the read transaction; a later question begins another, which sees what was written since."""
        while self._open:
            self._open.pop().close()

    @cached_property
    def rights(self) -> Rights:
        """What whoever is signed in may do."""
        return rights_of(self.connection, self.actor)

    @cached_property
    def registers(self) -> Mapping[int, Register]:
        """The registers on which whoever is signed in holds a role, by id, from the nation down."""
        home = self.rights.home
        every = registers.listed(self.connection)
        return {each.id: each for each in every if home is None or each.id in home}

    @cached_property
    def chosen(self) -> Register | None:
        """The register that the address names (``?register=330100``), if whoever is signed in holds a role on it."""
        code = request.args.get(REGISTER_PARAMETER, "")
        return next((each for each in self.registers.values() if each.code == code), None)

    @cached_property
    def unread(self) -> int:
        """How many notifications wait to be read."""
        return notifications.unread(self.connection, self.account.id)

    def may(self, permission: Permission, place: Place) -> bool:
        """Whether whoever is signed in has the permission there, and did not submit what it would decide about."""
        return self.rights.may(permission, place) and not self.rights.judges_itself(permission, place)

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """The answer made from a template below ``templates/admin``."""
        return make_response(render_template(f"admin/{template}", **context), status)

    def to(self, endpoint: str, **values: Any) -> Response:
        """Go to another page of the console (303: with GET)."""
        return self.to_address(link(endpoint, **values))

    def to_address(self, address: str) -> Response:
        """Go to an address of the console (303: with GET)."""
        return make_response(redirect(address, 303))

    def tell(self, text: Text, kind: str = "done") -> None:
        """Show a sentence on the next page. ``kind``: ``done``, ``warning`` or ``error``."""
        flash(cast("str", [text.zh, text.en]), kind)  # what the cookie can carry


def here() -> Visit:
    """The request that is being answered."""
    return cast("Visit", g.visit)


def link(endpoint: str, **values: Any) -> str:
    """The address of a page of the console (``sources.show``); the chosen register is kept."""
    visit: Visit | None = g.get("visit")
    if visit is not None and visit.identity is not None and REGISTER_PARAMETER not in values and visit.chosen:
        values[REGISTER_PARAMETER] = visit.chosen.code
    return url_for(f"admin.{endpoint}", **values)
