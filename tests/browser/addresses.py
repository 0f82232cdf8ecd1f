"""The pages of the console that are looked at in a browser: who opens them, and where. A new page gets a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from registry.model.delivery import Origin
from registry.model.role import Role
from registry.store import deliveries, log, registers, sources
from tests.console.desk import DESK
from tests.console.office import CITY, NOBODY, Office, name_of
from tests.factories import identifier_of

ADMINISTRATOR = name_of(Role.ADMINISTRATOR, "everywhere")
AUDITOR = name_of(Role.AUDITOR, "everywhere")
APPROVER = name_of(Role.APPROVER, "above")
OPERATOR = name_of(Role.OPERATOR, "own")
VIEWER = name_of(Role.VIEWER, "own")
SUBMITTER = name_of(Role.SUBMITTER, "own")


class Address(NamedTuple):
    """A page: the account that opens it (None: nobody is signed in), and the path, which may depend on the office."""

    account: str | None
    path: str | Callable[[Office], str]
    status: int = 200

    def at(self, office: Office) -> str:
        """The path."""
        return self.path if isinstance(self.path, str) else self.path(office)


def version_of(office: Office, key: str) -> str:
    """The address of the newest version of an entry of the city."""
    with office.installation.engines.read.connect() as connection:
        register = registers.get(connection, CITY)
        version = log.entry(connection, register.id, identifier_of(key), mark=register.mark)
    assert version is not None
    return (
        f"/admin/registers/{CITY}/entry/version?identifier={identifier_of(key)}&sequence={version.sequence}"
    )


def delivery(office: Office, origin: Origin) -> str:
    """The address of the newest delivery that came to be so."""
    with office.installation.engines.read.connect() as connection:
        found = deliveries.of_source(connection, sources.get(connection, DESK).id, before=None, limit=10)
    return f"/admin/deliveries/{next(each.id for each in found if each.origin is origin)}"


ADDRESSES: tuple[Address, ...] = (
    Address(None, "/admin/sign-in"),
    Address(None, "/admin/sign-in/provider/back", 403),
    Address(APPROVER, "/admin/"),
    Address(NOBODY, "/admin/"),
    Address(APPROVER, "/admin/inbox"),
    Address(name_of(Role.APPROVER, "own"), "/admin/inbox"),
    Address(OPERATOR, "/admin/me"),
    Address(OPERATOR, "/admin/me/password"),
    Address(ADMINISTRATOR, "/admin/accounts"),
    Address(ADMINISTRATOR, "/admin/accounts?name=nobody-has-this-name"),
    Address(ADMINISTRATOR, "/admin/accounts/new"),
    Address(ADMINISTRATOR, f"/admin/accounts/{SUBMITTER}"),
    Address(AUDITOR, f"/admin/accounts/{VIEWER}"),
    Address(ADMINISTRATOR, f"/admin/accounts/{SUBMITTER}/lock"),
    Address(ADMINISTRATOR, f"/admin/accounts/{SUBMITTER}/unlock"),
    Address(ADMINISTRATOR, f"/admin/accounts/{SUBMITTER}/password"),
    Address(ADMINISTRATOR, f"/admin/accounts/{SUBMITTER}/link"),
    Address(ADMINISTRATOR, f"/admin/accounts/{SUBMITTER}/unlink"),
    Address(ADMINISTRATOR, f"/admin/accounts/{SUBMITTER}/roles/revoke?role=submitter&on=330100"),
    Address(ADMINISTRATOR, f"/admin/accounts/{VIEWER}/keys/new"),
    Address(ADMINISTRATOR, "/admin/keys"),
    Address(ADMINISTRATOR, lambda office: f"/admin/keys/{office.key_id}/revoke"),
    Address(VIEWER, "/admin/me/keys"),
    Address(VIEWER, "/admin/me/keys/new"),
    Address(VIEWER, lambda office: f"/admin/me/keys/{office.key_id}/revoke"),
    Address(AUDITOR, "/admin/acts"),
    Address(AUDITOR, "/admin/acts?actor=nobody"),
    Address(AUDITOR, lambda office: f"/admin/acts/{office.event_id}"),
    Address(AUDITOR, "/admin/acts/seals?examine=1"),
    Address(OPERATOR, "/admin/sources"),
    Address(APPROVER, "/admin/sources?text=nothing-is-called-so"),
    Address(OPERATOR, "/admin/sources/hangzhou"),
    Address(SUBMITTER, "/admin/sources/yuhang"),
    Address(APPROVER, "/admin/sources/xihu"),
    Address(AUDITOR, "/admin/sources/ningbo"),
    Address(APPROVER, "/admin/registers"),
    Address(VIEWER, "/admin/registers?level=county"),
    Address(APPROVER, "/admin/registers/330100"),
    Address(VIEWER, "/admin/registers/330106"),
    Address(APPROVER, "/admin/registers/330100/entries"),
    Address(VIEWER, "/admin/registers/330100/entries?division=division:330000&catalogue=catalogue:project"),
    Address(VIEWER, "/admin/registers/330100/entries?text=城北"),
    Address(VIEWER, "/admin/registers/330100/entries?text=nothing-of-this"),
    Address(APPROVER, "/admin/registers/330100/entries?state=deleted"),
    Address(APPROVER, f"/admin/registers/330100/entry?identifier={identifier_of('1')}"),
    Address(VIEWER, f"/admin/registers/330100/entry?identifier={identifier_of('1')}"),
    Address(APPROVER, lambda office: version_of(office, "1")),
    Address(APPROVER, "/admin/registers/330100/entry?identifier=oai:nobody:1", 404),
    Address(APPROVER, f"/admin/registers/330100/entry?identifier={identifier_of('30')}"),
    Address(APPROVER, f"/admin/registers/330100/entry?identifier={identifier_of('31')}"),
    Address(APPROVER, f"/admin/registers/330100/entry/pin?source=hangzhou&identifier={identifier_of('30')}"),
    Address(APPROVER, f"/admin/registers/330100/entry/unpin?identifier={identifier_of('30')}"),
    Address(APPROVER, f"/admin/registers/330100/entry/erase?identifier={identifier_of('30')}"),
    Address(APPROVER, f"/admin/registers/330100/entry/erase?identifier={identifier_of('31')}"),
    Address(AUDITOR, f"/admin/registers/330100/entry/raw?source=hangzhou&identifier={identifier_of('30')}"),
    Address(OPERATOR, lambda office: f"/admin/runs/{office.run_id}/raw?issue=1"),
    Address(SUBMITTER, "/admin/new-source"),
    Address(SUBMITTER, "/admin/sources/hangzhou/amend"),
    Address(SUBMITTER, "/admin/sources/hangzhou/person"),
    Address(SUBMITTER, lambda office: f"/admin/probes/{office.order_id}"),
    Address(OPERATOR, "/admin/sources/xihu/dossier"),
    Address(SUBMITTER, "/admin/sources/yuhang/dossier"),
    Address(SUBMITTER, "/admin/sources/yuhang/submit"),
    Address(APPROVER, "/admin/sources/xihu/approve"),
    Address(APPROVER, "/admin/sources/xihu/reject"),
    Address(OPERATOR, "/admin/sources/hangzhou/suspend"),
    Address(OPERATOR, "/admin/sources/binjiang/resume"),
    Address(APPROVER, "/admin/sources/hangzhou/retire"),
    Address(APPROVER, "/admin/sources/hangzhou/approve", 409),
    Address(SUBMITTER, f"/admin/sources/{DESK}"),
    Address(SUBMITTER, f"/admin/sources/{DESK}/deliveries"),
    Address(OPERATOR, f"/admin/sources/{DESK}/deliveries"),
    Address(SUBMITTER, lambda office: delivery(office, Origin.FILE)),
    Address(SUBMITTER, lambda office: delivery(office, Origin.WITHDRAWAL)),
    Address(SUBMITTER, lambda office: f"{delivery(office, Origin.FORM)}/record"),
    Address(SUBMITTER, f"/admin/sources/{DESK}/record?catalogue=credit"),
    Address(SUBMITTER, f"/admin/sources/{DESK}/record?identifier={identifier_of('d1')}"),
    Address(SUBMITTER, f"/admin/sources/{DESK}/records"),
    Address(SUBMITTER, f"/admin/sources/{DESK}/withdraw?identifier={identifier_of('d1')}"),
    Address(OPERATOR, "/admin/runs"),
    Address(OPERATOR, "/admin/runs?status=failed"),
    Address(
        OPERATOR,
        lambda office: f"/admin/sources/gongshu/harvest?order={office.installation.order('gongshu')}",
    ),
    Address(APPROVER, lambda office: f"/admin/runs/{office.run_id}"),
    Address(APPROVER, lambda office: f"/admin/runs/{office.run_id}/changes"),
    Address(APPROVER, lambda office: f"/admin/runs/{office.run_id}/change?identifier={identifier_of('1')}"),
    Address(APPROVER, lambda office: f"/admin/runs/{office.run_id}/issues"),
    Address(APPROVER, lambda office: f"/admin/runs/{office.run_id}/release"),
    Address(APPROVER, lambda office: f"/admin/runs/{office.run_id}/refuse"),
    Address(OPERATOR, lambda _office: "/admin/sources/hangzhou/cancel"),
    Address(APPROVER, lambda office: f"/admin/runs/{office.run_id}/undo"),
    Address(OPERATOR, "/admin/nowhere", 404),
    Address(OPERATOR, "/admin/accounts", 403),
)

NO_PAGES = frozenset(
    {
        "admin.provider.begin",
        "admin.provider.back",
        "admin.runs.progress",
        "admin.harvests.progress",
        "admin.probes.progress",
        "admin.run_issues.export",
        "admin.run_issues.workbook",
        "admin.deliveries.columns",
        "admin.book.export",
        "admin.book.head",
    }
)
"""Endpoints that are read and are no pages: what they give is saved, not shown."""
