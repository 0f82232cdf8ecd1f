"""What ``mulu demo`` is handed: a sample of registers, sources, people and situations, as protocols.

The sample stands apart (``demo/``) and imports nothing of ours; ``cli.py`` hands it in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from registry.model.source import Protocol as SourceProtocol
from registry.model.source import SourceScope
from registry.services import registration

_LOOPBACK = "127.0.0.1/32"


class SampleRegister(Protocol):
    """A register of the sample. ``level``: a member of ``registry.model.register.Level``."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def division(self) -> str: ...


class SampleSource(Protocol):
    """A source of the sample. ``location``: a path below the sample's URL, or the code of a register."""

    @property
    def code(self) -> str: ...
    @property
    def register_code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def protocol(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def metadata_prefix(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def identifier_prefixes(self) -> tuple[str, ...]: ...
    @property
    def divisions(self) -> tuple[str, ...]: ...


class SamplePerson(Protocol):
    """Somebody with an account. ``register_code`` empty: the role is held everywhere."""

    @property
    def name(self) -> str: ...
    @property
    def full_name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def register_code(self) -> str: ...


class Situations(Protocol):
    """What is under way. ``waiting`` is submitted only; ``failing`` is harvested in vain; ``delivering`` delivers
    the documents ``deliveries``, each of them a complete list; ``handing_in`` has a ``table`` (name and bytes) that
    waits to be delivered."""

    @property
    def waiting(self) -> SampleSource: ...
    @property
    def failing(self) -> SampleSource: ...
    @property
    def delivering(self) -> SampleSource: ...
    @property
    def deliveries(self) -> Sequence[bytes]: ...
    @property
    def handing_in(self) -> SampleSource: ...
    @property
    def table(self) -> tuple[str, bytes]: ...


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample: what to create, and how its endpoints are run at a port.

    ``administrator`` and the four after it: names among ``people``. The officer submits what is under way in one
    city, the submitter everything else.
    """

    registers: Sequence[SampleRegister]
    sources: Sequence[SampleSource]
    people: Sequence[SamplePerson]
    administrator: str
    submitter: str
    officer: str
    operator: str
    approver: str
    situations: Callable[[], Situations]
    preferred_port: int
    running: Callable[[int], AbstractContextManager[str]]


def described(source: SampleSource, location: str) -> registration.NewSource:
    """A source of the sample that is to be made, at ``location``. Registers and deliveries have no schedule."""
    protocol = SourceProtocol(source.protocol)
    remote = protocol in (SourceProtocol.OAI_PMH, SourceProtocol.XML_DOCUMENT)
    return registration.NewSource(
        code=source.code,
        register_code=source.register_code,
        name=source.name,
        protocol=protocol,
        location=location,
        metadata_prefix=source.metadata_prefix,
        namespace=source.namespace,
        scope=SourceScope(source.identifier_prefixes, source.divisions),
        schedule="every 15m" if remote else "",
        allowed_networks=(_LOOPBACK,) if remote else (),
    )
