"""API keys: what they open, for whom they can be issued, and the peers that they make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from registry.errors import Conflict, Forbidden, NotFound, Refused
from registry.model.event import Actor
from registry.model.register import Level
from registry.model.role import Permission, Role
from registry.model.source import Protocol
from registry.services import accounts as service
from registry.services import keys
from registry.services.keys import Issued
from registry.store import events
from registry.store.engine import Engines
from tests.factories import Installation, catalogue_document, deleted, identifier_of, live
from tests.integration.people import ROOT, account, everything
from tests.integration.repository import application, read

R, P = Role, Permission
PROVINCE, CITY, ELSEWHERE = "330000", "330100", "420100"
LONGEST = timedelta(days=366)
INSTANT = timedelta(microseconds=1)
SHARED = identifier_of("2")


@pytest.fixture
def installation(engines: Engines) -> Installation:
    """A province over a city, whose entries are public, shared on conditions, not shared; a city elsewhere."""
    installation = Installation(engines)
    installation.register(PROVINCE, "浙江省", Level.PROVINCIAL)
    for code in (CITY, ELSEWHERE):
        records = [live(key, catalogue_document(key, sharing=key)) for key in "123"]
        installation.deliver(installation.register_with_source(code), records)
    installation.source("up", PROVINCE, "", CITY, Protocol.REGISTER)
    installation.read_upward("up")
    return installation


def issue(
    on: Installation,
    name: str = "bureau",
    *permissions: Permission,
    place: str | None = None,
    actor: Actor = ROOT,
    days: float = 90,
) -> Issued:
    return keys.issue(
        on.engines.write, name, label="harvester", permissions=permissions or (P.READ_ENTRIES,),
        register_code=place, lasting=timedelta(days=days), longest=LONGEST, actor=actor, now=on.clock(),
    )  # fmt: skip


def whose(on: Installation, secret: str) -> Actor | None:
    return keys.actor_of(on.engines, secret, address="10.0.0.1", now=on.clock())


def test_a_key_speaks_for_its_account_until_it_runs_out(installation: Installation) -> None:
    bureau = account(installation, "bureau", (R.VIEWER, CITY))
    issued = issue(installation, place=CITY)
    actor = whose(installation, issued.secret)
    assert actor is not None and actor.limits is not None
    assert (actor.name, actor.account, actor.address) == (
        "bureau",
        bureau.account,
        f"key:{issued.key.id} 10.0.0.1",
    )
    assert actor.limits.permissions == {P.READ_ENTRIES}
    installation.clock.now = issued.key.expires_at - INSTANT
    assert whose(installation, issued.secret) is not None
    installation.clock.now = issued.key.expires_at
    assert whose(installation, issued.secret) is None


def test_the_secret_is_shown_once(installation: Installation) -> None:
    account(installation, "bureau")
    issued = issue(installation)
    assert issued.secret not in str(everything(installation.engines))
    for other in ("", "mulu_", issued.secret[:-1], issued.secret.removeprefix("mulu_")):
        assert whose(installation, other) is None


def test_a_revoked_key_and_one_of_a_locked_account_open_nothing(installation: Installation) -> None:
    account(installation, "bureau")
    first, second = issue(installation), issue(installation)
    engine, now = installation.engines.write, installation.clock()
    keys.revoke(engine, first.key.id, actor=ROOT, now=now)
    assert whose(installation, first.secret) is None
    assert whose(installation, second.secret) is not None
    with pytest.raises(Conflict):
        keys.revoke(engine, first.key.id, actor=ROOT, now=now)
    with pytest.raises(NotFound):
        keys.revoke(engine, 99, actor=ROOT, now=now)
    service.set_locked(engine, "bureau", locked=True, actor=ROOT, now=now)
    assert whose(installation, second.secret) is None
    with installation.engines.read.connect() as connection:
        acts = [each.action for _, each in events.of_subject(connection, "account:bureau")]
    assert acts == ["lock", "revoke-key", "issue-key", "issue-key", "add"]


@pytest.mark.parametrize(
    ("days", "good"), [(366, True), (366.0001, False), (0, False), (-1, False), (0.0001, True)]
)
def test_how_long_a_key_may_last(installation: Installation, days: float, good: bool) -> None:
    account(installation, "bureau")
    if good:
        issue(installation, days=days)
        return
    with pytest.raises(Refused):
        issue(installation, days=days)


def test_a_key_needs_a_permission(installation: Installation) -> None:
    account(installation, "bureau")
    with pytest.raises(Refused):
        keys.issue(
            installation.engines.write, "bureau", label="", permissions=(), register_code=None,
            lasting=LONGEST, longest=LONGEST, actor=ROOT, now=installation.clock(),
        )  # fmt: skip


def test_who_issues_keys_for_whom(installation: Installation) -> None:
    bureau = account(installation, "bureau", (R.OPERATOR, CITY))
    boss = account(installation, "boss", (R.ADMINISTRATOR, CITY))
    issue(installation, "bureau", P.HARVEST, actor=bureau)
    issue(installation, "bureau", P.READ_ENTRIES, P.READ_RUNS, place=CITY, actor=boss)
    refused: list[tuple[Actor, tuple[Permission, ...], str | None]] = [
        (boss, (P.HARVEST,), CITY),  # else it could act by somebody else's key
        (boss, (P.READ_ENTRIES,), None),
        (boss, (P.READ_ENTRIES,), ELSEWHERE),
        (account(installation, "zhang", (R.OPERATOR, CITY)), (P.READ_ENTRIES,), CITY),
    ]
    issued = issue(installation, "bureau", P.HARVEST, P.GRANT, actor=bureau)
    by_key = whose(installation, issued.secret)
    assert by_key is not None
    refused.append((by_key, (P.HARVEST,), CITY))  # a key that leaks begets no other
    for actor, permissions, place in refused:
        with pytest.raises(Forbidden):
            issue(installation, "bureau", *permissions, place=place, actor=actor)
    with pytest.raises(Forbidden):
        keys.revoke(installation.engines.write, issued.key.id, actor=by_key, now=installation.clock())
    keys.revoke(installation.engines.write, issued.key.id, actor=bureau, now=installation.clock())


@pytest.fixture
def client(installation: Installation, tmp_path: Path) -> FlaskClient:
    return application(installation, tmp_path).test_client()


Asking = Callable[[str, str], set[str]]


@pytest.fixture
def shown(client: FlaskClient) -> Asking:
    """The identifiers that a register shows to whoever comes with a key (empty: without one)."""

    def ask(register: str, secret: str) -> set[str]:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        url = f"/oai/{register}?verb=ListRecords&metadataPrefix=oai_dc"
        answer = client.get(url, headers=headers)
        assert answer.status_code == 200
        assert "Authorization" in answer.headers["Vary"]
        return {each.identifier for each in read(answer.data).entries if each.metadata}

    return ask


def test_a_peer_is_shown_what_is_shared_on_conditions(installation: Installation, shown: Asking) -> None:
    account(installation, "bureau", (R.VIEWER, PROVINCE))
    secret = issue(installation, place=PROVINCE).secret
    for register in (PROVINCE, CITY):
        assert shown(register, "") == {identifier_of("1")}
        assert shown(register, secret) == {identifier_of("1"), SHARED}


@pytest.mark.parametrize("case", ["elsewhere", "above", "key elsewhere", "other permission", "no role"])
def test_where_a_key_makes_no_peer_it_is_told_so(
    installation: Installation, client: FlaskClient, case: str
) -> None:
    roles = {"elsewhere": (R.VIEWER, ELSEWHERE), "no role": None}.get(case, (R.VIEWER, CITY))
    account(installation, "bureau", *([roles] if roles else []))
    permission = P.READ_RUNS if case == "other permission" else P.READ_ENTRIES
    secret = issue(
        installation, "bureau", permission, place=ELSEWHERE if case == "key elsewhere" else None
    ).secret
    register = PROVINCE if case == "above" else CITY
    answer = client.get(f"/oai/{register}?verb=Identify", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 403
    assert SHARED not in answer.text


@pytest.mark.parametrize("header", ["Bearer mulu_guess", "Bearer", "Basic bGk6cGFzc3dvcmQ=", "nonsense"])
def test_a_key_that_opens_nothing_is_no_key(client: FlaskClient, header: str) -> None:
    answer = client.get(f"/oai/{CITY}?verb=Identify", headers={"Authorization": header})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="mulu"')


def test_a_peer_learns_of_a_deletion_and_keeps_its_token_to_itself(
    installation: Installation, client: FlaskClient, shown: Asking
) -> None:
    account(installation, "bureau", (R.VIEWER, CITY))
    secret = issue(installation).secret
    more = [live(str(key), catalogue_document(str(key), sharing="2")) for key in range(4, 9)]
    installation.deliver(f"{CITY}-source", more)
    first = client.get(
        f"/oai/{CITY}?verb=ListRecords&metadataPrefix=oai_dc", headers={"Authorization": f"Bearer {secret}"}
    )
    token = read(first.data).token
    assert token
    again = client.get(f"/oai/{CITY}?verb=ListRecords&resumptionToken={token}")
    assert read(again.data).errors == ("badResumptionToken",)
    installation.deliver(f"{CITY}-source", [deleted("2")])
    assert SHARED not in shown(CITY, secret)
    told = client.get(
        f"/oai/{CITY}?verb=GetRecord&metadataPrefix=oai_dc&identifier={SHARED}",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert read(told.data).entries[0].deleted
    hidden = client.get(f"/oai/{CITY}?verb=GetRecord&metadataPrefix=oai_dc&identifier={SHARED}")
    assert read(hidden.data).errors == ("idDoesNotExist",)
