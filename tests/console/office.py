"""An office: registers above, below and beside one another, and an account for each role in each of these places.

``Office.client(name)`` is a browser in which that account is signed in, without the cost of a password.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.secrets import Keyring
from config.settings import Settings
from registry.model.event import Actor
from registry.model.lifecycle import SourceAction
from registry.model.order import OrderKind, OrderStatus
from registry.model.register import Level
from registry.model.role import Grant, Permission, Role
from registry.model.source import Protocol
from registry.services import inspecting, keys, notifying, registration
from registry.store import accounts as stored
from registry.store import events, notifications, registers, sessions
from registry.store.engine import transaction
from registry.web import create_app
from tests.console.found import PROBED
from tests.factories import APPROVER, Installation, live

PROVINCE, CITY, COUNTY, NEIGHBOUR = "330000", "330100", "330106", "330200"

PLACES: Mapping[str, str | None] = {
    "own": CITY,
    "above": PROVINCE,
    "below": COUNTY,
    "beside": NEIGHBOUR,
    "everywhere": None,
}
"""Where an account holds its role, seen from the city: the name of the place, and the register."""

REACHING = ("own", "above", "everywhere")
"""The places from which a role counts in the city."""

_CLI = Actor("cli:test")


def name_of(role: Role, place: str) -> str:
    """The account that holds ``role`` at ``place``."""
    return f"{role}-{place}"


STAFF = tuple((role, place, name_of(role, place)) for role in Role for place in PLACES)
NOBODY = "novice"
"""The account that holds no role."""


@dataclass
class Office:
    """The store, and the application over it. ``home``: where its keys lie."""

    installation: Installation
    home: Path
    run_id: int = 0
    key_id: int = 0
    order_id: int = 0
    _app: list[Flask] = field(default_factory=list)

    cli = _CLI
    """Who may do everything: the command line of the installation."""

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home)

    @property
    def app(self) -> Flask:
        """The application, made when it is first asked for."""
        if not self._app:
            keyring = Keyring(self.home / "secrets", {})
            made = create_app(self.settings, self.installation.engines, keyring, self.installation.clock)
            made.testing = True
            self._app.append(made)
        return self._app[0]

    def use(self, app: Flask) -> None:
        """Answer with another application over the same store."""
        self._app[:] = [app]

    def found(self) -> None:
        """Registers, a source with a published run in the city, accounts."""
        made = self.installation
        for code, name, level in (
            (PROVINCE, "浙江省目录", Level.PROVINCIAL),
            (CITY, "杭州市目录", Level.MUNICIPAL),
            (NEIGHBOUR, "宁波市目录", Level.MUNICIPAL),
            (COUNTY, "西湖区目录", Level.COUNTY),
        ):
            made.register(code, name, level)
        for above, below in ((PROVINCE, CITY), (PROVINCE, NEIGHBOUR), (CITY, COUNTY)):
            made.source(f"{above}-over-{below}", above, "", below, Protocol.REGISTER)
        self.add_source("hangzhou", CITY, "杭州市建委")
        self.run_id = made.deliver("hangzhou", [live(str(number)) for number in range(5)])
        self.order_id = self.look("hangzhou", OrderKind.PROBE, PROBED)
        self.hire()

    def look(self, code: str, kind: OrderKind, found: object) -> int:
        """A source that was looked at, with what was found; the number of the order."""
        made = self.installation
        order_id = inspecting.order_probe(
            made.engines.write, code, actor=self.cli, now=made.clock(), kind=kind
        )
        order = made.claims.claim(order_id)
        assert order is not None
        made.claims.finish(order, OrderStatus.DONE, msgspec.to_builtins(found))
        return order_id

    def add_source(self, code: str, register: str, name: str, *, approved: bool = True) -> None:
        """A source that the submitter of the city has added and submitted."""
        engine, now = self.installation.engines.write, self.installation.clock()
        submitter = Actor(name_of(Role.SUBMITTER, "own"))
        new = registration.NewSource(
            code, register, name, Protocol.OAI_PMH, f"http://{code}.example/oai", namespace="hangzhou.gov.cn"
        )
        registration.add_source(engine, new, actor=submitter, now=now)
        registration.act(engine, code, SourceAction.SUBMIT, actor=submitter, now=now)
        if approved:
            registration.act(engine, code, SourceAction.APPROVE, actor=APPROVER, now=now)

    def hire(self) -> None:
        """The accounts."""
        engine, now = self.installation.engines.write, self.installation.clock()
        with transaction(engine) as connection:
            known = {each.code: each.id for each in registers.listed(connection)}
            for role, place, name in (*STAFF, (None, "", NOBODY)):
                values = {"name": name, "full_name": f"{role} {place}" if role else "", "created_at": now}
                account_id = stored.add(connection, values)
                if role is not None:
                    code = PLACES[place]
                    grant = Grant(role, None if code is None else known[code])
                    stored.add_grant(connection, account_id, grant, _CLI.name, now)
        viewer = name_of(Role.VIEWER, "own")
        issued = keys.issue(
            engine, viewer, label="省平台", permissions=[Permission.READ_ENTRIES], register_code=CITY,
            lasting=timedelta(days=90), longest=timedelta(days=90), actor=_CLI, now=now,
        )  # fmt: skip
        self.key_id = issued.key.id

    def tell(self) -> None:
        """Let people be told what waits to be told."""
        engine, now = self.installation.engines.write, self.installation.clock()
        while notifying.tell(engine, holder="test", by_mail=False, now=now):
            pass

    def told(self, name: str) -> int:
        """The number of the newest notification of an account."""
        with self.installation.engines.read.connect() as connection:
            account = stored.get(connection, name)
            return notifications.listed(connection, account.id, limit=1)[0].id

    def token(self, name: str) -> str:
        """The token of a session that has just begun, of an account."""
        engines, now = self.installation.engines, self.installation.clock()
        token = f"session of {name}"
        digest = sha256(token.encode()).digest()
        with transaction(engines.write) as connection:
            if sessions.of_token(connection, digest) is None:
                account = stored.get(connection, name)
                limits = self.settings.session
                expires = now.replace(year=now.year + 1) if limits.longest_hours else now
                sessions.begin(
                    connection,
                    account.id,
                    digest,
                    expires_at=expires,
                    address="127.0.0.1",
                    agent="test",
                    now=now,
                )
        return token

    def cookie(self, name: str) -> str:
        """The value of the cookie of a browser in which ``name`` is signed in."""
        browser = self.client(name)
        kept = browser.client.get_cookie("mulu_session", path="/admin")
        assert kept is not None
        return kept.value

    def speak(self, name: str, language: str) -> None:
        """Let an account have this language."""
        with transaction(self.installation.engines.write) as connection:
            account = stored.get(connection, name)
            stored.change(connection, account.id, language=language)

    def client(self, name: str | None = None) -> Browser:
        """A browser; signed in where ``name`` is given."""
        browser = Browser(self.app.test_client())
        if name is not None:
            with browser.client.session_transaction(path="/admin/") as cookie:
                cookie["_user_id"] = self.token(name)
        return browser

    @property
    def event_id(self) -> int:
        """The number of an event that happened in the city."""
        with self.installation.engines.read.connect() as connection:
            wanted = events.Filter(subject="source:hangzhou")
            return events.listed(connection, wanted, limit=1)[0].id

    def events(self) -> int:
        """How many acts the book holds."""
        with self.installation.engines.read.connect() as connection:
            newest = events.listed(connection, events.Filter(), limit=1)
        return newest[0].id if newest else 0


@dataclass
class Browser:
    """A client that sends the token against forgery with what it posts, as a form would."""

    client: FlaskClient

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
        """Post a form."""
        return self.client.post(path, data={**(data or {}), "csrf_token": self.forgery_token()}, **options)

    def forgery_token(self) -> str:
        """The token that a form of this session carries."""
        page = self.client.get("/admin/me/password")
        if page.status_code != 200:
            page = self.client.get("/admin/sign-in")
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert found is not None, page.text
        return found.group(1)
