"""Every act asks what its actor may do, on its own register, beneath, above and beside; a refusal leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from registry.errors import Forbidden, RegistryError
from registry.model.account import Limits
from registry.model.contact import ContactKind, ContactPerson
from registry.model.event import Actor
from registry.model.lifecycle import SourceAction
from registry.model.register import Level
from registry.model.role import PERMISSIONS, Permission, Role
from registry.model.source import Protocol
from registry.services import access, accounts, contacts, inspecting, ordering, registration, reviewing
from registry.store import events, hierarchy
from registry.store.engine import Engines
from tests.factories import APPROVER, SUBMITTER, Installation
from tests.integration.people import ROOT, account, everything

P, R = Permission, Role
NATION, PROVINCE, CITY, OTHER = "000000", "330000", "330100", "330200"


@pytest.fixture
def installation(engines: Engines) -> Installation:
    """A nation over a province over two cities; ``hz`` is the source of one of them, which ``li`` submitted."""
    installation = Installation(engines)
    for code, level in ((NATION, Level.NATIONAL), (PROVINCE, Level.PROVINCIAL), (CITY, Level.MUNICIPAL),
                        (OTHER, Level.MUNICIPAL)):  # fmt: skip
        installation.register(code, code, level)
    for above, below in ((NATION, PROVINCE), (PROVINCE, CITY), (PROVINCE, OTHER)):
        installation.source(f"{above}-{below}", above, "", below, Protocol.REGISTER)
    installation.source("hz", CITY, protocol=Protocol.OAI_PMH)
    return installation


Act = Callable[[Installation, Actor], Any]


def _step(action: SourceAction) -> Act:
    def take(on: Installation, actor: Actor) -> Any:
        return registration.act(on.engines.write, "hz", action, actor=actor, now=on.clock(), reason="so")

    return take


def _engine_act(function: Callable[..., Any], *arguments: Any, **named: Any) -> Act:
    def take(on: Installation, actor: Actor) -> Any:
        return function(on.engines.write, *arguments, actor=actor, now=on.clock(), **named)

    return take


ACTS: dict[Permission, Act] = {
    P.ADD_SOURCE: _engine_act(
        registration.add_source,
        registration.NewSource("new", CITY, "n", Protocol.OAI_PMH, "http://n.example/oai"),
    ),
    P.AMEND_SOURCE: _engine_act(registration.amend_source, "hz", {"name": "other"}),
    P.PROBE_SOURCE: _engine_act(inspecting.order_probe, "hz"),
    P.NOTE_CONTACT: _engine_act(contacts.note, "hz", ContactKind.CALL, "called"),
    P.HARVEST: _engine_act(ordering.order_harvest, "hz", full=False),
    P.SUSPEND: _step(SourceAction.SUSPEND),
    P.RETIRE: _step(SourceAction.RETIRE),
    P.LIFT: _engine_act(reviewing.lift, "hz", "oai:x:1"),
}
"""Acts that the source allows as it stands; those that need another state are below."""


def outcome(on: Installation, act: Act, actor: Actor) -> str:
    """``done``, or how it was refused; whatever is refused leaves the store as it was."""
    before = everything(on.engines)
    try:
        act(on, actor)
    except RegistryError as error:
        assert everything(on.engines) == before
        return type(error).__name__
    return "done"


@pytest.mark.parametrize("permission", ACTS)
@pytest.mark.parametrize("place", [CITY, PROVINCE, NATION, OTHER, None])
def test_a_role_allows_what_the_table_says_where_the_hierarchy_says(
    installation: Installation, permission: Permission, place: str | None
) -> None:
    act = ACTS[permission]
    rule = PERMISSIONS[permission]
    for role in [each for each in Role if each not in rule.roles]:
        wrong = account(installation, f"no-{role}", (role, place))
        assert outcome(installation, act, wrong) == "Forbidden", role
    nobody = account(installation, "nobody")
    assert outcome(installation, act, nobody) == "Forbidden"
    right = account(installation, "right", *((role, place) for role in rule.roles))
    reaches = place != OTHER and bool(rule.roles)
    assert outcome(installation, act, right) == ("done" if reaches else "Forbidden")


@pytest.mark.parametrize("permission", [P.AMEND_SOURCE, P.PROBE_SOURCE, P.NOTE_CONTACT])
def test_a_submitter_acts_on_what_it_registered(installation: Installation, permission: Permission) -> None:
    own = account(installation, SUBMITTER.name, (R.SUBMITTER, CITY))
    elsewhere = account(installation, "zhang", (R.SUBMITTER, CITY))
    assert outcome(installation, ACTS[permission], elsewhere) == "Forbidden"
    assert outcome(installation, ACTS[permission], own) == "done"


def test_a_refusal_says_what_would_help(installation: Installation) -> None:
    """Not the role that one has already, where that counts for one's own sources only."""

    def refusal(permission: Permission, actor: Actor) -> RegistryError:
        with pytest.raises(Forbidden) as refused:
            ACTS[permission](installation, actor)
        return refused.value

    other = account(installation, "zhao", (R.SUBMITTER, CITY))
    told = refusal(P.AMEND_SOURCE, other).text
    assert told.en == (
        "zhao may not amend sources on the register 330100. As submitter one may with sources of one's own only, and hz"
        " is none of zhao's."
    )
    assert (
        told.zh
        == "zhao 在登记册 330100 上无权修改数据源。提交员只能处理自己登记或提交的数据源，而 hz 不是 zhao 的。"
    )
    assert refusal(P.HARVEST, other).text.en.endswith("An administrator can grant a role that may: operator.")
    told = refusal(P.AMEND_SOURCE, account(installation, "li", (R.VIEWER, CITY))).text
    assert told.en.endswith("An administrator can grant a role that may: submitter.")


