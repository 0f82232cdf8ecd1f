"""Registering a source, and amending what is stated of one.

What changes the fingerprint of a source that was submitted or approved is shown, field by field, before it is saved: it
has to be approved again.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request
from wtforms import SelectField, StringField

from registry.errors import Conflict, Forbidden, NotFound, Refused
from registry.model.issue import Text
from registry.model.lifecycle import SourceAction
from registry.model.role import Permission
from registry.model.source import SourceStatus
from registry.services import admission, registration, steps
from registry.store.sources import Source
from registry.web.admin.forms import at_most, choice, described, fault, listed, needed
from registry.web.admin.routing import Pages
from registry.web.admin.source_fields import accepted
from registry.web.admin.source_life import late
from registry.web.admin.source_person import PersonForm
from registry.web.admin.source_statement import StatementForm, changes, description_of, rows_of
from registry.web.admin.targets import Reach, anywhere, of_source
from registry.web.admin.visit import Visit

pages = Pages("source_forms")

_ADDED = Text(
    zh="已登记(草稿)。先试采，确认无误后提交审核。",
    en="It is registered as a draft. Probe it, and submit it when all is as it should be.",
)
_AMENDED = Text(zh="已修改。", en="It is amended.")
_AGAIN = Text(
    zh="已修改，须由他人重新批准后才会采集；已发布的内容保留。",
    en="It is amended, and has to be approved again by somebody else before it is harvested; what it published stays.",
)
_NOTHING = Text(zh="没有改动。", en="Nothing was changed.")


class NewSourceForm(StatementForm, PersonForm):
    """What is stated of a new source."""

    code = StringField(
        **described(
            Text("代码", "Code"),
            Text(
                "字母、数字、点、下划线或连字符，登记后不能更改，如 hangzhou-jianwei。",
                "Letters, digits, dots, underscores or hyphens; it never changes. Such as hangzhou-jianwei.",
            ),
        ),
        validators=[needed, at_most(64), accepted(admission.check_code)],
    )
    on = SelectField(
        **described(
            Text("登记册", "Register"), Text("其记录并入该登记册。", "Its records are merged into it.")
        ),
        validators=[listed],
        validate_choice=False,
    )


def places(visit: Visit) -> list[Any]:
    """The registers for which whoever is signed in may register sources, as choices."""
    reach = visit.rights.reach(Permission.ADD_SOURCE)
    known = (each for each in visit.registers.values() if reach is None or each.id in reach)
    return [choice(each.code, f"{each.name} ({each.code})") for each in known]


def new_form(visit: Visit, *, sent: bool) -> NewSourceForm:
    """The form of a new source, with what was ``sent``."""
    form = NewSourceForm() if sent else NewSourceForm(formdata=None)
    form.on.choices = places(visit)
    form.offer()
    form.register_code = form.on.data or ""
    if not sent and visit.chosen is not None:
        form.on.data = visit.chosen.code
    return form


@pages.form("/new-source", Permission.ADD_SOURCE, on=anywhere)
def add_form(visit: Visit, _reach: Reach) -> Response:
    """The form of a new source."""
    return visit.page("sources/new.html", form=new_form(visit, sent=False))


@pages.act("/new-source", Permission.ADD_SOURCE, on=anywhere)
def add(visit: Visit, _reach: Reach) -> Response:
    """Register a source, as a draft."""
    form = new_form(visit, sent=True)
    if not form.validate():
        return visit.page("sources/new.html", 422, form=form)
    code = (form.code.data or "").strip()
    new = registration.NewSource(
        code=code, register_code=form.on.data, contact=form.person(), **form.stated()
    )
    try:
        registration.add_source(visit.engines.write, new, actor=visit.actor, now=visit.now)
    except Conflict as failure:
        fault(form.code, failure.text)
        return visit.page("sources/new.html", 409, form=form)
    except (Forbidden, NotFound, Refused) as failure:
        fault(form.on if isinstance(failure, Forbidden) else form.location, failure.text)
        return visit.page("sources/new.html", 403 if isinstance(failure, Forbidden) else 422, form=form)
    visit.tell(_ADDED)
    return visit.to("sources.show", code=code)


@pages.form("/sources/<code>/amend", Permission.AMEND_SOURCE, on=of_source)
def amend_form(visit: Visit, source: Source) -> Response:
    """The form of what is stated of a source."""
    try:
        steps.step(source, SourceAction.AMEND)
    except Conflict as conflict:
        return late(visit, source, conflict.text)
    form = StatementForm(formdata=None)
    form.offer(source)
    form.show(source)
    return _amend_page(visit, source, form)


@pages.act("/sources/<code>/amend", Permission.AMEND_SOURCE, on=of_source)
def amend(visit: Visit, source: Source) -> Response:
    """Amend a source; what would send it back to approval is shown before."""
    form = StatementForm()
    form.offer(source)
    if not form.validate():
        return _amend_page(visit, source, form, 422)
    changed = changes(source, form.stated())
    if not changed:
        visit.tell(_NOTHING, "warning")
        return visit.to("sources.show", code=source.code)
    if asks_again(source, changed) and request.form.get("confirmed") != "yes":
        return _review(visit, source, changed)
    try:
        amended = registration.amend_source(
            visit.engines.write, source.code, changed, actor=visit.actor, now=visit.now,
            seen=request.form.get("seen", ""),
        )  # fmt: skip
    except Conflict as conflict:
        return late(visit, source, conflict.text)
    except (NotFound, Refused) as failure:
        fault(form.location, failure.text)
        return _amend_page(visit, source, form, 422)
    again = amended.status is SourceStatus.SUBMITTED and asks_again(source, changed)
    visit.tell(_AGAIN if again else _AMENDED, "warning" if again else "done")
    return visit.to("sources.show", code=source.code)


def asks_again(source: Source, changed: dict[str, Any]) -> bool:
    """Whether a change sends the source (back) to approval."""
    differs = description_of(source.description, changed).fingerprint != source.description.fingerprint
    return differs and source.status not in (SourceStatus.DRAFT, SourceStatus.REJECTED)


def _amend_page(visit: Visit, source: Source, form: StatementForm, status: int = 200) -> Response:
    return visit.page("sources/amend.html", status, source=source, form=form)


def _review(visit: Visit, source: Source, changed: dict[str, Any]) -> Response:
    kept = [
        (name, value)
        for name in request.form
        if name not in ("csrf_token", "confirmed")
        for value in request.form.getlist(name)
    ]
    return visit.page("sources/review.html", source=source, rows=rows_of(source, changed), kept=kept)
