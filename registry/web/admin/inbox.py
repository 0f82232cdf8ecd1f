"""The inbox: what whoever is signed in has been told, and what of it they have read."""

from __future__ import annotations

from flask import Response, current_app, request

from registry.model.issue import Text
from registry.model.notification import title
from registry.services import notifying
from registry.store import notifications
from registry.web.admin import paging
from registry.web.admin.rendering import subject_link
from registry.web.admin.routing import Nav, Pages
from registry.web.admin.targets import missing, oneself
from registry.web.admin.visit import Visit

pages = Pages("inbox", nav=Nav(Text("收件箱", "Inbox"), "listing", order=10, icon="inbox"))

_READ = Text(zh="已将 {count} 条通知标为已读。", en="Marked as read: {count}.")


@pages.read("/inbox", on=oneself)
def listing(visit: Visit) -> Response:
    """The notifications, newest first."""
    found = notifications.listed(
        visit.connection,
        visit.account.id,
        unread_only=request.args.get("show") == "unread",
        before=paging.after_number() or 0,
        limit=paging.ROWS + 1,
    )
    shown = paging.cut(found, lambda each: each.id)
    titles = {each.id: title(each.kind, each.facts) for each in shown.rows}
    return visit.page("inbox.html", slice=shown, titles=titles)


@pages.act("/inbox/<int:id>/open", on=oneself)
def open_(visit: Visit) -> Response:
    """Read one: on to what it is about."""
    number = (request.view_args or {})["id"]
    found = notifications.listed(visit.connection, visit.account.id, before=number + 1, limit=1)
    if not found or found[0].id != number:
        raise missing(number)
    visit.close()
    notifying.read(visit.engines.write, visit.actor, [number], visit.now)
    where = subject_link(current_app.extensions["console_routes"], found[0].subject)
    return visit.to_address(where) if where else visit.to("inbox.listing")


@pages.act("/inbox/read", on=oneself)
def read_all(visit: Visit) -> Response:
    """Mark all as read."""
    count = notifying.read(visit.engines.write, visit.actor, None, visit.now)
    visit.tell(_READ.format(count=count))
    return visit.to("inbox.listing")
