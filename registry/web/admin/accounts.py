"""Accounts: who there is, adding one, and looking after it."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from wtforms import SelectField, StringField

from registry.errors import Conflict, Forbidden, NotFound, Refused
from registry.model.account import Account
from registry.model.external import VALUE_LIMIT, subject_of
from registry.model.issue import Text
from registry.model.role import Permission, Role
from registry.services import accounts as service
from registry.services import passwords
from registry.services.rights import Place
from registry.store import accounts, api_keys, events, sessions
from registry.web.admin import paging
from registry.web.admin.forms import Form, at_most, choice, choices, described, fault, listed, needed
from registry.web.admin.language import LANGUAGES
from registry.web.admin.routing import Nav, Pages
from registry.web.admin.targets import EVERYWHERE, Reach, anywhere, of_account
from registry.web.admin.visit import Visit

pages = Pages("accounts", nav=Nav(Text("账号", "Accounts"), "listing", order=80, icon="people"))

_LOCKED = Text(
    zh="账号 {name} 已锁定，其会话已结束。", en="The account {name} is locked; its sessions have ended."
)
_UNLOCKED = Text(zh="账号 {name} 已解锁。", en="The account {name} is unlocked.")
_ADDED = Text(
    zh="账号 {name} 已添加，由统一身份认证登录。",
    en="The account {name} is added; the identity provider signs it in.",
)
_EVERY = Text(zh="全部登记册(整个系统)", en="every register (the whole installation)")
_ACTS = 10


class NewAccountForm(Form):
    """What is stated of a new account."""

    name = StringField(
        **described(
            Text("账号", "Account"),
            Text(
                "小写字母、数字、点、下划线或连字符。",
                "Lower-case letters, digits, dots, underscores or hyphens.",
            ),
        ),
        validators=[needed, at_most(64)],
    )
    full_name = StringField(**described(Text("姓名", "Full name")), validators=[at_most(100)])
    email = StringField(
        **described(Text("电子邮件", "E-mail"), Text("用于接收通知。", "Notifications are sent there.")),
        validators=[at_most(200)],
    )
    subject = StringField(
        **described(
            Text("外部身份标识", "External identity"),
            Text(
                "填写后不设密码，此人通过统一身份认证登录。",
                "With one, no password is made: the identity provider signs this person in.",
            ),
        ),
        validators=[at_most(VALUE_LIMIT)],
    )
    language = SelectField(
        **described(Text("语言", "Language")), choices=[choice(*each) for each in LANGUAGES.items()]
    )
    role = SelectField(
        **described(Text("首个角色", "First role")), choices=choices(Role), validators=[listed],
        validate_choice=False,
    )  # fmt: skip
    on = SelectField(
        **described(
            Text("登记册", "Register"),
            Text("角色在该登记册及其下级有效。", "The role counts on this register and beneath it."),
        ),
        validators=[listed],
        validate_choice=False,
    )


def places(visit: Visit) -> list[Any]:
    """Where whoever is signed in may grant roles, as choices."""
    reach = visit.rights.reach(Permission.GRANT)
    known = (each for each in visit.registers.values() if reach is None or each.id in reach)
    found = [choice(each.code, f"{each.name} ({each.code})") for each in known]
    return [*found, choice(EVERYWHERE, _EVERY)] if reach is None else found


@pages.read("/accounts", Permission.READ_ACCOUNTS, on=anywhere)
def listing(visit: Visit, reach: Reach) -> Response:
    """The accounts with a role within reach, and those that have none yet."""
    role, state = request.args.get("role", ""), request.args.get("state", "")
    found = accounts.page(
        visit.connection,
        within=reach.ids,
        wanted=request.args.get("name", ""),
        role=Role(role) if role in set(Role) else None,
        locked={"locked": True, "open": False}.get(state),
        after=paging.after(),
        limit=paging.ROWS + 1,
    )
    shown = paging.cut(found, lambda each: each.name)
    held = accounts.held(visit.connection, [each.id for each in shown.rows])
    return visit.page("accounts/list.html", accounts=shown, held=held, reach=reach, roles=list(Role))


@pages.form("/accounts/new", Permission.GRANT, on=anywhere)
def add_form(visit: Visit, _reach: Reach) -> Response:
    """The form of a new account."""
    form = NewAccountForm()
    form.on.choices = places(visit)
    return visit.page("accounts/new.html", form=form)


@pages.act("/accounts/new", Permission.GRANT, on=anywhere)
def add(visit: Visit, _reach: Reach) -> Response:
    """Add an account with its first role; its first password is made here and shown once."""
    form = NewAccountForm()
    form.on.choices = places(visit)
    if not form.validate():
        return visit.page("accounts/new.html", 422, form=form)
    issuer, value = visit.settings.oidc.issuer, form.subject.data or ""
    subject = subject_of(issuer, value) if issuer and value else ""
    password = "" if subject else passwords.generated(form.name.data or "")
    new = service.NewAccount(
        form.name.data or "", form.full_name.data or "", form.email.data or "", form.language.data, password,
        subject=subject,
    )  # fmt: skip
    register = None if form.on.data == EVERYWHERE else form.on.data
    try:
        account = service.add_account(
            visit.engines.write, new, role=Role(form.role.data), register_code=register, actor=visit.actor,
            now=visit.now,
        )  # fmt: skip
    except (Refused, Conflict) as failure:
        fault(_blamed(form, failure.text), failure.text)
        return visit.page("accounts/new.html", 422, form=form)
    except (Forbidden, NotFound) as failure:
        fault(form.on, failure.text)
        return visit.page("accounts/new.html", 403, form=form)
    if not password:
        visit.tell(_ADDED.format(name=account.name))
        return visit.to("accounts.show", name=account.name)
    return visit.page("accounts/password.html", account=account, password=password, is_new=True)


def _blamed(form: NewAccountForm, told: Text) -> Any:
    """The field that a refusal is about."""
    if "external identity" in told.en:
        return form.subject
    return form.email if "@" in told.en else form.name


@pages.read("/accounts/<name>", Permission.READ_ACCOUNTS, on=of_account)
def show(visit: Visit, account: Account) -> Response:
    """One account: what it says, its roles, keys and sessions, what was done about it."""
    reach = visit.rights.reach(Permission.READ_ACCOUNTS)
    audited = visit.rights.reach(Permission.READ_AUDIT)
    about = events.Filter(subject=f"account:{account.name}", registers=audited)
    return visit.page(
        "accounts/show.html",
        account=account,
        held=accounts.held(visit.connection, [account.id]).get(account.id, []),
        keys=api_keys.listed(visit.connection, account.id),
        sessions=sessions.of_account(visit.connection, account.id, visit.now),
        acts=events.listed(visit.connection, about, limit=_ACTS) if audited != frozenset() else [],
        reach=Reach(reach),
        roles=list(Role),
        places=places(visit),
        tends=_tends(visit, account),
    )


def _tends(visit: Visit, account: Account) -> bool:
    """Whether whoever is signed in looks after the account: all of its roles are within reach, as the service asks."""
    held = accounts.grants_of(visit.connection, account.id)
    return account.id != visit.account.id and all(
        visit.may(Permission.GRANT, Place(each.register_id)) for each in held
    )


@pages.form("/accounts/<name>/lock", Permission.GRANT, on=of_account)
def lock_form(visit: Visit, account: Account) -> Response:
    """Asks before locking."""
    return visit.page("accounts/lock.html", account=account, locking=True)


@pages.act("/accounts/<name>/lock", Permission.GRANT, on=of_account)
def lock(visit: Visit, account: Account) -> Response:
    """Lock the account."""
    return _set_locked(visit, account, locked=True)


@pages.form("/accounts/<name>/unlock", Permission.GRANT, on=of_account)
def unlock_form(visit: Visit, account: Account) -> Response:
    """Asks before unlocking."""
    return visit.page("accounts/lock.html", account=account, locking=False)


@pages.act("/accounts/<name>/unlock", Permission.GRANT, on=of_account)
def unlock(visit: Visit, account: Account) -> Response:
    """Unlock the account."""
    return _set_locked(visit, account, locked=False)


def _set_locked(visit: Visit, account: Account, *, locked: bool) -> Response:
    service.set_locked(
        visit.engines.write, account.name, locked=locked, actor=visit.actor, now=visit.now,
        reason=request.form.get("reason", ""),
    )  # fmt: skip
    visit.tell((_LOCKED if locked else _UNLOCKED).format(name=account.name))
    return visit.to("accounts.show", name=account.name)


@pages.form("/accounts/<name>/password", Permission.GRANT, on=of_account)
def reset_form(visit: Visit, account: Account) -> Response:
    """Asks before giving another password."""
    return visit.page("accounts/reset.html", account=account)


@pages.act("/accounts/<name>/password", Permission.GRANT, on=of_account)
def reset(visit: Visit, account: Account) -> Response:
    """Give another password; it is shown once."""
    password = passwords.generated(account.name)
    service.reset_password(visit.engines.write, account.name, password, actor=visit.actor, now=visit.now)
    return visit.page("accounts/password.html", account=account, password=password, is_new=False)
