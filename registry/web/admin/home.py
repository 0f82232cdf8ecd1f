"""The first page: what waits for whoever signs in, what fails, what is new."""

from __future__ import annotations

from flask import Response

from registry.model.issue import Text
from registry.web.admin.routing import Nav, Pages
from registry.web.admin.targets import oneself
from registry.web.admin.visit import Visit

pages = Pages("home", nav=Nav(Text("首页", "Home"), "show", order=0, icon="home"))


@pages.read("/", on=oneself)
def show(visit: Visit) -> Response:
    """The page."""
    return visit.page("home.html")
