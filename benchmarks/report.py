"""The figures as a table of ratios and a plot."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured piece of work: CPU and wall seconds for ``units`` records, peak PSS in bytes. ``p95``: the time
    within which 95 of 100 pages came, where that was measured."""

    scenario: str
    database: str
    records: int
    figure: str
    units: int
    cpu: float
    wall: float
    peak_pss: int
    p95: float = 0.0


@dataclass(frozen=True, slots=True)
class Ratio:
    """One line of the table: a figure of the product over one it is held against, and the goal. Of CPU seconds, or
    of ``wall`` seconds."""

    name: str
    over: tuple[str, str]
    under: tuple[str, str]
    goal: float
    wall: bool = False


_BARE, _INDEXED = "product", "product with index"
RATIOS = (
    Ratio("first harvest / floor", (_BARE, "first"), ("floor", "first"), 2.0),
    Ratio("first harvest / floor, with index", (_INDEXED, "first"), ("floor with index", "first"), 2.0),
    Ratio("unchanged full harvest / floor", (_BARE, "unchanged"), ("floor", "unchanged"), 1.5),
    Ratio("harvest of 1 % / first harvest", (_INDEXED, "one per cent"), (_INDEXED, "first"), 0.03),
    Ratio("one hop upward / first harvest", (_INDEXED, "hop"), (_INDEXED, "first"), 0.5),
    Ratio("full walk / reading the bytes", (_INDEXED, "walk"), (_INDEXED, "reading the bytes"), 3.0),
    Ratio("last pages / first pages", (_INDEXED, "last pages"), (_INDEXED, "first pages"), 1.3),
    Ratio("first harvest / without guard", ("guarded", "guarded"), ("guarded", "unguarded"), 1.25),
    Ratio(
        "wall: child, overlapped / in the parent",
        ("overlap", "child, overlapped"),
        ("overlap", "in the parent"),
        1.0,
        wall=True,
    ),
    Ratio(
        "wall: child, overlapped / in turn",
        ("overlap", "child, overlapped"),
        ("overlap", "child, in turn"),
        1.0,
        wall=True,
    ),
)


def table(figures: Sequence[Figure], records: int) -> str:
    """The report as Markdown."""
    lines = [
        f"{records:,} records; {os.cpu_count()} cores; Python {platform.python_version()}.",
        "Ratios of CPU seconds over all processes (the database server's too), or of wall seconds where it says so.",
        "",
        "| what | goal | " + " | ".join(DATABASES) + " |",
        "|---|---|" + "---|" * len(DATABASES),
    ]
    for ratio in RATIOS:
        cells = [_ratio(figures, ratio, database, records) for database in DATABASES]
        lines.append(f"| {ratio.name} | ≤ {ratio.goal} | " + " | ".join(cells) + " |")
    lines += _flatness(figures)
    lines += ["", "| database | scenario | work | records | µs CPU a unit | units/s (wall) | peak PSS, MB |"]
    lines += ["|---|---|---|---|---|---|---|"]
    lines += [
        f"| {each.database} | {each.scenario} | {each.figure} | {each.records:,} | {each.cpu / each.units * 1e6:,.0f} "
        f"| {each.units / each.wall:,.0f} | {each.peak_pss / 2**20:,.0f} |"
        for each in figures
        if not each.p95
    ]
    lines += _times(figures)
    return "\n".join(lines) + "\n"


def _times(figures: Sequence[Figure]) -> list[str]:
    """How long pages of the console take, in milliseconds (goal: 300 at rest)."""
    timed = [each for each in figures if each.p95]
    if not timed:
        return []
    lines = ["", "| page of the console, p95 in ms (goal at rest: 300) | " + " | ".join(DATABASES) + " |"]
    lines.append("|---|" + "---|" * len(DATABASES))
    for name in dict.fromkeys(each.figure for each in timed):
        found = {each.database: f"{each.p95 * 1000:.0f}" for each in timed if each.figure == name}
        lines.append(f"| {name} | " + " | ".join(found.get(each, "–") for each in DATABASES) + " |")
    return lines


