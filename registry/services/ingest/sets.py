"""The OAI-PMH sets of an entry: its catalogue and category, and its place in the division tree."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from registry.model.document import Catalogue, Facts
from schemas.codes import divisions


def specs_of(facts: Facts, on: date) -> tuple[str, ...]:
    """Set specs, general before special: ``catalogue:credit``, ``catalogue:credit:6.2``,
    ``division:330000``, ``division:330000:330100``. Parents are looked up as of ``on``, never cut from
    the digits of a code (429004 hangs directly under 420000)."""
    return _specs(facts.catalogue, facts.item, facts.division, on)


@lru_cache(maxsize=20_000)
def _specs(catalogue: Catalogue, item: str, division: str, on: date) -> tuple[str, ...]:
    specs = [f"catalogue:{catalogue}"]
    if item:
        specs.append(f"catalogue:{catalogue}:{item}")
    path: tuple[str, ...] = ()
    for code in divisions.path(division, on):
        path = (*path, code)
        specs.append(":".join(("division", *path)))
    return tuple(specs)
