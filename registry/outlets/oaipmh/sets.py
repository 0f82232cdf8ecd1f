"""The sets of a register by name (OAI-PMH 2.0, section 2.6): set specs are ASCII, their names are for people.

``catalogue`` and ``division`` are the roots of the two hierarchies. Every entry lies in both, so they are never
empty, never leave anything out, and are not filed entry by entry.
"""

from __future__ import annotations

from collections.abc import Iterable

from registry.model.issue import Text
from schemas.codes import divisions
from schemas.codes.categories import category
from schemas.codes.labels import label

ROOTS = {
    "catalogue": Text("全部目录", "All catalogues"),
    "division": Text("全部行政区划", "All divisions"),
}


def filed(spec: str) -> str:
    """The set that entries are filed under for ``spec``; empty (all of them) for a root."""
    return "" if spec in ROOTS else spec


def named(specs: Iterable[str]) -> list[tuple[str, str]]:
    """(set spec, name) of the roots and of ``specs``, sorted by spec."""
    return [(spec, name(spec)) for spec in sorted({*ROOTS, *specs})]


def name(spec: str) -> str:
    """The Chinese and the English name of a set, as one line; codes without a name stand for themselves."""
    text = text_of(spec)
    return f"{text.zh} / {text.en}"


def text_of(spec: str) -> Text:
    """The name of a set; codes without a name stand for themselves."""
    hierarchy, *path = spec.split(":")
    if not path:
        return ROOTS.get(hierarchy, Text(spec, spec))
    if hierarchy == "division":
        return Text(
            " ".join(divisions.name(code, "zh") for code in path),
            ", ".join(divisions.name(code, "en") for code in reversed(path)),
        )
    catalogue = label("catalogue", path[0])
    if len(path) == 1:
        return catalogue
    item = category(path[0], path[1])
    title = item.label if item else Text(path[1], path[1])
    return Text(f"{catalogue.zh} {path[1]} {title.zh}", f"{catalogue.en}, {path[1]} {title.en}")
