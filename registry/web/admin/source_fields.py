"""What the fields of a source's form are made of: what can be picked, how a list is written, and validators that tell
at the field what the services would refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from wtforms.validators import ValidationError

from registry.errors import RegistryError
from registry.model.source import Protocol
from registry.services import admission
from registry.web.admin.forms import choice, needed
from registry.web.admin.scopes import category_told
from registry.web.admin.visit import here
from schemas.codes import categories

REMOTE = (Protocol.OAI_PMH, Protocol.XML_DOCUMENT, Protocol.REGISTER, Protocol.CONSOLE)
"""What can be registered here. Folders of the server are named on its own command line: whoever could name one here
would have the server read its files."""

_BETWEEN = re.compile(r"[\s,;，；、]+")


def several(written: str | None) -> tuple[str, ...]:
    """What was written one behind the other, between blanks, commas or lines."""
    return tuple(dict.fromkeys(each for each in _BETWEEN.split(written or "") if each))


def lines(written: str | None) -> tuple[str, ...]:
    """What was written one a line."""
    return tuple(dict.fromkeys(each for line in (written or "").splitlines() if (each := line.strip())))


def accepted(check: Callable[[Any], None]) -> Callable[[Any, Any], None]:
    """A validator: what a check of the services refuses is told at the field."""

    def validate(_form: Any, field: Any) -> None:
        try:
            check(field.data or "")
        except RegistryError as failure:
            raise ValidationError(cast("str", failure.text)) from failure

    return validate


def needed_by_protocol(form: Any, field: Any) -> None:
    """A validator: an address must be there, unless nothing has to be asked for."""
    if form.protocol.data != Protocol.CONSOLE:
        needed(form, field)


def is_somewhere(form: Any, field: Any) -> None:
    """A validator: the address is one where a source with the protocol of the form can be."""
    try:
        admission.check_location(
            here().connection, Protocol(form.protocol.data), (field.data or "").strip(), form.register_code
        )
    except RegistryError as failure:
        raise ValidationError(cast("str", failure.text)) from failure
    except ValueError:
        return  # the protocol is told at its own field


def items() -> list[Any]:
    """The two catalogues and their items, as choices of a field."""
    known = categories.categories().values()
    found: dict[str, None] = {}
    for each in known:
        found[each.catalogue] = None
        found[f"{each.catalogue}:{each.code}"] = None
    return [choice(each, category_told(each)) for each in found]
