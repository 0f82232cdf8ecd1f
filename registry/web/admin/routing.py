"""The one table of routes: what each page needs, said where it is defined and enforced in one place.

A file of pages makes a :class:`Pages` and registers its views through it::

    pages = Pages("sources", nav=Nav(Text("数据源", "Sources"), "listing", order=20))

    @pages.read("/sources/<code>", Permission.READ_SOURCES, on=of_source)
    def show(visit: Visit, source: Source) -> Response: ...

    @pages.act("/sources/<code>/approve", Permission.APPROVE, on=of_source)
    def approve(visit: Visit, source: Source) -> Response: ...

The view receives the visit, then what its target resolves to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from registry.model.issue import Text
from registry.model.role import PERMISSIONS, Permission
from registry.web.admin.targets import Resolver, nobody, oneself

View = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Nav:
    """An entry of the navigation: its label, the view that it leads to, its place and its icon; drawn where the
    view's permission is held somewhere. ``holds``: other files of pages that lie beneath it."""

    label: Text
    view: str
    order: int
    icon: str = "dot"
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table. ``permission`` None: for ``oneself`` and ``nobody`` only. ``takes_files``: it may be sent
    more than others."""

    endpoint: str
    rule: str
    method: str
    permission: Permission | None
    on: Resolver
    view: View
    takes_files: bool = False

    @property
    def acts(self) -> bool:
        return self.method == "POST"


class Pages:
    """The routes of one file of pages. ``name`` begins their endpoints (``sources.show``)."""

    def __init__(self, name: str, *, nav: Nav | None = None) -> None:
        self.name = name
        self.nav = nav
        self.routes: list[Route] = []

    def read(
        self, rule: str, permission: Permission | None = None, *, on: Resolver
    ) -> Callable[[View], View]:
        """GET: shows something. ``permission`` is one that reads."""
        if permission is not None and not PERMISSIONS[permission].reads:
            raise ValueError(f"{rule}: {permission} acts; a form for it is registered with form()")
        return self._route(rule, "GET", permission, on)

    def form(self, rule: str, permission: Permission, *, on: Resolver) -> Callable[[View], View]:
        """GET: shows a form, or what an act would do. ``permission`` is that of the act."""
        if PERMISSIONS[permission].reads:
            raise ValueError(f"{rule}: {permission} only reads")
        return self._route(rule, "GET", permission, on)

    def act(
        self, rule: str, permission: Permission | None = None, *, on: Resolver, takes_files: bool = False
    ) -> Callable[[View], View]:
        """POST: changes something. ``permission`` is one that acts; ``takes_files``: files are uploaded with it."""
        if permission is not None and PERMISSIONS[permission].reads:
            raise ValueError(f"{rule}: {permission} only reads")
        return self._route(rule, "POST", permission, on, takes_files=takes_files)

    def _route(
        self,
        rule: str,
        method: str,
        permission: Permission | None,
        on: Resolver,
        *,
        takes_files: bool = False,
    ) -> Callable[[View], View]:
        if (permission is None) is not (on in (oneself, nobody)):
            raise ValueError(f"{rule}: a permission is needed, unless it is on oneself or nobody")

        def register(view: View) -> View:
            name = view.__name__.rstrip("_")
            self.routes.append(
                Route(f"admin.{self.name}.{name}", rule, method, permission, on, view, takes_files)
            )
            return view

        return register


@dataclass
class Table:
    """All routes of the console, by endpoint."""

    routes: dict[str, Route] = field(default_factory=dict)
    navs: list[tuple[Nav, Route]] = field(default_factory=list)

    def add(self, pages: Pages) -> None:
        """Take in the routes of a file of pages. Raises ``ValueError`` where two have one name."""
        for route in pages.routes:
            if route.endpoint in self.routes:
                raise ValueError(f"{route.endpoint} is registered twice")
            self.routes[route.endpoint] = route
        if pages.nav is not None:
            self.navs.append((pages.nav, self.routes[f"admin.{pages.name}.{pages.nav.view}"]))
            self.navs.sort(key=lambda each: each[0].order)

    def __iter__(self) -> Iterator[Route]:
        return iter(self.routes.values())

    def get(self, endpoint: str | None) -> Route | None:
        """The route of an endpoint; None for one that is not in the table."""
        return self.routes.get(endpoint or "")


def answer(route: Route, visit: Any, things: tuple[Any, ...]) -> Response:
    """Call the view."""
    return route.view(visit, *things)
