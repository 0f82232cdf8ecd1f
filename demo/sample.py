"""The sample as a whole: its registers, its sources, and who acts in it. Plain values: this package knows
nothing of the program that it is made for."""

from __future__ import annotations

from dataclasses import dataclass

from demo.places import NATION, PLACES, PROVINCES, Place, Publishing

SUBMITTER = "demo:registrar"
APPROVER = "demo:reviewer"
"""The two people of the sample: who submits a source does not approve it."""

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


def registers() -> tuple[SampleRegister, ...]:
    """From the nation down: two provinces, the cities, and one county below its city."""
    code, name = NATION
    return (
        SampleRegister(code, f"{name}工程建设信息目录", "national", code),
        *(SampleRegister(each, f"{of}工程建设信息目录", "provincial", each) for each, of in PROVINCES),
        *(_register_of(place) for place in PLACES),
    )


def sources() -> tuple[SampleSource, ...]:
    """Each place's endpoint as the source of its register; each register as a source of the one above."""
    upward = [(place.code, place.name, place.parent) for place in PLACES]
    upward += [(code, name, NATION[0]) for code, name in PROVINCES]
    return (
        *(_endpoint_of(place) for place in PLACES),
        *(_register_above(code, name, parent) for code, name, parent in upward),
    )


def _register_of(place: Place) -> SampleRegister:
    level = "county" if place.name.endswith("县") else "municipal"
    return SampleRegister(place.code, f"{place.name}工程建设信息目录", level, place.code)


def _endpoint_of(place: Place) -> SampleSource:
    speaks_oai = place.publishing is Publishing.OAI_PMH
    return SampleSource(
        code=f"{place.host.partition('.')[0]}-{place.code}",
        register_code=place.code,
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
