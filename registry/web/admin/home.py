"""The first page: what waits for whoever signs in, what fails, what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response

from registry.model.health import Health
from registry.model.issue import Text
from registry.model.role import Permission
from registry.model.run import RunStatus
from registry.model.source import SourceStatus
from registry.services.rights import Place
from registry.store import erasures, overview, stops
from registry.store.erasures import Waiting
from registry.store.overview import Day, HandedIn, Held, Submitted, Within
from registry.web.admin.charts import Bar
from registry.web.admin.language import number, say
from registry.web.admin.routing import Nav, Pages
from registry.web.admin.targets import oneself
from registry.web.admin.visit import Visit

pages = Pages("home", nav=Nav(Text("首页", "Home"), "show", order=0, icon="home"))

DAYS = 14
LISTED = 8
_ASKED = 200
"""So many that wait are looked at to find those that whoever is signed in may decide about."""

_TONES: Mapping[RunStatus, str] = {
    RunStatus.PUBLISHED: "good",
    RunStatus.COLLECTING: "busy",
    RunStatus.SETTLING: "busy",
    RunStatus.HELD: "wait",
    RunStatus.FAILED: "bad",
}
_PLAIN = "plain"


@pages.read("/", on=oneself)
def show(visit: Visit) -> Response:
    """The page, about the chosen register and those beneath it, or all within reach."""
    sources, runs = _within(visit, Permission.READ_SOURCES), _within(visit, Permission.READ_RUNS)
    registers = _within(visit, Permission.READ_REGISTERS)
    states = overview.sources_by_state(visit.connection, sources) if sources != frozenset() else {}
    today = visit.now.astimezone(visit.console.zone)
    days = overview.days(visit.connection, runs, today, DAYS, published_in=registers)
    return visit.page(
        "home.html",
        reads_sources=sources != frozenset(),
        reads_runs=runs != frozenset(),
        reads_registers=registers != frozenset(),
        stop=stops.standing(visit.connection),
        submitted=_to_approve(visit, sources),
        held=_to_decide(visit, runs),
        erasures=_to_confirm(visit),
        handed_in=_to_deliver(visit),
        ailing=overview.ailing(visit.connection, sources, LISTED),
        published=overview.published(visit.connection, registers, LISTED),
        counts=_counts(states),
        listed=LISTED,
        run_bars=run_bars(days),
        version_bars=version_bars(days),
        run_total=sum(sum(day.runs.values()) for day in days),
        version_total=sum(day.versions for day in days),
        first=days[0].day,
        last=days[-1].day,
    )


def _within(visit: Visit, permission: Permission) -> Within:
    reach = visit.rights.reach(permission)
    if visit.chosen is None:
        return reach
    below = visit.rights.beneath([visit.chosen.id])
    return below if reach is None else reach & below


def _to_approve(visit: Visit, within: Within) -> list[Submitted]:
    """What waits for approval by whoever is signed in."""
    if visit.rights.reach(Permission.APPROVE) == frozenset():
        return []
    waiting = overview.submitted(visit.connection, within, _ASKED)
    return [
        each
        for each in waiting
        if visit.may(Permission.APPROVE, Place(each.register_id, each.added_by, each.submitted_by))
    ]


def _to_decide(visit: Visit, within: Within) -> list[Held]:
    """The held runs that whoever is signed in may release or refuse."""
    if visit.rights.reach(Permission.RELEASE) == frozenset():
        return []
    waiting = overview.held(visit.connection, within, _ASKED)
    return [
        each
        for each in waiting
        if visit.may(Permission.RELEASE, Place(each.register_id, submitted_by=each.submitted_by))
    ]


def _to_confirm(visit: Visit) -> list[Waiting]:
    """Erasures that somebody else asked for, where whoever is signed in may erase."""
    within = _within(visit, Permission.ERASE)
    if within == frozenset():
        return []
    waiting = erasures.waiting(visit.connection, within, limit=_ASKED)
    return [each for each in waiting if each.erasure.asked_by != visit.actor.name]


def _to_deliver(visit: Visit) -> list[HandedIn]:
    """What whoever is signed in has handed in, and neither delivered nor discarded."""
    within = _within(visit, Permission.DELIVER)
    if within == frozenset():
        return []
    return overview.handed_in(visit.connection, within, visit.account.name, LISTED + 1)


def _counts(states: Mapping[tuple[SourceStatus, Health], int]) -> dict[str, int]:
    def counted(status: SourceStatus, health: Health | None = None) -> int:
        return sum(n for (each, state), n in states.items() if each is status and health in (None, state))

    return {
        "submitted": counted(SourceStatus.SUBMITTED),
        "healthy": counted(SourceStatus.APPROVED, Health.HEALTHY),
        "late": counted(SourceStatus.APPROVED, Health.LATE),
        "failing": counted(SourceStatus.APPROVED, Health.FAILING),
        "suspended": counted(SourceStatus.SUSPENDED),
    }


def run_bars(days: Sequence[Day]) -> list[Bar]:
    """The runs of each day, by how they went."""
    bars = []
    for day in days:
        parts = dict.fromkeys(("good", "busy", _PLAIN, "wait", "bad"), 0)
        for status, count in day.runs.items():
            parts[_TONES.get(status, _PLAIN)] += count
        title = say("{day}：{count} 次运行", "{day}: {count} runs", day=day.day, count=sum(parts.values()))
        bars.append(Bar(title, tuple(parts.items())))
    return bars


def version_bars(days: Sequence[Day]) -> list[Bar]:
    """What became visible each day."""
    return [
        Bar(
            say("{day}：{count} 条变更", "{day}: {count} versions", day=day.day, count=number(day.versions)),
            (("busy", day.versions),),
        )
        for day in days
    ]
