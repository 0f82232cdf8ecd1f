"""Metadata formats. Adding one: a file here, a row below, a golden pair in ``tests/golden``.

OAI-PMH, the API, imports and exports follow from the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from registry.formats import catalogue, municipal_list, oai_dc
from registry.formats.base import Format, ParsedRecord, ReadContext, Reading
from schemas.fault import Fault

__all__ = ["FAULTS", "FORMATS", "Format", "ParsedRecord", "ReadContext", "Reading"]

FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        each.prefix: each
        for each in (catalogue.CATALOGUE, oai_dc.OAI_DUBLIN_CORE, municipal_list.MUNICIPAL_LIST)
    }
)
"""metadataPrefix → format."""

FAULTS: Final[tuple[Fault, ...]] = (catalogue.WRONG_ELEMENT, *oai_dc.FAULTS, *municipal_list.FAULTS)
"""What readers of formats can find, for the list of all issue codes."""