def test_nobody_with_an_account_decides_about_what_it_submitted(installation: Installation) -> None:
    own = account(installation, SUBMITTER.name, (R.APPROVER, CITY), (R.SUBMITTER, CITY))
    assert outcome(installation, ACTS[P.RETIRE], own) == "Forbidden"
    assert outcome(installation, ACTS[P.LIFT], own) == "Forbidden"
    ACTS[P.RETIRE](installation, account(installation, "wang", (R.APPROVER, CITY)))


def test_approving_takes_the_role_and_another_person(installation: Installation) -> None:
    submitter = account(installation, "sun", (R.SUBMITTER, CITY), (R.APPROVER, CITY))
    ACTS[P.ADD_SOURCE](installation, submitter)

    def step(action: SourceAction, actor: Actor) -> str:
        return outcome(installation, _engine_act(registration.act, "new", action, reason="so"), actor)

    assert step(SourceAction.SUBMIT, account(installation, "qian", (R.SUBMITTER, CITY))) == "Forbidden"
    assert step(SourceAction.SUBMIT, submitter) == "done"
    for action in (SourceAction.APPROVE, SourceAction.REJECT):
        assert step(action, submitter) == "Forbidden"
    assert step(SourceAction.APPROVE, account(installation, "op", (R.OPERATOR, CITY))) == "Forbidden"
    assert step(SourceAction.APPROVE, account(installation, "wu", (R.APPROVER, PROVINCE))) == "done"


def test_a_role_that_was_taken_counts_no_more(installation: Installation) -> None:
    operator = account(installation, "op", (R.OPERATOR, PROVINCE))
    ACTS[P.HARVEST](installation, operator)
    engine, now = installation.engines.write, installation.clock()
    accounts.revoke(engine, "op", R.OPERATOR, PROVINCE, actor=ROOT, now=now)
    assert outcome(installation, ACTS[P.HARVEST], operator) == "Forbidden"
    accounts.grant(engine, "op", R.OPERATOR, PROVINCE, actor=ROOT, now=now)
    accounts.set_locked(engine, "op", locked=True, actor=ROOT, now=now)
    assert outcome(installation, ACTS[P.HARVEST], operator) == "Forbidden"


def test_whoever_reads_a_register_does_not_come_above_it_unasked(installation: Installation) -> None:
    """The county's approver approves that the county reads the province: it gains nothing over the province. And
    who lets a register read another one must be allowed to act on both."""
    engine, now = installation.engines.write, installation.clock()
    installation.register("330102", "上城区", Level.COUNTY)
    for code, register, location in (("up", "330102", PROVINCE), ("side", OTHER, CITY)):
        new = registration.NewSource(code, register, code, Protocol.REGISTER, location)
        registration.add_source(engine, new, actor=SUBMITTER, now=now)
        registration.act(engine, code, SourceAction.SUBMIT, actor=SUBMITTER, now=now)
    county = account(installation, "county", (R.APPROVER, "330102"), (R.OPERATOR, "330102"))
    with pytest.raises(Forbidden):
        registration.act(engine, "up", SourceAction.APPROVE, actor=county, now=now)
    for code in ("up", "side"):
        registration.act(engine, code, SourceAction.APPROVE, actor=APPROVER, now=now)
    with installation.engines.read.connect() as connection:
        county_id, city_id = (installation.read(code).id for code in ("330102", CITY))
        assert county_id not in hierarchy.above(connection, installation.read(PROVINCE).id)
        assert installation.read(OTHER).id not in hierarchy.above(connection, city_id)
    assert outcome(installation, ACTS[P.SUSPEND], county) == "Forbidden"


