"""The inbox: what whoever is signed in has been told."""

from __future__ import annotations

from flask import Response

from registry.model.issue import Text
from registry.web.admin.routing import Nav, Pages
from registry.web.admin.targets import oneself
from registry.web.admin.visit import Visit

pages = Pages("inbox", nav=Nav(Text("收件箱", "Inbox"), "listing", order=10, icon="inbox"))


@pages.read("/inbox", on=oneself)
def listing(visit: Visit) -> Response:
    """The notifications, newest first."""
    return visit.page("inbox.html")
