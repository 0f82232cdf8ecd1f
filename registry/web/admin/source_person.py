"""Who answers for a source (联络员): stated with it, and changed apart from it, since nobody has to approve that."""

from __future__ import annotations

from flask import Response
from wtforms import StringField

from registry.model.contact import ContactPerson
from registry.model.issue import Text
from registry.model.role import Permission
from registry.services import contacts
from registry.store.sources import Source
from registry.web.admin.forms import Form, at_most, described, needed
from registry.web.admin.routing import Pages
from registry.web.admin.targets import of_source
from registry.web.admin.visit import Visit

pages = Pages("source_person")

_CHANGED = Text(zh="联络员已更改。", en="The contact person is changed.")


class PersonForm(Form):
    """Who answers for a source (联络员)."""

    body = StringField(
        **described(
            Text("责任单位", "Responsible body"),
            Text("对内容负责的单位全称。", "The office that answers for it."),
        ),
        validators=[needed, at_most(200)],
    )
    contact_name = StringField(
        **described(Text("联络员", "Contact person")), validators=[needed, at_most(100)]
    )
    phone = StringField(
        **described(
            Text("电话", "Telephone"), Text("仅经办人员可见。", "Shown to those who work on the source.")
        ),
        validators=[at_most(100)],
    )
    email = StringField(**described(Text("电子邮件", "E-mail")), validators=[at_most(200)])

    def person(self) -> ContactPerson:
        """Whom the form names."""
        said = (self.contact_name.data, self.phone.data, self.email.data, self.body.data)
        return ContactPerson(*((each or "").strip() for each in said))

    def show_person(self, person: ContactPerson) -> None:
        """Fill in who answers so far."""
        self.contact_name.data, self.phone.data = person.name, person.phone
        self.email.data, self.body.data = person.email, person.body


@pages.form("/sources/<code>/person", Permission.AMEND_SOURCE, on=of_source)
def change_form(visit: Visit, source: Source) -> Response:
    """The form of who answers for the source."""
    form = PersonForm(formdata=None)
    form.show_person(source.contact)
    return visit.page("sources/person.html", source=source, form=form)


@pages.act("/sources/<code>/person", Permission.AMEND_SOURCE, on=of_source)
def change(visit: Visit, source: Source) -> Response:
    """Say who answers for the source."""
    form = PersonForm()
    if not form.validate():
        return visit.page("sources/person.html", 422, source=source, form=form)
    contacts.set_person(visit.engines.write, source.code, form.person(), actor=visit.actor, now=visit.now)
    visit.tell(_CHANGED)
    return visit.to("sources.show", code=source.code, _anchor="contacts")
