"""The form of one record: a field for each column of the tables, explained as the schema explains it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from wtforms import Field, SelectField, StringField, TextAreaField

from registry.formats.columns import COLUMNS, Column
from registry.formats.entered import ONCE, PARTY, Entered
from registry.model.document import Catalogue
from registry.model.inspection import RowIssue
from registry.model.issue import Text
from registry.web.admin.forms import Form, at_most, choice, described, fault, needed
from schemas.codes.categories import categories
from schemas.codes.labels import labels
from schemas.vocabulary import elements

PARTIES = 12
"""So many parties can be entered in a form."""
_LENGTH = 4000

_LONG_TEXTS = ("abstract", "conductFact")
_DAY = Text("如 2025-06-30。", "Such as 2025-06-30.")
_MANY = Text("多个之间用分号分隔。", "Several are separated by semicolons.")
_ITEM = Text("指导目录中的项目。", "An item of the guidance catalogue.")
_OWN_NUMBER = Text(
    "本单位给该记录的编号；登记后不能更改，改了就是另一条记录。",
    "The number that the office gives to the record. It never changes: another number is another record.",
)
_PICK = Text("请选择", "choose")

GROUPS: tuple[tuple[str, Text], ...] = (
    ("project", Text("项目", "Project")),
    ("conduct", Text("信用行为", "Conduct")),
    ("qualification", Text("资质", "Qualification")),
    ("achievement", Text("业绩", "Achievement")),
    ("award", Text("奖项", "Award")),
    ("grade", Text("信用等级", "Grade")),
)
"""The compound parts of a record that are entered once: element and heading."""

LEFT_TO_US = ("cateStd", "cateName", "cateCode", "resID", "conductScheme")
"""Filled in where they are left empty."""

MAIN = ("mdId", "resTitle", "abstract", "rpOrgName", "item", "division", "sharing", "openness")


def _label(column: Column) -> Text:
    """What the tables call it in Chinese, and the schema in English."""
    said = elements()[column.name].name.en
    return Text(column.zh, f"{said[:1].upper()}{said[1:]}")


def _hint(column: Column) -> Text | None:
    if column.name == "mdId":
        return _OWN_NUMBER
    if column.name == "item":
        return _ITEM
    whole = elements()[column.name]
    told = whole.label if whole.label != whole.name else None
    if column.is_day or column.many:
        extra = _DAY if column.is_day else _MANY
        return extra if told is None else Text(f"{told.zh}。{extra.zh}", f"{told.en}. {extra.en}")
    return told


def _field(column: Column) -> Any:
    stated = described(_label(column), _hint(column))
    checks = [*([needed] if column.mandatory else []), at_most(_LENGTH)]
    if column.name == "item" or (column.codes and not column.many):
        return SelectField(**stated, validators=checks, validate_choice=False)
    kind = TextAreaField if column.name in _LONG_TEXTS else StringField
    return kind(**stated, validators=checks)


class RecordForm(Form):
    """What all forms of a record can do; their fields are made by :func:`form_of`."""

    count = 1

    def offer(self, catalogue: Catalogue) -> None:
        """Fill in the choices; what is stated already is among them."""
        self.catalogue.data = str(catalogue)
        items = [
            (each.code, f"{each.code} {each.label.zh}", f"{each.code} {each.label.en}")
            for each in categories().values()
            if each.catalogue == catalogue
        ]
        for name, column in self.columns():
            field = self[name]
            if column.name == "item":
                field.choices = _choices(((code, Text(zh, en)) for code, zh, en in items), field.data)
            elif isinstance(field, SelectField):
                field.choices = _choices(labels(column.codes).items(), field.data)

    def columns(self) -> Iterable[tuple[str, Column]]:
        """The names of all fields, with their columns."""
        yield from ((each.name, each) for each in ONCE)
        for number in range(self.count):
            yield from ((_named(each, number), each) for each in PARTY)

    def show(self, entered: Entered) -> None:
        """Fill in a record."""
        for column in ONCE:
            self[column.name].data = entered.values.get(column.name, "")
        for number, party in enumerate(entered.parties[: self.count]):
            for column in PARTY:
                self[_named(column, number)].data = party.get(column.name, "")

    def entered(self) -> Entered:
        """What stands in it."""
        values = {each.name: _text(self[each.name]) for each in ONCE}
        parties = [
            {each.name: _text(self[_named(each, number)]) for each in PARTY} for number in range(self.count)
        ]
        return Entered(values, parties)

    def party(self, number: int) -> list[Field]:
        """The fields of one party."""
        return [self[_named(each, number)] for each in PARTY]

    def of(self, group: str) -> list[Field]:
        """The fields of one compound part, but for those that are filled in by themselves."""
        mine = [each for each in ONCE if each.path.startswith(f"{group}/")]
        return [self[each.name] for each in mine if each.name not in LEFT_TO_US]

    def named(self, names: Sequence[str]) -> list[Field]:
        """These fields."""
        return [self[each] for each in names]

    def others(self) -> list[Field]:
        """The fields that belong to no group, and are not among the main ones."""
        grouped = tuple(f"{name}/" for name, _ in GROUPS)
        return [
            self[each.name]
            for each in ONCE
            if each.name not in (*MAIN, *LEFT_TO_US, "catalogue") and not each.path.startswith(grouped)
        ]

    def tell(self, found: Iterable[RowIssue]) -> list[RowIssue]:
        """Let fields tell the issues that were found in them; returns those that belong to none."""
        left = []
        for issue in found:
            name = self._field_at(issue.path)
            if name is None:
                left.append(issue)
            else:
                fault(self[name], issue.message)
        return left

    def _field_at(self, path: str) -> str | None:
        """The field of a path within a record (``/record/party[2]/partyName``)."""
        steps = [_STEP.fullmatch(each) for each in path.strip("/").split("/")]
        last = steps[-1] if steps else None
        if last is None or last[1] not in _BY_NAME:
            return None
        column = _BY_NAME[last[1]]
        if column not in PARTY:
            return column.name
        outer = steps[-2] if len(steps) > 1 else None
        number = int(outer[2] or 1) - 1 if outer else 0
        return _named(column, number) if 0 <= number < self.count else None


_STEP = re.compile(r"([A-Za-z]+)(?:\[(\d{1,4})\])?")
_BY_NAME: Mapping[str, Column] = {each.name: each for each in COLUMNS}


def _named(column: Column, number: int) -> str:
    return f"{column.name}_{number}"


def _text(field: Field) -> str:
    return (field.data or "").strip()


def _choices(known: Iterable[tuple[str, Text]], stated: str | None) -> list[Any]:
    found = [choice("", _PICK), *(choice(code, label) for code, label in known)]
    if stated and stated not in {each.value for each in found}:
        found.append(choice(stated, stated))
    return found


@cache
def form_of(parties: int) -> type[RecordForm]:
    """The form of a record with so many parties."""
    fields: dict[str, Any] = {each.name: _field(each) for each in ONCE}
    for number in range(parties):
        fields |= {_named(each, number): _field(each) for each in PARTY}
    return type(f"RecordForm{parties}", (RecordForm,), {**fields, "count": parties})
