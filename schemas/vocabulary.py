"""The elements of the catalogue schema by name: what they are called in both languages, and their code lists.

Read from the annotations of the XSD, once; within the namespace a name means the same wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from lxml import etree

from schemas.issue import Text
from schemas.xml import parse_packaged
from schemas.xsd import FILE, FOLDER

CODE_LISTS: Final[Mapping[str, str]] = {
    "CatalogueName": "catalogue",
    "PartyRole": "party_role",
    "IdScheme": "id_scheme",
    "ConductKind": "conduct_kind",
    "ConductStatus": "conduct_status",
    "GradeLevel": "grade",
    "Sharing": "sharing",
    "Openness": "openness",
    "UpdateCycle": "update_cycle",
    "FormatCode": "format",
}
"""Enumerated type of the schema → list of labels (``schemas.codes.labels``)."""

FILES: Final = (FILE, FOLDER / "core.xsd", FOLDER / "construction.xsd")
"""Where the compound types are, the record first."""

XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"


_EXPLAINED: Final = re.compile("[：；，（;:,(]")


class Element(NamedTuple):
    """An element: its label, the name of its type, and the list of its codes (empty: its text is no code)."""

    label: Text
    type: str
    codes: str

    @property
    def name(self) -> Text:
        """The label without what explains it."""
        return Text(_EXPLAINED.split(self.label.zh)[0], _EXPLAINED.split(self.label.en)[0].strip())


@cache
def elements() -> Mapping[str, Element]:
    """The elements by their names."""
    found: dict[str, Element] = {}
    for file in FILES:
        for element in parse_packaged(file).getroot().iter(f"{XS}element"):
            kind = str(element.get("type"))
            found.setdefault(
                str(element.get("name")), Element(annotation(element), kind, CODE_LISTS.get(kind, ""))
            )
    return MappingProxyType(found)


def annotation(element: etree._Element) -> Text:
    """What the schema says of one of its parts."""
    texts = {
        each.get(_LANGUAGE): each.text or "" for each in element.iterfind(f"{XS}annotation/{XS}documentation")
    }
    return Text(texts["zh"], texts["en"])
