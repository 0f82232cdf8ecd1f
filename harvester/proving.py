"""Looking for the word that proves who controls an endpoint (``registry.model.proof``)."""

from __future__ import annotations

from collections.abc import Iterator

from harvester.errors import GaveWay, HarvestFailure
from harvester.meter import Meter
from harvester.pipeline import Road
from harvester.protocols.base import Request
from harvester.protocols.oaipmh_questions import ask_identify
from registry.model.inspection import Place, Proved
from registry.model.issue import Text
from registry.model.proof import can_identify, well_known_of, word_of
from registry.store.sources import Source

_BYTES = 1 << 16
"""So much of an answer is looked at; nothing of it is parsed."""

_NO_HOST = Text(
    "该来源在本系统之内，没有主机可供核验。", "this source lies within the installation; it has no host."
)
_ABSENT = Text("{url} 中没有口令。", "the word does not stand in {url}.")


def prove(source: Source, road: Road) -> Proved:
    """Look for the source's word on its host. Raises ``GaveWay``."""
    stated = source.description
    word, failures = word_of(stated), []
    meter = Meter(road)
    for place, request in _questions(source):
        try:
            with meter.open_answer(request, stated, road.pulse) as answer:
                found = _begins(answer.chunks())
        except GaveWay:
            raise
        except HarvestFailure as failure:
            failures.append(failure.text)
            continue
        if word.encode() in found:
            return Proved(word, place, request.url, tuple(failures), meter.told())
        failures.append(_ABSENT.format(url=request.url))
    return Proved(word, None, "", tuple(failures) or (_NO_HOST,), meter.told())


def _questions(source: Source) -> Iterator[tuple[Place, Request]]:
    stated = source.description
    url = well_known_of(stated)
    if url:
        yield Place.WELL_KNOWN, Request(url)
    if can_identify(stated):
        yield Place.IDENTIFY, ask_identify(stated)


def _begins(chunks: Iterator[bytes]) -> bytes:
    """The beginning of an answer."""
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) >= _BYTES:
            break
    return bytes(found[:_BYTES])