def test_suspending_the_reading_does_not_end_the_authority_retiring_it_does(
    installation: Installation,
) -> None:
    engine, now = installation.engines.write, installation.clock()
    operator = account(installation, "op", (R.OPERATOR, PROVINCE))
    tie = f"{PROVINCE}-{CITY}"
    registration.act(engine, tie, SourceAction.SUSPEND, actor=ROOT, now=now, reason="so")
    assert outcome(installation, ACTS[P.HARVEST], operator) == "done"
    registration.act(engine, tie, SourceAction.RETIRE, actor=APPROVER, now=now, reason="so")
    assert outcome(installation, ACTS[P.HARVEST], operator) == "Forbidden"


def test_a_key_narrows_what_its_account_may_do(installation: Installation) -> None:
    operator = account(installation, "op", (R.OPERATOR, PROVINCE))
    city, other = installation.read(CITY).id, installation.read(OTHER).id
    here = replace(operator, limits=Limits(frozenset({P.HARVEST}), city))
    assert outcome(installation, ACTS[P.SUSPEND], here) == "Forbidden"
    elsewhere = replace(operator, limits=Limits(frozenset({P.HARVEST}), other))
    assert outcome(installation, ACTS[P.HARVEST], elsewhere) == "Forbidden"
    wide = replace(operator, limits=Limits(frozenset({P.HARVEST}), installation.read(PROVINCE).id))
    assert outcome(installation, ACTS[P.HARVEST], wide) == "done"
    assert outcome(installation, ACTS[P.HARVEST], here) == "done"
    more = replace(operator, limits=Limits(frozenset({P.RETIRE}), None))
    assert outcome(installation, ACTS[P.RETIRE], more) == "Forbidden"


def test_what_a_list_may_show(installation: Installation) -> None:
    nation, province, city, other = (installation.read(code).id for code in (NATION, PROVINCE, CITY, OTHER))
    auditor = account(installation, "audit", (R.AUDITOR, PROVINCE))
    everywhere = account(installation, "all", (R.AUDITOR, None))
    with installation.engines.read.connect() as connection:
        assert access.reach(connection, auditor, P.READ_AUDIT) == frozenset({province, city, other})
        assert access.reach(connection, auditor, P.GRANT) == frozenset()
        assert access.reach(connection, everywhere, P.READ_AUDIT) is None
        assert access.reach(connection, ROOT, P.GRANT) is None
        narrowed = replace(everywhere, limits=Limits(frozenset({P.READ_AUDIT}), city))
        assert access.reach(connection, narrowed, P.READ_AUDIT) == frozenset({city})
        within = access.reach(connection, auditor, P.READ_AUDIT)
        told = events.listed(connection, events.Filter(registers=within), limit=1000)
    assert nation not in {each.event.register_id for each in told}
    assert {each.event.register_id for each in told} == {province, city, other}


def test_only_who_may_everywhere_makes_registers(installation: Installation) -> None:
    make = _engine_act(
        registration.create_register, code="410000", name="h", level=Level.PROVINCIAL, division="410000"
    )
    assert (
        outcome(installation, make, account(installation, "a1", (R.ADMINISTRATOR, PROVINCE))) == "Forbidden"
    )
    assert outcome(installation, make, account(installation, "b1", (R.ADMINISTRATOR, None))) == "done"


def test_whoever_answers_for_a_source_is_no_part_of_its_approval(installation: Installation) -> None:
    engine, now = installation.engines.write, installation.clock()
    person = ContactPerson("王芳", "0571-12345678", "wang@example.cn", "杭州市城乡建设委员会")
    own = account(installation, SUBMITTER.name, (R.SUBMITTER, CITY))
    changed = contacts.set_person(engine, "hz", person, actor=own, now=now)
    assert changed.contact == person
    assert (changed.status, changed.approved_fingerprint) == ("approved", changed.description.fingerprint)
    with installation.engines.read.connect() as connection:
        _, event = events.of_subject(connection, "source:hz", limit=1)[0]
    assert event.after == {"changed": ["body", "email", "name", "phone"]}, "the book keeps no numbers"
