"""Accounts: what administrators may do to them, within their reach; and that each act is one event."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from registry.errors import Conflict, Forbidden, NotFound, Refused
from registry.model.event import Actor
from registry.model.register import Level
from registry.model.role import Role
from registry.model.source import Protocol
from registry.services import accounts as service
from registry.services.accounts import NewAccount
from registry.store import accounts, events, sessions
from registry.store.engine import Engines
from tests.factories import Installation
from tests.integration.people import ROOT, account, everything, roles_of

R = Role
PROVINCE, CITY, ELSEWHERE = "330000", "330100", "420100"
PASSWORD = "a good long one"
ELSEWHERE_IS = "https://id.example|8d1f0c2e"


@pytest.fixture
def installation(engines: Engines) -> Installation:
    """A province over a city; a city elsewhere."""
    installation = Installation(engines)
    installation.register(PROVINCE, "浙江省", Level.PROVINCIAL)
    installation.register(CITY)
    installation.register(ELSEWHERE)
    installation.source("up", PROVINCE, "", CITY, Protocol.REGISTER)
    return installation


def acts_on(installation: Installation, name: str) -> list[str]:
    """What was done to an account, oldest first."""
    with installation.engines.read.connect() as connection:
        return [each.action for _, each in reversed(events.of_subject(connection, f"account:{name}"))]


def test_the_life_of_an_account_is_one_event_an_act(installation: Installation) -> None:
    engine, now = installation.engines.write, installation.clock()
    new = NewAccount("li.na", "李娜", "li@example.cn", password=PASSWORD)
    made = service.add_account(engine, new, role=R.APPROVER, register_code=CITY, actor=ROOT, now=now)
    assert (made.name, made.has_password, made.must_change, made.locked) == ("li.na", True, True, False)
    service.grant(engine, "li.na", R.VIEWER, None, actor=ROOT, now=now)
    service.revoke(engine, "li.na", R.APPROVER, CITY, actor=ROOT, now=now, reason="moved")
    assert service.set_locked(engine, "li.na", locked=True, actor=ROOT, now=now).locked
    assert not service.set_locked(engine, "li.na", locked=False, actor=ROOT, now=now).locked
    service.reset_password(engine, "li.na", "another good one", actor=ROOT, now=now)
    changed = service.change_profile(engine, "li.na", {"mails": False}, actor=ROOT, now=now)
    assert (changed.mails, changed.full_name) == (False, "李娜")
    assert roles_of(installation, Actor("li.na", "", made.id)) == {(R.VIEWER, "")}
    assert acts_on(installation, "li.na") == [
        "add", "grant", "revoke", "lock", "unlock", "reset-password", "change",
    ]  # fmt: skip


def test_the_hash_of_a_password_stands_in_no_event(installation: Installation) -> None:
    engine, now = installation.engines.write, installation.clock()
    service.add_account(engine, NewAccount("li.na", password=PASSWORD), actor=ROOT, now=now)
    assert "argon2" in str(everything(installation.engines)["accounts"])
    assert not any(word in str(everything(installation.engines)["events"]) for word in ("argon2", PASSWORD))


@pytest.mark.parametrize(
    ("new", "error"),
    [
        (NewAccount("cli:root"), Refused),
        (NewAccount("li", password="short"), Refused),
        (NewAccount("li", email="nobody"), Refused),
        (NewAccount("li", email="a@b.cn, c@d.cn"), Refused),
        (NewAccount("li", email="a@b.cn\nBcc: c@d.cn"), Refused),
        (NewAccount("wang"), Conflict),
        (NewAccount("li", subject="https://id.example|"), Refused),
        (NewAccount("li", subject="https://id.example|" + "x" * 256), Refused),
        (NewAccount("li", subject="https://id.example|a\nb"), Refused),
        (NewAccount("li", subject="https://id.example| a"), Refused),
        (NewAccount("li", subject="https://id.example|\u202ea"), Refused),
    ],
)
def test_what_cannot_be_meant_is_refused(
    installation: Installation, new: NewAccount, error: type[Exception]
) -> None:
    account(installation, "wang")
    before = everything(installation.engines)
    with pytest.raises(error):
        service.add_account(installation.engines.write, new, actor=ROOT, now=installation.clock())
    assert everything(installation.engines) == before


def test_roles_that_are_kept_apart_are_not_given_together(installation: Installation) -> None:
    engine, now = installation.engines.write, installation.clock()
    account(installation, "li", (R.APPROVER, CITY))
    for role in (R.ADMINISTRATOR, R.AUDITOR):
        with pytest.raises(Conflict):
            service.grant(engine, "li", role, ELSEWHERE, actor=ROOT, now=now)
    service.grant(engine, "li", R.OPERATOR, CITY, actor=ROOT, now=now)
    with pytest.raises(Conflict):
        service.grant(engine, "li", R.OPERATOR, CITY, actor=ROOT, now=now)
    with pytest.raises(Conflict):
        service.revoke(engine, "li", R.OPERATOR, PROVINCE, actor=ROOT, now=now)
    with pytest.raises(NotFound):
        service.grant(engine, "zhao", R.OPERATOR, CITY, actor=ROOT, now=now)


Managing = Callable[[Installation, Actor, str], object]

MANAGING: dict[str, Managing] = {
    "grant": lambda on, actor, name: service.grant(
        on.engines.write, name, R.VIEWER, CITY, actor=actor, now=on.clock()
    ),
    "revoke": lambda on, actor, name: service.revoke(
        on.engines.write, name, R.OPERATOR, CITY, actor=actor, now=on.clock()
    ),
    "lock": lambda on, actor, name: service.set_locked(
        on.engines.write, name, locked=True, actor=actor, now=on.clock()
    ),
    "password": lambda on, actor, name: service.reset_password(
        on.engines.write, name, PASSWORD, actor=actor, now=on.clock()
    ),
    "link": lambda on, actor, name: service.set_subject(
        on.engines.write, name, ELSEWHERE_IS, actor=actor, now=on.clock()
    ),
    "profile": lambda on, actor, name: service.change_profile(
        on.engines.write, name, {"email": "x@example.cn"}, actor=actor, now=on.clock()
    ),
}


@pytest.mark.parametrize("act", MANAGING)
@pytest.mark.parametrize(
    ("role", "place", "may"),
    [
        (R.ADMINISTRATOR, CITY, True),
        (R.ADMINISTRATOR, PROVINCE, True),
        (R.ADMINISTRATOR, None, True),
        (R.ADMINISTRATOR, ELSEWHERE, False),
        (R.APPROVER, None, False),
        (R.AUDITOR, None, False),
    ],
)
def test_administrators_manage_within_their_reach(
    installation: Installation, act: str, role: Role, place: str | None, may: bool
) -> None:
    account(installation, "clerk", (R.OPERATOR, CITY))
    actor = account(installation, "boss", (role, place))
    before = everything(installation.engines)
    if may:
        MANAGING[act](installation, actor, "clerk")
        assert len(everything(installation.engines)["events"]) == len(before["events"]) + 1
        return
    with pytest.raises(Forbidden):
        MANAGING[act](installation, actor, "clerk")
    assert everything(installation.engines) == before


@pytest.mark.parametrize("act", ["lock", "password", "profile", "link"])
def test_who_holds_roles_beyond_the_reach_is_not_managed(installation: Installation, act: str) -> None:
    """Else whoever administers a city could take over an account that administers all, by its password."""
    account(installation, "clerk", (R.OPERATOR, CITY), (R.VIEWER, ELSEWHERE))
    account(installation, "chief", (R.ADMINISTRATOR, None))
    actor = account(installation, "boss", (R.ADMINISTRATOR, CITY))
    for name in ("clerk", "chief"):
        with pytest.raises(Forbidden):
            MANAGING[act](installation, actor, name)


@pytest.mark.parametrize("act", ["grant", "revoke", "lock", "password", "link"])
def test_nobody_manages_its_own_account(installation: Installation, act: str) -> None:
    actor = account(installation, "boss", (R.ADMINISTRATOR, None))
    with pytest.raises(Forbidden):
        MANAGING[act](installation, actor, "boss")


def test_everybody_says_where_notifications_go(installation: Installation) -> None:
    actor = account(installation, "clerk")
    MANAGING["profile"](installation, actor, "clerk")
    with installation.engines.read.connect() as connection:
        assert accounts.get(connection, "clerk").email == "x@example.cn"
    with pytest.raises(Refused):
        service.change_profile(
            installation.engines.write, "clerk", {"locked": False}, actor=actor, now=installation.clock()
        )


def test_a_city_s_administrator_adds_accounts_for_its_city(installation: Installation) -> None:
    engine, now = installation.engines.write, installation.clock()
    actor = account(installation, "boss", (R.ADMINISTRATOR, CITY))
    service.add_account(engine, NewAccount("new"), role=R.OPERATOR, register_code=CITY, actor=actor, now=now)
    service.add_account(engine, NewAccount("bare"), actor=actor, now=now)
    for place in (PROVINCE, ELSEWHERE, None):
        with pytest.raises(Forbidden):
            service.add_account(
                engine, NewAccount("other"), role=R.OPERATOR, register_code=place, actor=actor, now=now
            )
    with pytest.raises(Forbidden):
        operator = account(installation, "op", (R.OPERATOR, None))
        service.add_account(engine, NewAccount("other"), actor=operator, now=now)


def test_linking_and_unlinking(installation: Installation) -> None:
    engine, now = installation.engines.write, installation.clock()
    service.add_account(engine, NewAccount("li.na", password=PASSWORD), actor=ROOT, now=now)
    with engine.begin() as connection:
        li = accounts.get(connection, "li.na")
        sessions.begin(connection, li.id, b"x", expires_at=now, address="", agent="", now=now)
    linked = service.set_subject(engine, "li.na", ELSEWHERE_IS, actor=ROOT, now=now)
    assert (linked.subject, linked.has_password, linked.must_change) == (ELSEWHERE_IS, False, False)
    with engine.begin() as connection:
        assert sessions.of_token(connection, b"x") is None
    with pytest.raises(Conflict):
        service.set_subject(engine, "li.na", ELSEWHERE_IS, actor=ROOT, now=now)
    service.add_account(engine, NewAccount("other"), actor=ROOT, now=now)
    with pytest.raises(Conflict, match="linked with another account"):
        service.set_subject(engine, "other", ELSEWHERE_IS, actor=ROOT, now=now)
    with pytest.raises(Conflict, match="linked with another account"):
        service.add_account(engine, NewAccount("third", subject=ELSEWHERE_IS), actor=ROOT, now=now)
    assert service.set_subject(engine, "li.na", "", actor=ROOT, now=now, reason="left").subject == ""
    assert service.set_subject(engine, "other", ELSEWHERE_IS, actor=ROOT, now=now).subject == ELSEWHERE_IS
    with pytest.raises(Conflict):
        service.set_subject(engine, "li.na", "", actor=ROOT, now=now)
    assert acts_on(installation, "li.na") == ["add", "link", "unlink"]
    with installation.engines.read.connect() as connection:
        (_, event), *_ = events.of_subject(connection, "account:li.na")
    assert (event.before, event.after, event.reason) == ({"subject": ELSEWHERE_IS}, {"subject": ""}, "left")


@pytest.mark.parametrize("drop", [False, True])
def test_a_password_of_one_s_own_stays_unless_it_is_taken(installation: Installation, drop: bool) -> None:
    engine, now = installation.engines.write, installation.clock()
    new = NewAccount("li.na", password=PASSWORD, must_change=False)
    service.add_account(engine, new, actor=ROOT, now=now)
    linked = service.set_subject(engine, "li.na", ELSEWHERE_IS, drop_password=drop, actor=ROOT, now=now)
    assert linked.has_password is not drop
