"""The approver's dossier in the console: above the form that approves, and as a page of its own."""

from __future__ import annotations

from dataclasses import replace

from registry.model.inspection import Overlap, Place, Proved, SameAs
from registry.model.issue import Text
from registry.model.order import OrderKind
from registry.model.proof import word_of
from registry.model.role import Role
from registry.services import registration
from registry.store import events, orders, sources
from registry.store.orders import Placed
from registry.store.sources import Source
from tests.console.found import PROVED, TRIED
from tests.console.office import CITY, Office, name_of

SUBMITTER, OPERATOR = name_of(Role.SUBMITTER, "own"), name_of(Role.OPERATOR, "own")
APPROVER, AUDITOR = name_of(Role.APPROVER, "own"), name_of(Role.AUDITOR, "own")
PAGE, FORM = "/admin/sources/asks/dossier", "/admin/sources/asks/approve"


def asked(office: Office) -> Source:
    """A source that waits for approval."""
    office.add_source("asks", CITY, "待审核来源", approved=False)
    with office.installation.engines.read.connect() as connection:
        return sources.get(connection, "asks")


def ordered(office: Office, kind: OrderKind) -> Placed:
    """The last order of a kind on that source."""
    with office.installation.engines.read.connect() as connection:
        event = events.latest(connection, "source:asks", str(kind))
        order = orders.placed(connection, event.after["order"]) if event else None
    assert order is not None
    return order


def test_an_approver_reads_the_dossier_above_the_form(office: Office) -> None:
    asked(office)
    empty = office.client(APPROVER).get(FORM).text
    assert "尚未比对" in empty and 'action="/admin/sources/asks/trial"' in empty
    office.look("asks", OrderKind.TRIAL, TRIED)
    office.look("asks", OrderKind.PROVE, PROVED)
    page = office.client(APPROVER).get(FORM).text
    for each in ("18,310", "只比对了前 20,000 条", "杭建罚〔2024〕12号", "2405-330106-04-01-123456", "division-unknown",
                 "/admin/sources/hangzhou", "未核验", "10 倍", "203.0.113.8"):  # fmt: skip
        assert each in page, each
    assert page.index("试采比对") < page.index('name="seen"')


def test_a_trial_and_a_proof_are_ordered_and_waited_for(office: Office) -> None:
    asked(office)
    browser = office.client(SUBMITTER)
    for act, kind in (("trial", OrderKind.TRIAL), ("prove", OrderKind.PROVE)):
        answer = browser.post(f"/admin/sources/asks/{act}")
        assert (answer.status_code, answer.location) == (303, PAGE)
        order = ordered(office, kind)
        page = browser.get(PAGE).text
        assert f'data-progress="/admin/probes/{order.id}/progress"' in page
        assert f'action="/admin/sources/asks/{act}"' not in page, "it is under way"
        assert browser.get(f"/admin/probes/{order.id}/progress").json == {
            "status": "waiting", "label": "等待中", "ended": False,
        }  # fmt: skip
        assert browser.get(f"/admin/probes/{order.id}").location == PAGE


def test_what_was_found_before_a_change_does_not_count(office: Office) -> None:
    stated = asked(office).description
    office.look("asks", OrderKind.TRIAL, TRIED)
    office.look("asks", OrderKind.PROVE, Proved(word_of(stated), Place.WELL_KNOWN, "http://asks.example/x"))
    before = office.client(APPROVER).get(PAGE).text
    assert "已核验" in before and "之后来源有了改动" not in before
    engine, now = office.installation.engines.write, office.installation.clock()
    elsewhere = {"location": "http://other.example/oai"}
    registration.amend_source(engine, "asks", elsewhere, actor=office.cli, now=now)
    after = office.client(APPROVER).get(PAGE).text
    assert after.count("之后来源有了改动") == 2 and "已核验" not in after


def test_only_an_approver_has_secrets_used_that_nobody_has_approved(office: Office) -> None:
    asked(office)
    engine, now = office.installation.engines.write, office.installation.clock()
    stated = {"credentials": "file:token", "allowed_networks": ("10.0.0.0/8",)}
    registration.amend_source(engine, "asks", stated, actor=office.cli, now=now)
    assert 'name="trusting"' in office.client(APPROVER).get(PAGE).text
    assert 'name="trusting"' not in office.client(OPERATOR).get(PAGE).text
    for account, credentials in ((OPERATOR, ""), (APPROVER, "file:token")):
        office.client(account).post("/admin/sources/asks/trial", {"trusting": "yes"})
        order = ordered(office, OrderKind.TRIAL)
        assert order.source is not None and order.source.credentials == credentials


def test_whoever_only_reads_orders_nothing(office: Office) -> None:
    asked(office)
    browser = office.client(AUDITOR)
    page = browser.get(PAGE)
    assert page.status_code == 200 and "/admin/sources/asks/trial" not in page.text
    assert browser.post("/admin/sources/asks/trial").status_code == 403


def test_what_strangers_wrote_is_shown_as_it_is(office: Office) -> None:
    asked(office)
    hostile = "<script>alert(1)</script>\u202e'\""
    found = replace(
        TRIED,
        overlaps=(Overlap("hangzhou", 1, hostile),),
        same=(SameAs("document", hostile, hostile, hostile, hostile, hostile),),
        holds=(Text(hostile, hostile),),
    )
    office.look("asks", OrderKind.TRIAL, found)
    office.look("asks", OrderKind.PROVE, Proved(hostile, Place.IDENTIFY, f"http://x/{hostile}"))
    for path in (PAGE, FORM):
        page = office.client(APPROVER).get(path).text
        assert "<script>alert" not in page and "\u202e" not in page and "\\u202e" in page
