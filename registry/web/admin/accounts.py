"""Accounts: who there is, what roles they hold, whether they are locked."""

from __future__ import annotations

from flask import Response, request

from registry.model.issue import Text
from registry.model.role import Permission, Role
from registry.store import accounts
from registry.web.admin import paging
from registry.web.admin.routing import Nav, Pages
from registry.web.admin.targets import Reach, anywhere
from registry.web.admin.visit import Visit

pages = Pages("accounts", nav=Nav(Text("账号", "Accounts"), "listing", order=80, icon="people"))


@pages.read("/accounts", Permission.READ_ACCOUNTS, on=anywhere)
def listing(visit: Visit, reach: Reach) -> Response:
    """The accounts with a role within reach, and those that have none yet."""
    role, state = request.args.get("role", ""), request.args.get("state", "")
    found = accounts.page(
        visit.connection,
        within=reach.ids,
        wanted=request.args.get("name", ""),
        role=Role(role) if role in set(Role) else None,
        locked={"locked": True, "open": False}.get(state),
        after=paging.after(),
        limit=paging.ROWS + 1,
    )
    shown = paging.cut(found, lambda each: each.name)
    held = accounts.held(visit.connection, [each.id for each in shown.rows])
    return visit.page("accounts/list.html", accounts=shown, held=held, reach=reach, roles=list(Role))
