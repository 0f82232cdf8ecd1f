"""What lies in a folder of deliveries and is read by nobody: told with every harvest, whatever else came."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from harvester.errors import HarvestFailure
from harvester.protocols.deliveries import find_delivery, is_delivery, is_document, next_delivery, shown
from harvester.protocols.faults import DELIVERY_LATE, DELIVERY_LINK, FILE_BESIDE
from registry.model.issue import Issue
from registry.model.run import Scope, Window
from registry.model.source import Protocol, SourceDescription
from registry.store import runs
from registry.store.engine import Engines
from schemas.fault import Fault

_NAMED = 5
_DOCUMENTS = (".xml", ".zip", ".json")


def overlooked_of(engines: Engines, source: SourceDescription, window: Window) -> tuple[Issue, ...]:
    """What a harvest of a source in this window passes over; nothing for one that is no folder."""
    if source.protocol is not Protocol.FOLDER:
        return ()
    with engines.read.connect() as connection:
        read = runs.answers_read(connection, source.id)
    return overlooked(Path(source.location), window.etag, read)


def overlooked(location: Path, after: str, read: Collection[str]) -> tuple[Issue, ...]:
    """What lies in a folder and is not read by one who goes on behind the delivery ``after`` (empty: begins), and has
    read those of the names ``read``: documents beside the deliveries, deliveries that came late, links."""
    try:
        here = sorted(each for each in location.iterdir() if not each.name.startswith("."))
        links = [each.name for each in here if each.is_symlink()] + _links_of_next(location, after)
        beside = [each.name for each in here if is_document(each)]
        late = _late([each.name for each in here if is_delivery(each)], location, after, read)
    except OSError:  # the walk tells that the folder cannot be read
        return ()
    return (
        *_told(FILE_BESIDE, beside, after),
        *_told(DELIVERY_LATE, late, after),
        *_told(DELIVERY_LINK, links, after),
    )


def _told(fault: Fault, names: Sequence[str], after: str) -> tuple[Issue, ...]:
    if not names:
        return ()
    first = [shown(name) for name in names[:_NAMED]]
    named = ", ".join([*first, "…"] if len(names) > _NAMED else first)
    return (fault.issue(names=named, count=len(names), after=after),)


def _links_of_next(location: Path, after: str) -> list[str]:
    """Links where documents are looked for, in the delivery that is read now."""
    try:
        delivery = next_delivery(location, after)
    except HarvestFailure:  # the walk tells why it cannot be read
        return []
    if delivery is None:
        return []
    return sorted(
        f"{delivery.name}/{each.name}"
        for each in delivery.folder.iterdir()
        if each.is_symlink() and not each.name.startswith(".") and each.suffix.lower() in _DOCUMENTS
    )


def _late(names: Sequence[str], location: Path, after: str, read: Collection[str]) -> list[str]:
    """Deliveries before ``after`` that were never read, in the order of their names.

    One that stands before a complete list was overtaken by it, as its name says, unless its manifest says that it was
    made later.
    """
    unread = [name for name in names if name <= after and name not in read]
    if not unread:
        return []
    found = list(_manifests(location, [name for name in names if unread[0] <= name <= after]))
    full = [(name, made) for name, scope, made in found if scope is Scope.FULL]
    if not full:
        return unread
    newest, then = full[-1]
    overtaken = {name for name, _, made in found if name < newest and made <= then}
    return [name for name in unread if name not in overtaken]


def _manifests(location: Path, names: Sequence[str]) -> Iterator[tuple[str, Scope, datetime]]:
    """What the deliveries of these names say of themselves: what they list, and when they were made."""
    for name in names:
        try:
            delivery = find_delivery(location, name)
        except HarvestFailure:
            continue
        made = delivery.created
        yield name, delivery.scope, made if made.tzinfo is not None else made.replace(tzinfo=UTC)