def _median(
    figures: Sequence[Figure], key: tuple[str, str], database: str, records: int, *, wall: bool = False
) -> float | None:
    found = [
        each.wall if wall else each.cpu
        for each in figures
        if (each.scenario, each.figure) == key and each.database == database and each.records == records
    ]
    return statistics.median(found) if found else None


def _ratio(figures: Sequence[Figure], ratio: Ratio, database: str, records: int) -> str:
    over = _median(figures, ratio.over, database, records, wall=ratio.wall)
    under = _median(figures, ratio.under, database, records, wall=ratio.wall)
    return "–" if over is None or under is None else f"{over / under:.3f}"


def _flatness(figures: Sequence[Figure]) -> list[str]:
    """How 100 changes and the memory depend on the size of the catalogue."""
    lines = []
    for name in ("100 changes", "100 changes upward"):
        cells = [_spread(figures, name, database) for database in DATABASES]
        lines.append(f"| {name}: largest / smallest catalogue | ≤ 1.3 | " + " | ".join(cells) + " |")
    peaks = []
    for database in DATABASES:
        found = sorted(
            (each.records, each.peak_pss) for each in figures if _is_first_of_changes(each, database)
        )
        peaks.append(" / ".join(f"{peak / 2**20:.0f}" for _, peak in found) or "–")
    lines.append(
        "| peak PSS of a first harvest, MB, by size of the catalogue | ≤ 300 | " + " | ".join(peaks) + " |"
    )
    return lines


def _is_first_of_changes(figure: Figure, database: str) -> bool:
    return (figure.scenario, figure.figure, figure.database) == ("changes", "first", database)


def _spread(figures: Sequence[Figure], name: str, database: str) -> str:
    sizes = sorted({each.records for each in figures if each.figure == name and each.database == database})
    costs = [_mean(figures, name, database, size) for size in sizes]
    return f"{costs[-1] / costs[0]:.2f} ({' / '.join(f'{cost:.2f} s' for cost in costs)})" if costs else "–"


def _mean(figures: Sequence[Figure], name: str, database: str, records: int) -> float:
    """The mean CPU seconds of many short pieces of work: each is counted in hundredths of a second."""
    return statistics.fmean(
        each.cpu
        for each in figures
        if (each.figure, each.database, each.records) == (name, database, records)
    )


def keep(figures: Sequence[Figure], report: str, folder: Path) -> None:
    """Write ``results.md`` and ``results.svg`` into ``folder``."""
    heading = "# What the last `make bench` printed\n\n![CPU a record](results.svg)\n\n"
    (folder / "results.md").write_text(heading + report, "utf-8")
    (folder / "results.svg").write_text(plot(figures), "utf-8")


def plot(figures: Sequence[Figure]) -> str:
    """Bars of CPU microseconds a record, as SVG; one for each harvest and walk of the base size."""
    shown = [each for each in figures if each.scenario != "changes" and not each.p95]
    longest = max((each.cpu / each.units for each in shown), default=1.0)
    height = 22 * len(shown) + 40
    rows = []
    for place, each in enumerate(shown):
        y = 30 + 22 * place
        width = 460 * each.cpu / each.units / longest
        colour = "#8a8f98" if each.scenario.startswith("floor") else "#0b5cad"
        label = escape(f"{each.database} · {each.scenario} · {each.figure}")
        rows.append(
            f'<text x="330" y="{y + 12}" text-anchor="end">{label}</text>'
            f'<rect x="340" y="{y}" width="{width:.1f}" height="16" fill="{colour}"/>'
            f'<text x="{346 + width:.1f}" y="{y + 12}">{each.cpu / each.units * 1e6:,.0f} µs</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="{height}" font-family="sans-serif" '
        f'font-size="12"><rect width="900" height="{height}" fill="#fff"/>'
        '<text x="20" y="18" font-size="14">CPU a record, all processes (grey: the floor)</text>'
        f"{''.join(rows)}</svg>\n"
    )
