"""The roles of an account: granting and revoking them, each on one register and beneath."""

from __future__ import annotations

from flask import Response, request

from registry.errors import Refused
from registry.model.account import Account
from registry.model.issue import Text
from registry.model.labels import label_of
from registry.model.register import Register
from registry.model.role import Permission, Role
from registry.services import accounts as service
from registry.web.admin.routing import Pages
from registry.web.admin.targets import of_grant
from registry.web.admin.visit import Visit

pages = Pages("roles")

_GRANTED = Text(zh="已授予 {name}：{role}。", en="Granted to {name}: {role}.")
_REVOKED = Text(zh="已撤销 {name} 的角色 {role}。", en="Revoked from {name}: {role}.")
_UNKNOWN = Text(zh="请选择列出的一个角色。", en="choose one of the roles that are listed.")


def _role() -> Role:
    named = request.form.get("role") or request.args.get("role", "")
    if named not in set(Role):
        raise Refused(_UNKNOWN)
    return Role(named)


@pages.act("/accounts/<name>/roles/grant", Permission.GRANT, on=of_grant)
def grant(visit: Visit, account: Account, register: Register | None) -> Response:
    """Give a role."""
    role = _role()
    service.grant(
        visit.engines.write, account.name, role, register.code if register else None, actor=visit.actor, now=visit.now,
        reason=request.form.get("reason", ""),
    )  # fmt: skip
    visit.tell(_GRANTED.format(name=account.name, role=label_of(role)))
    return visit.to("accounts.show", name=account.name)


@pages.form("/accounts/<name>/roles/revoke", Permission.GRANT, on=of_grant)
def revoke_form(visit: Visit, account: Account, register: Register | None) -> Response:
    """Asks before taking a role."""
    return visit.page("accounts/revoke.html", account=account, register=register, role=_role())


@pages.act("/accounts/<name>/roles/revoke", Permission.GRANT, on=of_grant)
def revoke(visit: Visit, account: Account, register: Register | None) -> Response:
    """Take a role."""
    role = _role()
    service.revoke(
        visit.engines.write, account.name, role, register.code if register else None, actor=visit.actor, now=visit.now,
        reason=request.form.get("reason", ""),
    )  # fmt: skip
    visit.tell(_REVOKED.format(name=account.name, role=label_of(role)))
    return visit.to("accounts.show", name=account.name)
