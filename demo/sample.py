"""The sample as a whole: its registers, its sources, and what is under way. Plain values: this package knows
nothing of the program that it is made for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from demo.places import NATION, PLACES, PROVINCES, Place, Publishing
from demo.situations import FAILING, HANDING_IN, SHRUNK, TABLE, WAITING, complete_lists, table

PREFERRED_PORT = 8341


@dataclass(frozen=True, slots=True)
class SampleRegister:
    """A register of the sample: its code is its division."""

    code: str
    name: str
    level: str
    division: str


@dataclass(frozen=True, slots=True)
class SampleSource:
    """A source of the sample. ``location`` is a path below the sample's URL, or (protocol ``register``) the
    code of the register below. ``identifier_prefixes`` and ``divisions``: what it may speak for."""

    code: str
    register_code: str
    name: str
    protocol: str
    location: str
    metadata_prefix: str
    namespace: str
    identifier_prefixes: tuple[str, ...]
    divisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Situations:
    """What is under way. ``waiting``: submitted, not yet approved; ``failing``: answers what nobody can harvest;
    ``delivering``: an office that delivers the documents ``deliveries``, each a complete list; ``handing_in``: one
    without an endpoint, which has a ``table`` (its name and its bytes) to hand in."""

    waiting: SampleSource
    failing: SampleSource
    delivering: SampleSource
    deliveries: Sequence[bytes]
    handing_in: SampleSource
    table: tuple[str, bytes]


def situations() -> Situations:
    """Four sources that a person has to look at."""
    return Situations(
        waiting=_endpoint_of(WAITING, WAITING.parent),
        failing=_endpoint_of(FAILING, FAILING.parent),
        delivering=replace(
            _endpoint_of(SHRUNK, SHRUNK.parent), name=f"{SHRUNK.name}目录报送", protocol="folder", location=""
        ),
        deliveries=complete_lists(),
        handing_in=replace(
            _endpoint_of(HANDING_IN, HANDING_IN.parent),
            name=f"{HANDING_IN.name}住建局(在线报送)",
            protocol="console",
            location="",
        ),
        table=(TABLE, table()),
    )


def registers() -> tuple[SampleRegister, ...]:
    """From the nation down: two provinces, the cities, and one county below its city."""
    code, name = NATION
    return (
        SampleRegister(code, f"{name}工程建设信息目录", "national", code),
        *(SampleRegister(each, f"{of}工程建设信息目录", "provincial", each) for each, of in PROVINCES),
        *(_register_of(place) for place in PLACES),
    )


def sources() -> tuple[SampleSource, ...]:
    """Each register as a source of the one above, from the nation down, so that a role above counts beneath;
    then each place's endpoint as the source of its register."""
    upward = [(code, name, NATION[0]) for code, name in PROVINCES]
    upward += [(place.code, place.name, place.parent) for place in PLACES]
    return (
        *(_register_above(code, name, parent) for code, name, parent in upward),
        *(_endpoint_of(place, place.code) for place in PLACES),
    )


def _register_of(place: Place) -> SampleRegister:
    level = "county" if place.name.endswith("县") else "municipal"
    return SampleRegister(place.code, f"{place.name}工程建设信息目录", level, place.code)


def _endpoint_of(place: Place, register_code: str) -> SampleSource:
    speaks_oai = place.publishing in (Publishing.OAI_PMH, Publishing.WEB_PAGE)
    return SampleSource(
        code=f"{place.host.partition('.')[0]}-{place.code}",
        register_code=register_code,
        name=f"{place.name}目录发布端",
        protocol="oai-pmh" if speaks_oai else "xml-document",
        location=place.path,
        metadata_prefix="catalogue" if speaks_oai else "municipal_list",
        namespace=place.host,
        identifier_prefixes=(f"oai:{place.host}:",),
        divisions=(place.code,),
    )


def _register_above(code: str, name: str, parent: str) -> SampleSource:
    return SampleSource(
        code=f"register-{code}-in-{parent}",
        register_code=parent,
        name=f"{name}登记册",
        protocol="register",
        location=code,
        metadata_prefix="catalogue",
        namespace="",
        identifier_prefixes=(),
        divisions=(code,),
    )
