"""Records that are entered, changed and taken back one by one: each is a delivery like any other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, request

from registry.errors import Conflict, NotFound, Refused
from registry.formats.entered import Entered, document_of, entered_in, entered_of, left_out
from registry.model.delivery import Delivery, DeliveryState, FileKind, Origin
from registry.model.document import Catalogue
from registry.model.issue import Text
from registry.model.role import Permission
from registry.services import delivering
from registry.services.delivering import HandedIn
from registry.store import deliveries, documents, holdings, records
from registry.store.sources import Source
from registry.web.admin import paging
from registry.web.admin.deliveries import look_at, room_of
from registry.web.admin.forms import member
from registry.web.admin.record_fields import GROUPS, LEFT_TO_US, MAIN, PARTIES, RecordForm, form_of
from registry.web.admin.reviews import reason
from registry.web.admin.routing import Pages
from registry.web.admin.targets import of_delivery, of_source
from registry.web.admin.visit import Visit

pages = Pages("entering")

_NOT_HELD = Text(
    zh="该来源没有标识符为 {identifier} 的有效记录。", en="The source holds no live record {identifier}."
)
_NOT_XML = Text(
    zh="有的内容含有不能保存的控制字符，请删去后重试。",
    en="Some of it holds control characters that cannot be kept; take them out and try again.",
)
_NO_FORM = Text(zh="这份报送不是在表单中登记的。", en="This delivery was not entered in a form.")


@pages.form("/sources/<code>/records", Permission.DELIVER, on=of_source)
def held(visit: Visit, source: Source) -> Response:
    """The live records of a source, to be changed or taken back."""
    found = holdings.live_of(visit.connection, source.id, before=paging.after_number(), limit=paging.ROWS + 1)
    return visit.page(
        "deliveries/records.html", source=source, records=paging.cut(found, lambda each: each.id)
    )


@pages.form("/sources/<code>/record", Permission.DELIVER, on=of_source)
def new_form(visit: Visit, source: Source) -> Response:
    """The form of a new record, or (``identifier``) of one that the source holds."""
    identifier = request.args.get("identifier", "")
    if identifier:
        content = _content(visit, source, identifier)
        form = _filled(entered_of(content))
        return _page(visit, source, form, lost=left_out(content), identifier=identifier)
    catalogue = member(Catalogue, request.args.get("catalogue", "")) or Catalogue.PROJECT
    form = form_of(1)(formdata=None)
    form.offer(catalogue)
    return _page(visit, source, form)


@pages.form("/deliveries/<int:id>/record", Permission.DELIVER, on=of_delivery)
def again_form(visit: Visit, delivery: Delivery, source: Source) -> Response:
    """The form of a record that was entered and is not delivered yet, with what was found in it."""
    if delivery.origin is not Origin.FORM or delivery.state is not DeliveryState.KEPT:
        raise Conflict(_NO_FORM)
    document = b"".join(deliveries.pieces(visit.connection, delivery.id))
    entered = entered_in(document)
    form = _filled(entered)
    look = look_at(visit, delivery)
    left = form.tell(look.found.rows) if look is not None and look.found is not None else []
    return _page(visit, source, form, replaces=delivery, left=left, identifier=entered.identifier)


@pages.act("/sources/<code>/record", Permission.DELIVER, on=of_source)
def enter(visit: Visit, source: Source) -> Response:
    """Keep a record, and have it looked at; or ask for one more party."""
    form = form_of(_count())()
    form.offer(member(Catalogue, request.form.get("catalogue", "")) or Catalogue.PROJECT)
    shown: dict[str, Any] = {
        "replaces": _replaced(visit, source),
        "identifier": request.form.get("identifier", ""),
    }
    if "more" in request.form:
        return _page(visit, source, _filled(form.entered(), 1), **shown)
    if not form.validate():
        return _page(visit, source, form, 422, **shown)
    return _enter(visit, source, form, shown)


def _enter(visit: Visit, source: Source, form: RecordForm, shown: dict[str, Any]) -> Response:
    entered, replaces = replace(form.entered(), identifier=shown["identifier"]), shown["replaces"]
    try:
        document = document_of(entered)
        what = HandedIn(
            entered.values["resTitle"] or entered.values["mdId"],
            FileKind.XML,
            Origin.FORM,
            pieces=(document,),
            replaces=None if replaces is None else replaces.id,
        )
        delivery_id = delivering.hand_in(
            visit.engines.write, source.code, what, room=room_of(visit), actor=visit.actor, now=visit.now
        )
    except (Refused, Conflict) as failure:
        return _page(visit, source, form, 422, error=failure.text, **shown)
    except ValueError:
        return _page(visit, source, form, 422, error=_NOT_XML, **shown)
    return visit.to("deliveries.show", id=delivery_id)


@pages.form("/sources/<code>/withdraw", Permission.DELIVER, on=of_source)
def withdraw_form(visit: Visit, source: Source) -> Response:
    """What it means to take a record back."""
    identifier = request.args.get("identifier", "")
    _content(visit, source, identifier)
    return visit.page("deliveries/withdraw.html", source=source, identifier=identifier)


@pages.act("/sources/<code>/withdraw", Permission.DELIVER, on=of_source)
def withdraw(visit: Visit, source: Source) -> Response:
    """Keep that a record is taken back, and have that looked at."""
    identifier = request.form.get("identifier", "")
    what = HandedIn(identifier, FileKind.XML, Origin.WITHDRAWAL, withdrawn=(identifier,), reason=reason())
    try:
        delivery_id = delivering.hand_in(
            visit.engines.write, source.code, what, room=room_of(visit), actor=visit.actor, now=visit.now
        )
    except (Refused, Conflict) as failure:
        return visit.page(
            "deliveries/withdraw.html", 422, source=source, identifier=identifier, error=failure.text
        )
    return visit.to("deliveries.show", id=delivery_id)


def _count() -> int:
    """How many parties were sent."""
    sent = request.form.get("parties", "1")
    return min(max(int(sent), 1), PARTIES) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 1


def _replaced(visit: Visit, source: Source) -> Delivery | None:
    """The delivery whose place the record takes, if the form says so and it is one of the source."""
    sent = request.form.get("replaces", "")
    if not (sent.isascii() and sent.isdigit() and len(sent) < 19):
        return None
    try:
        found = deliveries.get(visit.connection, int(sent))
    except NotFound:
        return None
    return found if found.source_id == source.id and found.origin is Origin.FORM else None


def _content(visit: Visit, source: Source, identifier: str) -> bytes:
    """The document of a live record of the source. Raises ``NotFound``."""
    stated = source.description
    found = records.known_records(visit.connection, stated.register_id, stated.id, [identifier])
    known, document_id = found.get(identifier, (None, None))
    if known is None or known.deleted or document_id is None:
        raise NotFound(_NOT_HELD.format(identifier=identifier))
    return documents.content(visit.connection, document_id)


def _filled(entered: Entered, more: int = 0) -> RecordForm:
    """The form that shows a record, with room for ``more`` parties."""
    form = form_of(min(max(len(entered.parties) + more, 1), PARTIES))(formdata=None)
    form.show(entered)
    form.offer(member(Catalogue, entered.values.get("catalogue", "")) or Catalogue.PROJECT)
    return form


def _page(visit: Visit, source: Source, form: RecordForm, status: int = 200, **context: object) -> Response:
    parts = {"replaces": None, "left": [], "lost": (), "identifier": "", "error": None} | context
    if parts["identifier"]:
        form.mdId.render_kw = {"readonly": True}  # it was published under this number
    return visit.page(
        "deliveries/record.html",
        status,
        source=source,
        form=form,
        groups=GROUPS,
        main=MAIN,
        left_to_us=LEFT_TO_US,
        can_add=form.count < PARTIES,
        **parts,
    )
