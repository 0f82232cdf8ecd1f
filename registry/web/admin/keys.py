"""API keys: for systems downstream. One's own, and those of accounts that one administers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Response, request
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from registry.errors import Forbidden, Refused
from registry.model.account import Account
from registry.model.issue import Text
from registry.model.role import PERMISSIONS, Permission
from registry.services import keys as service
from registry.store import api_keys
from registry.store.api_keys import ApiKey
from registry.web.admin import paging
from registry.web.admin.accounts import places
from registry.web.admin.forms import Form, at_most, choice, choices, described, fault, listed, needed
from registry.web.admin.routing import Nav, Pages
from registry.web.admin.targets import EVERYWHERE, Reach, anywhere, missing, of_account, of_key, oneself
from registry.web.admin.visit import Visit

pages = Pages("keys", nav=Nav(Text("API 密钥", "API keys"), "listing", order=85, icon="key"))
own_pages = Pages("own_keys")

DAYS = (30, 90, 180, 366)
_REVOKED = Text(zh="密钥 {id} 已撤销。", en="The key {id} is revoked.")
_WHEREVER = Text(zh="账号角色所及的全部登记册", en="wherever the account's roles reach")
_READING = [each for each in Permission if PERMISSIONS[each].reads]


class KeyForm(Form):
    """What a key is for."""

    label = StringField(
        **described(
            Text("用途", "What it is for"), Text("例如下游系统的名称。", "Such as the system downstream.")
        ),
        validators=[needed, at_most(100)],
    )
    permissions = SelectMultipleField(
        **described(
            Text("权限", "Permissions"),
            Text(
                "「查阅非公开条目」使下游系统成为对等机构。密钥的权限不会超出其账号。",
                "“read entries that are not public” makes it a peer. A key never reaches farther than its account.",
            ),
        ),
        validators=[needed],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        choices=choices(Permission),
    )
    on = SelectField(
        **described(
            Text("登记册", "Register"),
            Text("密钥只在该登记册及其下级有效。", "The key counts on this register and beneath it only."),
        ),
        validators=[listed],
        validate_choice=False,
    )
    days = SelectField(
        **described(Text("有效期(天)", "Lasts (days)")), validators=[listed], validate_choice=False
    )


def _form(visit: Visit, permissions: Sequence[Permission], registers: list[Any]) -> KeyForm:
    form = KeyForm()
    form.permissions.choices = choices(permissions)
    form.on.choices = registers
    longest = visit.settings.session.key_days
    form.days.choices = [choice(str(each), str(each)) for each in (*DAYS, longest) if each <= longest]
    return form


def _issue(visit: Visit, account: Account, form: KeyForm, template: str) -> Response:
    if not form.validate():
        return visit.page(template, 422, form=form, account=account)
    try:
        issued = service.issue(
            visit.engines.write, account.name, label=form.label.data or "",
            permissions=[Permission(each) for each in form.permissions.data or ()],
            register_code=None if form.on.data == EVERYWHERE else form.on.data,
            lasting=timedelta(days=int(form.days.data)), longest=timedelta(days=visit.settings.session.key_days),
            actor=visit.actor, now=visit.now,
        )  # fmt: skip
    except Refused as failure:
        fault(form.permissions, failure.text)
        return visit.page(template, 422, form=form, account=account)
    except Forbidden as failure:
        fault(form.on, failure.text)
        return visit.page(template, 403, form=form, account=account)
    return visit.page("keys/issued.html", issued=issued, account=account)


@pages.read("/keys", Permission.READ_ACCOUNTS, on=anywhere)
def listing(visit: Visit, reach: Reach) -> Response:
    """The keys for registers within reach."""
    found = api_keys.page(
        visit.connection,
        within=reach.ids,
        valid_at=visit.now if request.args.get("state") == "valid" else None,
        before=paging.after_number(),
        limit=paging.ROWS + 1,
    )
    return visit.page("keys/list.html", keys=paging.cut(found, lambda each: each.id))


@pages.form("/accounts/<name>/keys/new", Permission.GRANT, on=of_account)
def issue_form(visit: Visit, account: Account) -> Response:
    """The form of a key for somebody else: it can only read."""
    return visit.page("keys/new.html", form=_form(visit, _READING, places(visit)), account=account)


@pages.act("/accounts/<name>/keys/new", Permission.GRANT, on=of_account)
def issue(visit: Visit, account: Account) -> Response:
    """Issue it; it is shown once."""
    return _issue(visit, account, _form(visit, _READING, places(visit)), "keys/new.html")


@pages.form("/keys/<int:id>/revoke", Permission.GRANT, on=of_key)
def revoke_form(visit: Visit, key: ApiKey) -> Response:
    """Asks before revoking."""
    return visit.page("keys/revoke.html", key=key, own=False)


@pages.act("/keys/<int:id>/revoke", Permission.GRANT, on=of_key)
def revoke(visit: Visit, key: ApiKey) -> Response:
    """Revoke it."""
    return _revoke(visit, key, "keys.listing")


@own_pages.read("/me/keys", on=oneself)
def own_listing(visit: Visit) -> Response:
    """One's own keys."""
    return visit.page("keys/own.html", keys=api_keys.listed(visit.connection, visit.account.id))


@own_pages.read("/me/keys/new", on=oneself)
def own_issue_form(visit: Visit) -> Response:
    """The form of a key of one's own."""
    return visit.page("keys/own_new.html", form=_own_form(visit), account=visit.account)


@own_pages.act("/me/keys/new", on=oneself)
def own_issue(visit: Visit) -> Response:
    """Issue it; it is shown once."""
    return _issue(visit, visit.account, _own_form(visit), "keys/own_new.html")


def _own_form(visit: Visit) -> KeyForm:
    held = [each for each in Permission if visit.rights.reach(each) != frozenset()]
    known = [choice(each.code, f"{each.name} ({each.code})") for each in visit.registers.values()]
    return _form(visit, held, [*known, choice(EVERYWHERE, _WHEREVER)])


@own_pages.read("/me/keys/<int:id>/revoke", on=oneself)
def own_revoke_form(visit: Visit) -> Response:
    """Asks before revoking a key of one's own."""
    return visit.page("keys/revoke.html", key=_own_key(visit), own=True)


@own_pages.act("/me/keys/<int:id>/revoke", on=oneself)
def own_revoke(visit: Visit) -> Response:
    """Revoke it."""
    return _revoke(visit, _own_key(visit), "own_keys.own_listing")


def _own_key(visit: Visit) -> ApiKey:
    number = (request.view_args or {})["id"]
    found = api_keys.by_id(visit.connection, number)
    if found is None or found.account_id != visit.account.id:
        raise missing(number)
    return found


def _revoke(visit: Visit, key: ApiKey, onward: str) -> Response:
    reason = request.form.get("reason", "")
    service.revoke(visit.engines.write, key.id, actor=visit.actor, now=visit.now, reason=reason)
    visit.tell(_REVOKED.format(id=key.id))
    return visit.to(onward)
