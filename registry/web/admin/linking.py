"""Whom the identity provider calls what: linking an account with an external identity, and ending that."""

from __future__ import annotations

from flask import Response, request
from wtforms import BooleanField, StringField

from registry.errors import Conflict, NotFound, Refused
from registry.model.account import Account
from registry.model.external import VALUE_LIMIT, subject_of
from registry.model.issue import Text
from registry.model.role import Permission
from registry.services import accounts as service
from registry.web.admin.forms import Form, at_most, described, fault, needed
from registry.web.admin.routing import Pages
from registry.web.admin.targets import of_account
from registry.web.admin.visit import Visit

pages = Pages("linking")

SUBJECT_HINT = Text(
    zh="统一身份认证中此人的标识(区分大小写)；本人用它登录一次，登录页会显示该标识。",
    en="What the identity provider calls this person (case matters); the page tells it to whoever signs in unlinked.",
)
_OFF = Text(zh="没有设置统一身份认证。", en="no identity provider is set.")
_LINKED = Text(
    zh="账号 {name} 已关联外部身份。", en="The account {name} is linked with an external identity."
)
_UNLINKED = Text(
    zh="账号 {name} 已解除外部身份。", en="The account {name} has no external identity any more."
)


class LinkForm(Form):
    """What the provider calls the holder of the account."""

    value = StringField(
        **described(Text("外部身份标识", "External identity"), SUBJECT_HINT),
        validators=[needed, at_most(VALUE_LIMIT)],
    )
    drop_password = BooleanField(**described(Text("同时取消密码登录", "Take the password away as well")))


@pages.form("/accounts/<name>/link", Permission.GRANT, on=of_account)
def link_form(visit: Visit, account: Account) -> Response:
    """The form."""
    _issuer(visit)
    return visit.page("accounts/link.html", account=account, form=LinkForm())


@pages.act("/accounts/<name>/link", Permission.GRANT, on=of_account)
def link_(visit: Visit, account: Account) -> Response:
    """Link the account."""
    form, issuer = LinkForm(), _issuer(visit)
    if not form.validate():
        return visit.page("accounts/link.html", 422, account=account, form=form)
    try:
        service.set_subject(
            visit.engines.write, account.name, subject_of(issuer, form.value.data or ""), actor=visit.actor,
            now=visit.now, drop_password=form.drop_password.data,
        )  # fmt: skip
    except (Refused, Conflict) as failure:
        fault(form.value, failure.text)
        return visit.page("accounts/link.html", 422, account=account, form=form)
    visit.tell(_LINKED.format(name=account.name))
    return visit.to("accounts.show", name=account.name)


@pages.form("/accounts/<name>/unlink", Permission.GRANT, on=of_account)
def unlink_form(visit: Visit, account: Account) -> Response:
    """Asks before ending it."""
    return visit.page("accounts/unlink.html", account=account)


@pages.act("/accounts/<name>/unlink", Permission.GRANT, on=of_account)
def unlink(visit: Visit, account: Account) -> Response:
    """End it."""
    service.set_subject(
        visit.engines.write, account.name, "", actor=visit.actor, now=visit.now,
        reason=request.form.get("reason", ""),
    )  # fmt: skip
    visit.tell(_UNLINKED.format(name=account.name))
    return visit.to("accounts.show", name=account.name)


def _issuer(visit: Visit) -> str:
    issuer = visit.settings.oidc.issuer
    if not issuer:
        raise NotFound(_OFF)
    return issuer
