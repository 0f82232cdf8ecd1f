"""The way upward inside one installation: a register's log as the register above it reads it.

Documents travel as digests; what peers may not see stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from registry.model.datestamp import format_datestamp
from registry.model.harvesting import Changes
from registry.model.record import CheckedRecord, Condition, Hop
from registry.model.version import Version
from registry.model.visibility import Audience, day_of
from registry.outlets.selection import Listing, listing
from registry.store import log, registers
from registry.store.engine import Engines
from schemas.xsd import NAMESPACE


class UpwardReader:
    """Fulfils ``registry.model.harvesting.ChangeReader``. ``public_url`` is under which this installation
    serves ``/oai/<code>``: the base URL that stands in the path of what it passes on."""

    def __init__(self, engines: Engines, public_url: str, clock: Callable[[], datetime]) -> None:
        self._engines, self._public_url, self._clock = engines, public_url, clock

    def mark(self, register_code: str) -> int:
        """The last published sequence of the register. Raises ``NotFound``."""
        with self._engines.read.connect() as connection:
            return registers.get(connection, register_code).mark

    def changes(self, register_code: str, after: int, mark: int, limit: int) -> Changes:
        """See ``ChangeReader.changes``."""
        with self._engines.read.connect() as connection:
            register = registers.get(connection, register_code)
            versions = log.current_after(
                connection, register.id, after=after, mark=mark, limit=limit, with_content=False
            )
        base_url = f"{self._public_url}/oai/{register_code}"
        on = day_of(self._clock())
        records = [
            record
            for version in versions
            if (record := _record(version, register_code, base_url, on)) is not None
        ]
        return Changes(records, versions[-1].sequence if len(versions) == limit else mark)


def _record(version: Version, register_code: str, base_url: str, on: date) -> CheckedRecord | None:
    listed = listing(version, Audience.PEER, on)
    if listed is Listing.OMITTED:
        return None
    shown = listed is Listing.RECORD
    datestamp = format_datestamp(version.datestamp)
    return CheckedRecord(
        identifier=version.identifier,
        condition=Condition.LIVE if shown else Condition.DELETED,
        document_digest=version.digest if shown else b"",
        datestamp=version.datestamp,
        path=(*version.path, Hop(register_code, base_url, datestamp, NAMESPACE, "")),
        place=f"{register_code}#{version.sequence}",
    )
