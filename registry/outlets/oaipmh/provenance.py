"""``about/provenance``: the levels that a record passed, one ``originDescription`` each, the nearest outermost.

Source: OAI-PMH guidelines, provenance. ``harvestDate`` is the run that last changed the record, not the last that
saw it (else every run would be a change). ``altered`` says what happened on the way from that level to ours:

* true behind the origin: documents are masked and brought into one form;
* false behind a register: its documents are passed on byte by byte;
* true on the last hop where this answer writes another format than the stored one.

Levels that were not asked over HTTP (a folder of deliveries) have no public address and are left out, and so
are those of which other servers told us nonsense. Of an address only scheme, host, port and path are public: its
query may carry a key, and so may a user's name before the host.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

import msgspec

from registry.model.datestamp import is_datestamp
from registry.model.identifier import is_identifier
from registry.model.record import Hop
from registry.outlets.oaipmh.markup import attribute, element
from schemas.oaipmh import PROVENANCE

_PATH = msgspec.json.Decoder(tuple[Hop, ...])


def about(path: str, identifier: bytes, converted: bool) -> bytes:
    """The ``about`` element for a stored path (JSON) and an escaped identifier; empty for an empty path.

    ``converted``: the metadata were made from the stored document for this answer.
    """
    return identifier.join(_pieces(path, converted))


@lru_cache(maxsize=4096)
def _pieces(path: str, converted: bool) -> tuple[bytes, ...]:
    """What stands before, between and behind the identifiers. Records that came together share it."""
    told = [(hop, _public(hop.base_url)) for hop in _PATH.decode(path) if _is_told(hop)]
    hops = [(hop, address) for hop, address in told if address]
    if not hops:
        return (b"",)
    pieces = [b'<about><provenance xmlns="%b">' % PROVENANCE.encode()]
    for hop, address in reversed(hops):
        altered = not hop.register or (converted and hop is hops[-1][0])
        pieces[-1] += b'<originDescription harvestDate="%b" altered="%b">%b<identifier>' % (
            attribute(hop.harvested_at),
            b"true" if altered else b"false",
            element("baseURL", address),
        )
        pieces.append(
            b"</identifier>"
            + element("datestamp", hop.datestamp if is_datestamp(hop.datestamp) else hop.harvested_at)
            + element("metadataNamespace", hop.namespace)
        )
    pieces[-1] += b"</originDescription>" * len(hops) + b"</provenance></about>"
    return tuple(pieces)


def _is_told(hop: Hop) -> bool:
    return (not hop.namespace or is_identifier(hop.namespace)) and is_datestamp(hop.harvested_at)


def _public(base_url: str) -> str:
    """What the public may know of an address; empty where it is none."""
    try:
        parts = urlsplit(base_url)
    except ValueError:
        return ""
    address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return address if is_web and is_identifier(address) else ""
