"""Registers: which there are and what they hold; one register with its sources, its policy and its publications."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from registry.model.hierarchy import is_above, outline
from registry.model.issue import Text
from registry.model.register import Level, Register
from registry.model.role import Permission
from registry.model.visibility import Audience
from registry.outlets import selection
from registry.outlets.oaipmh.sets import ROOTS, text_of
from registry.outlets.selection import View
from registry.services.rights import Place
from registry.store import browsing, overview, sources
from registry.web.admin import paging
from registry.web.admin.home import version_bars
from registry.web.admin.routing import Nav, Pages
from registry.web.admin.targets import Reach, anywhere, of_register
from registry.web.admin.visit import Visit

pages = Pages(
    "registers",
    nav=Nav(Text("登记册", "Registers"), "listing", order=30, icon="register", holds=("entries", "deciding")),
)

DAYS = 30
LISTED = 8
_SOURCES = 20
"""Sources and registers shown on the page of a register; more are told to be more."""


@dataclass(frozen=True, slots=True)
class Line:
    """A register in the list. ``key`` names its place: it may stand beneath several others."""

    register: Register
    depth: int
    again: bool
    key: str


@pages.read("/registers", Permission.READ_REGISTERS, on=anywhere)
def listing(visit: Visit, reach: Reach) -> Response:
    """The registers within reach, each beneath those that lie above it; flat where something is looked for."""
    within = {each.id: each for each in visit.registers.values() if reach.holds(each.id)}
    asked = _member(request.args.get("level", "")), request.args.get("text", "").strip()
    lines = _found(within, *asked) if any(asked) else _tree(visit, within)
    keys = [line.key for line in lines]
    after = paging.after()
    start = keys.index(after) + 1 if after in keys else 0
    shown = paging.cut(lines[start : start + paging.ROWS + 1], lambda line: line.key)
    ids = [line.register.id for line in shown.rows]
    return visit.page(
        "registers/list.html",
        lines=shown,
        levels=list(Level),
        sources=browsing.sources_of(visit.connection, ids),
        entries=sum(each.entries for each in within.values()),
        count=len(within),
    )


def _member(written: str) -> Level | None:
    return next((each for each in Level if each == written), None)


def _found(within: dict[int, Register], level: Level | None, words: str) -> list[Line]:
    """Those of a level whose code or name holds some words."""
    return [
        Line(each, 0, again=False, key=str(each.id))
        for each in within.values()
        if level in (None, each.level) and (words in each.name or words in each.code)
    ]


def _tree(visit: Visit, within: dict[int, Register]) -> list[Line]:
    return [
        Line(
            within[place.register_id], place.depth, place.again, f"{place.parent_id or 0}-{place.register_id}"
        )
        for place in outline(list(within), visit.rights.readings)
    ]


@pages.read("/registers/<code>", Permission.READ_REGISTERS, on=of_register)
def show(visit: Visit, register: Register) -> Response:
    """One register."""
    place, connection = Place(register.id), visit.connection
    own = frozenset({register.id})
    days = overview.days(connection, own, visit.now.astimezone(visit.console.zone), DAYS, published_in=own)
    reads = visit.may(Permission.READ_SOURCES, place)
    specs: list[str] = []
    if visit.may(Permission.READ_ENTRIES, place):
        view = View(Audience.PEER, visit.today)
        specs = selection.set_specs(connection, register.id, view, mark=register.mark)
    tops = [each for root in ROOTS for each in beneath(specs, root)]
    return visit.page(
        "registers/show.html",
        register=register,
        above=_related(visit, register, above=True),
        below=_related(visit, register, above=False),
        sources=sources.listed(connection, register_id=register.id, limit=_SOURCES + 1) if reads else [],
        most=_SOURCES,
        published=overview.published(connection, own, LISTED),
        volume=version_bars(days),
        total=sum(day.versions for day in days),
        first=days[0].day,
        last=days[-1].day,
        catalogues=[(each, text_of(each)) for each in tops if each.startswith("catalogue:")],
        divisions=[(each, text_of(each)) for each in tops if each.startswith("division:")],
        counts=browsing.counts(connection, register, tops),
        most_counted=browsing.MOST,
    )


def beneath(specs: list[str], parent: str) -> list[str]:
    """Those set specs that lie directly beneath another one."""
    depth = parent.count(":") + 1
    return [each for each in specs if each.startswith(f"{parent}:") and each.count(":") == depth]


def _related(visit: Visit, register: Register, *, above: bool) -> list[Register]:
    """The registers directly above or beneath one, as far as whoever is signed in holds a role there."""
    ids = dict.fromkeys(
        each.parent if above else each.child
        for each in visit.rights.readings
        if register.id == (each.child if above else each.parent)
        and is_above(each.parent_level, each.child_level)
    )
    return [visit.registers[each] for each in ids if each in visit.registers][: _SOURCES + 1]


def readable(visit: Visit) -> frozenset[str]:
    """The codes of the registers of this installation whose entries may be read."""
    found = visit.registers.values()
    return frozenset(each.code for each in found if visit.may(Permission.READ_ENTRIES, Place(each.id)))
