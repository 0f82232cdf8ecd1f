"""What an office without an endpoint hands in: uploaded, looked at, and delivered or discarded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import IO, NamedTuple

import msgspec
from flask import Response, request

from registry.errors import Conflict, Refused
from registry.formats.columns import COLUMNS
from registry.model.delivery import Delivery, DeliveryState, FileKind, Origin, file_kind
from registry.model.inspection import Previewed
from registry.model.issue import NO_TEXT, Text
from registry.model.order import OrderStatus
from registry.model.role import Permission
from registry.model.run import Scope
from registry.outlets.workbook import write_workbook
from registry.services import delivering, ordering
from registry.services.delivering import HandedIn, Room
from registry.store import deliveries, orders
from registry.store.deliveries import PIECE
from registry.store.orders import Placed
from registry.store.sources import Source
from registry.web.admin import paging
from registry.web.admin.language import language
from registry.web.admin.routing import Pages
from registry.web.admin.targets import of_delivery, of_source
from registry.web.admin.visit import Visit
from registry.web.admin.workbooks import workbook_of

pages = Pages("deliveries")

_ENDED = (OrderStatus.DONE, OrderStatus.FAILED)

_NO_FILE = Text(zh="请选择文件。", en="Choose a file.")
_NO_SCOPE = Text(
    zh="请说明文件是部分变更还是完整清单。", en="Say whether the file holds changes, or is the complete list."
)
_NO_KIND = Text(zh="只接受 {kinds} 文件。", en="Only {kinds} files are accepted.")
_DELIVERED = Text(
    zh="已报送。系统读取、核对后发布；结果见采集运行。",
    en="It is delivered: it is read, checked and published. What comes of it stands with the runs of the source.",
)
_DISCARDED = Text(zh="已放弃，内容已删除。", en="It is discarded; its content is gone.")


class Look(NamedTuple):
    """The order that looks at a delivery, and what it found (None: nothing yet, or it failed)."""

    order: Placed
    found: Previewed | None

    @property
    def has_ended(self) -> bool:
        return self.order.status in _ENDED


def look_at(visit: Visit, delivery: Delivery) -> Look | None:
    """How a delivery was looked at; None where nobody ordered that."""
    order = None if delivery.order_id is None else orders.placed(visit.connection, delivery.order_id)
    if order is None:
        return None
    is_there = order.status is OrderStatus.DONE and bool(order.outcome and "tally" in order.outcome)
    return Look(order, msgspec.convert(order.outcome, Previewed) if is_there else None)


def room_of(visit: Visit) -> Room:
    """How much may be handed in."""
    limits = visit.settings.deliveries
    return Room(limits.file_bytes, limits.waiting)


@pages.read("/sources/<code>/deliveries", Permission.READ_SOURCES, on=of_source)
def listing(visit: Visit, source: Source) -> Response:
    """What was handed in for a source, the newest first, and where more is."""
    return _listing(visit, source)


@pages.read("/sources/<code>/deliveries/table.xlsx", Permission.READ_SOURCES, on=of_source)
def columns(_visit: Visit, source: Source) -> Response:
    """An empty table to fill in: the headings in the language of whoever asks, the mandatory ones first."""
    known = sorted(COLUMNS, key=lambda each: not each.mandatory)
    headings = [each.zh if language() == "zh" else each.name for each in known]
    return workbook_of(
        f"mulu-{source.code}.xlsx",
        partial(write_workbook, headings, (), title="records", too_many=NO_TEXT),
    )


@pages.act("/sources/<code>/deliveries", Permission.DELIVER, on=of_source, takes_files=True)
def upload(visit: Visit, source: Source) -> Response:
    """Keep a file, and have it looked at."""
    given = request.files.get("file")
    scope = next((each for each in Scope if each == request.form.get("scope")), None)
    if given is None or not given.filename:
        return _listing(visit, source, _NO_FILE)
    name = _name_of(given.filename)
    kind = file_kind(name)
    if kind is None:
        return _listing(visit, source, _NO_KIND.format(kinds=", ".join(FileKind)))
    if scope is None:
        return _listing(visit, source, _NO_SCOPE)
    what = HandedIn(name, kind, Origin.FILE, scope, pieces=_pieces(given.stream))
    try:
        delivery_id = delivering.hand_in(
            visit.engines.write, source.code, what, room=room_of(visit), actor=visit.actor, now=visit.now
        )
    except Refused as refused:
        return _listing(visit, source, refused.text)
    return visit.to("deliveries.show", id=delivery_id)


def _name_of(filename: str) -> str:
    """The name of a file as its sender has it, without the way to it and what cannot be shown."""
    return "".join(char for char in PurePosixPath(filename.replace("\\", "/")).name if char.isprintable())


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.read(PIECE), b"")


def _listing(visit: Visit, source: Source, error: Text | None = None) -> Response:
    found = deliveries.of_source(
        visit.connection, source.id, before=paging.after_number(), limit=paging.ROWS + 1
    )
    return visit.page(
        "deliveries/list.html",
        422 if error else 200,
        source=source,
        deliveries=paging.cut(found, lambda each: each.id),
        error=error,
        kinds=list(FileKind),
        limit=visit.settings.deliveries.file_bytes,
    )


@pages.read("/deliveries/<int:id>", Permission.READ_SOURCES, on=of_delivery)
def show(visit: Visit, delivery: Delivery, source: Source) -> Response:
    """What would become of a delivery; while it is looked at, that one has to wait."""
    return _show(visit, delivery, source)


@pages.act("/deliveries/<int:id>/look", Permission.DELIVER, on=of_delivery)
def look(visit: Visit, delivery: Delivery, source: Source) -> Response:
    """Have it looked at once more."""
    try:
        delivering.look_again(visit.engines.write, delivery.id, actor=visit.actor, now=visit.now)
    except Conflict as conflict:
        return _late(visit, delivery, source, conflict)
    return visit.to("deliveries.show", id=delivery.id)


@pages.act("/deliveries/<int:id>/deliver", Permission.DELIVER, on=of_delivery)
def deliver(visit: Visit, delivery: Delivery, source: Source) -> Response:
    """Deliver it."""
    try:
        delivering.deliver(visit.engines.write, delivery.id, actor=visit.actor, now=visit.now)
    except Conflict as conflict:
        return _late(visit, delivery, source, conflict)
    visit.tell(_DELIVERED)
    return visit.to("deliveries.show", id=delivery.id)


@pages.act("/deliveries/<int:id>/discard", Permission.DELIVER, on=of_delivery)
def discard(visit: Visit, delivery: Delivery, source: Source) -> Response:
    """Drop it."""
    try:
        delivering.discard(visit.engines.write, delivery.id, actor=visit.actor, now=visit.now)
    except Conflict as conflict:
        return _late(visit, delivery, source, conflict)
    visit.tell(_DISCARDED)
    return visit.to("deliveries.listing", code=source.code)


def _late(visit: Visit, delivery: Delivery, source: Source, conflict: Conflict) -> Response:
    """Somebody was faster, or it cannot be yet: how it stands now."""
    return _show(visit, deliveries.get(visit.connection, delivery.id), source, conflict.text)


def _show(visit: Visit, delivery: Delivery, source: Source, error: Text | None = None) -> Response:
    seen = look_at(visit, delivery)
    return visit.page(
        "deliveries/show.html",
        409 if error else 200,
        source=source,
        delivery=delivery,
        look=seen,
        is_kept=delivery.state is DeliveryState.KEPT,
        is_served=(seen is not None and seen.has_ended)
        or ordering.is_scheduled(visit.engines.read, visit.now),
        error=error,
    )
