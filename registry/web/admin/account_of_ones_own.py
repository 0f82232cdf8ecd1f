"""What everybody who is signed in may do with their own account: what it says of them, its sessions, its password."""

from __future__ import annotations

from flask import Response
from wtforms import BooleanField, PasswordField, StringField

from registry.errors import Conflict, Forbidden, Refused
from registry.model.issue import Text
from registry.services import accounts, signing_in
from registry.store import accounts as stored
from registry.store import sessions
from registry.web import auth
from registry.web.admin.forms import Form, at_most, described, fault, needed, same_as
from registry.web.admin.routing import Pages
from registry.web.admin.sign_in import told
from registry.web.admin.targets import oneself
from registry.web.admin.visit import Visit

pages = Pages("profile")
password_pages = Pages("password")

_CHANGED = Text(zh="已保存。", en="Saved.")
_NEW_PASSWORD = Text(
    zh="密码已修改；其他设备上的登录已结束。", en="The password is changed; sessions elsewhere have ended."
)
_ENDED = Text(zh="已结束 {count} 个其他会话。", en="Other sessions that were ended: {count}.")


class ProfileForm(Form):
    """What an account says of its holder."""

    full_name = StringField(**described(Text("姓名", "Full name")), validators=[at_most(100)])
    email = StringField(
        **described(Text("电子邮件", "E-mail"), Text("用于接收通知。", "Notifications are sent there.")),
        validators=[at_most(200)],
    )
    mails = BooleanField(**described(Text("通过邮件接收通知", "Send notifications by mail too")))


class PasswordForm(Form):
    """The present password, and twice the one that is wanted."""

    present = PasswordField(
        **described(Text("原密码", "Present password")), validators=[needed, at_most(1024)]
    )
    wanted = PasswordField(
        **described(
            Text("新密码", "New password"),
            Text(
                "至少 12 个字符，不要包含账号名。", "At least 12 characters, without the name of the account."
            ),
        ),
        validators=[needed, at_most(1024)],
    )
    again = PasswordField(
        **described(Text("再次输入新密码", "New password again")), validators=[needed, same_as("wanted")]
    )


@pages.read("/me", on=oneself)
def show(visit: Visit) -> Response:
    """One's account: what it says, its roles, its sessions."""
    return _profile(visit, ProfileForm(obj=visit.account))


def _profile(visit: Visit, form: ProfileForm, status: int = 200) -> Response:
    return visit.page(
        "profile.html",
        status,
        form=form,
        held=stored.held(visit.connection, [visit.account.id]).get(visit.account.id, []),
        sessions=sessions.of_account(visit.connection, visit.account.id, visit.now),
    )


@pages.act("/me", on=oneself)
def change(visit: Visit) -> Response:
    """Change what the account says."""
    form = ProfileForm()
    if not form.validate():
        return _profile(visit, form, 422)
    changes = {"full_name": form.full_name.data, "email": form.email.data, "mails": form.mails.data}
    try:
        accounts.change_profile(
            visit.engines.write, visit.account.name, changes, actor=visit.actor, now=visit.now
        )
    except Refused as failure:
        fault(form.email, failure.text)
        return _profile(visit, form, 422)
    visit.tell(_CHANGED)
    return visit.to("profile.show")


@pages.act("/me/sessions/end", on=oneself)
def end_sessions(visit: Visit) -> Response:
    """End all sessions but this one."""
    ended = signing_in.end_other_sessions(visit.engines.write, visit.who, visit.now)
    visit.tell(_ENDED.format(count=ended))
    return visit.to("profile.show")


@password_pages.read("/me/password", on=oneself)
def change_form(visit: Visit) -> Response:
    """The form."""
    return visit.page("password.html", form=PasswordForm())


@password_pages.act("/me/password", on=oneself)
def change_(visit: Visit) -> Response:
    """Choose another password."""
    form = PasswordForm()
    if not form.validate():
        return visit.page("password.html", 422, form=form)
    try:
        signing_in.change_password(
            visit.engines.write, visit.who, form.present.data or "", form.wanted.data or "",
            limits=auth.limits_of(visit.settings), now=visit.now,
        )  # fmt: skip
    except (Forbidden, Conflict) as failure:
        fault(form.present, told(failure) if isinstance(failure, Forbidden) else failure.text)
        return visit.page(
            "password.html", 429 if isinstance(failure, signing_in.Throttled) else 422, form=form
        )
    except Refused as failure:
        fault(form.wanted, failure.text)
        return visit.page("password.html", 422, form=form)
    visit.tell(_NEW_PASSWORD)
    return visit.to("home.show")
