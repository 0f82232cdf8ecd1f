"""The levels a record has passed: ``about/provenance`` of OAI-PMH (implementation guidelines, provenance).

One ``originDescription`` is one harvest by the repository we ask; what stands inside it is an earlier one.
"""

from __future__ import annotations

import re

from lxml import etree

from registry.model.record import Hop
from registry.model.source import Protocol, SourceDescription
from schemas.oaipmh import PROVENANCE

_PROVENANCE = f"{{{PROVENANCE}}}provenance"
_ORIGIN = f"{{{PROVENANCE}}}originDescription"

MAX_LEVELS = 16
_FIELD_LENGTH = 512
_REGISTER = re.compile(r"/oai/([0-9A-Za-z][0-9A-Za-z_.-]{0,63})/?$")


def read_path(about: etree._Element) -> tuple[Hop, ...]:
    """The hops that an ``about`` container tells of, origin first; none where it is no provenance.

    At most :data:`MAX_LEVELS` levels are read, the latest ones.
    """
    hops: list[Hop] = []
    at = about.find(f"{_PROVENANCE}/{_ORIGIN}")
    while at is not None and len(hops) < MAX_LEVELS:
        base_url = _text(at, "baseURL")
        hops.append(
            Hop(
                register=register_of(base_url),
                base_url=base_url,
                datestamp=_text(at, "datestamp"),
                namespace=_text(at, "metadataNamespace"),
                harvested_at=(at.get("harvestDate") or "")[:_FIELD_LENGTH],
            )
        )
        at = at.find(_ORIGIN)
    return tuple(reversed(hops))


def register_of(base_url: str) -> str:
    """The code of the register whose OAI-PMH provider ``base_url`` is (``…/oai/<code>``), or empty."""
    found = _REGISTER.search(base_url)
    return found[1] if found else ""


def source_hop(source: SourceDescription, datestamp: str, namespace: str) -> Hop:
    """The last hop of every record: the source itself. ``harvested_at`` is left to the registry."""
    is_provider = source.protocol is Protocol.OAI_PMH
    register = register_of(source.location) if is_provider else ""
    return Hop(register, source.location, datestamp, namespace, harvested_at="")


def _text(origin: etree._Element, name: str) -> str:
    return (origin.findtext(f"{{{PROVENANCE}}}{name}") or "").strip()[:_FIELD_LENGTH]
