"""Small charts as SVG, drawn by the server: bars over days, and a line of one number.

Colours come from the style sheet (classes), so that no page needs inline styles. Each chart is one image with a label
that says in words what it shows; bars carry titles besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

_BAR = Markup(
    '<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"><title>{title}</title></rect>'
)
_IMAGE = Markup(
    '<svg class="chart {name}" viewBox="0 0 {width} {height}" role="img" aria-label="{label}" '
    'preserveAspectRatio="none" focusable="false">{inside}</svg>'
)
_PLACES = 10
"""There is room for so many bars at least."""
_GAP = 0.25
"""Of the width of a bar's place."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its parts from the ground up, each a kind (a class of the style sheet) and a count; and what a
    pointer resting on it is told."""

    title: str
    parts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.parts)


def bars(label: str, shown: Sequence[Bar], *, width: int = 240, height: int = 48) -> Markup:
    """Bars side by side on one scale. Whatever is not nothing is at least one unit high; few bars stand at the left,
    no wider than many."""
    highest = max((bar.total for bar in shown), default=0) or 1
    place = width / max(len(shown), _PLACES)
    inside: list[Markup] = []
    for index, bar in enumerate(shown):
        ground = float(height)
        for kind, count in bar.parts:
            if not count:
                continue
            size = max(count / highest * height, 1.0)
            ground -= size
            inside.append(
                _BAR.format(
                    kind=kind, x=index * place + place * _GAP / 2, y=max(ground, 0.0), wide=place * (1 - _GAP),
                    high=size, title=bar.title,
                )
            )  # fmt: skip
        if not bar.total:
            inside.append(
                _BAR.format(
                    kind="nothing", x=index * place + place * _GAP / 2, y=height - 1.0, wide=place * (1 - _GAP),
                    high=1.0, title=bar.title,
                )
            )  # fmt: skip
    return _IMAGE.format(name="bars", width=width, height=height, label=label, inside=Markup("").join(inside))


def line(label: str, values: Sequence[float], *, width: int = 160, height: int = 36) -> Markup:
    """A line through ``values``, from left to right, on the scale from their smallest to their largest."""
    if not values:
        return _IMAGE.format(name="line", width=width, height=height, label=label, inside=Markup(""))
    low, high = min(values), max(values)
    room, step = height - 4, width / max(len(values) - 1, 1)
    points = " ".join(
        f"{index * step:.1f},{2 + room - (value - low) / ((high - low) or 1) * room:.1f}"
        for index, value in enumerate(values)
    )
    area = f"0,{height} {points} {(len(values) - 1) * step:.1f},{height}"
    inside = Markup(
        '<polygon class="area" points="{area}"/><polyline class="stroke" points="{points}"/>'
    ).format(area=area, points=points)
    return _IMAGE.format(name="line", width=width, height=height, label=label, inside=inside)
