"""Forms: labels, hints and errors are texts in both languages; templates draw them with ``forms.html``.

WTForms hands labels and messages through as they are: a ``Text`` arrives at the template, which picks the language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, TypeVar, cast

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import StopValidation, ValidationError

from registry.model.issue import Text
from registry.model.labels import label_of

Check = Callable[[Any, Any], None]
Member = TypeVar("Member", bound=StrEnum)

_NEEDED = Text(zh="必填。", en="This is needed.")
_LONG = Text(zh="至多 {limit} 个字符。", en="At most {limit} characters.")
_UNEQUAL = Text(zh="两次输入不一致。", en="The two differ.")
_UNKNOWN = Text(zh="请选择列出的一项。", en="Choose one of those listed.")


class Form(FlaskForm):  # type: ignore[misc]
    """What all forms of the console have in common. The token against forgery is checked by the guard, once for every
    POST, and drawn by ``forms.token()``."""

    class Meta:
        csrf = False


class _Needed:
    """Something other than blanks must be there. Templates mark the field (``field.flags.needed``)."""

    field_flags: ClassVar[Mapping[str, bool]] = {"needed": True}

    def __call__(self, _form: Any, field: Field) -> None:
        if not (field.data.strip() if isinstance(field.data, str) else field.data):
            field.errors = []
            raise StopValidation(cast("str", _NEEDED))


needed = _Needed()


def at_most(limit: int) -> Check:
    """No more characters than ``limit``."""

    def check(_form: Any, field: Field) -> None:
        if len(field.data or "") > limit:
            raise ValidationError(cast("str", _LONG.format(limit=limit)))

    return check


def same_as(name: str) -> Check:
    """The same as in another field."""

    def check(form: Any, field: Field) -> None:
        if field.data != form[name].data:
            raise ValidationError(cast("str", _UNEQUAL))

    return check


def listed(_form: Any, field: Any) -> None:
    """One of the choices (for a ``SelectField`` with ``validate_choice=False``)."""
    if str(field.data) not in {each.value for each in field.choices}:
        raise ValidationError(cast("str", _UNKNOWN))


def member(kind: type[Member], written: str) -> Member | None:
    """The member that a filter names; None for none, and for nonsense."""
    return next((each for each in kind if each == written), None)


def choice(value: str, label: Text | str) -> Any:
    """One choice of a ``SelectField``: what is sent, and what is shown."""
    return SelectChoice(value, label)


def choices(members: Iterable[StrEnum], *, empty: Text | None = None) -> list[Any]:
    """Choices of a ``SelectField`` under the labels of the members; ``empty``: what stands for none of them."""
    found = [choice(each.value, label_of(each)) for each in members]
    return [choice("", empty), *found] if empty is not None else found


def fault(field: Any, text: Text) -> None:
    """Let a field tell what a service refused."""
    field.errors = [*field.errors, text]


def described(label: Text, hint: Text | None = None) -> Mapping[str, Any]:
    """The arguments of a field that say what it is: ``StringField(**described(Text(…), Text(…)))``."""
    return {"label": label, "description": hint or Text("", "")}
