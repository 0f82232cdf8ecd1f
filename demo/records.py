"""The records of the sample: a header, and the metadata as a tree of fields in the order of the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

Field = tuple[str, "str | tuple[Field, ...]"]
"""A name and its text, or its fields."""

DATA_DATE = date(2025, 6, 30)
"""The day on which the sample was, once and for all, last changed."""


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """A record as its place publishes it. ``fields`` is empty where it is deleted; ``set_spec`` is
    ``project`` or ``credit``; ``datestamp`` aware, UTC, whole seconds."""

    identifier: str
    datestamp: datetime
    set_spec: str
    fields: tuple[Field, ...]

    @property
    def deleted(self) -> bool:
        """Whether only the header is left."""
        return not self.fields

    def texts(self, *names: str) -> Iterator[str]:
        """The texts of all fields with one of these names, at any depth."""
        return _texts(self.fields, frozenset(names))

    def changed(self, **texts: str) -> SampleRecord:
        """The same record with other texts in the fields of these names, at any depth."""
        return replace(self, fields=_changed(self.fields, texts))

    def with_text(self, old: str, new: str) -> SampleRecord:
        """The same record with ``new`` in every field whose text is ``old``."""
        return replace(self, fields=_replaced(self.fields, old, new))

    def without(self, name: str) -> SampleRecord:
        """The same record without the top fields of this name."""
        return replace(self, fields=tuple(each for each in self.fields if each[0] != name))

    def as_deleted(self) -> SampleRecord:
        """The header that is left of it."""
        return replace(self, fields=())


def moment(day: date, second_of_day: int) -> datetime:
    """A whole second of a day, UTC."""
    hour, rest = divmod(second_of_day % 86_400, 3600)
    return datetime.combine(day, time(hour, *divmod(rest, 60)), UTC)


def _texts(fields: tuple[Field, ...], names: frozenset[str]) -> Iterator[str]:
    for name, content in fields:
        if isinstance(content, tuple):
            yield from _texts(content, names)
        elif name in names:
            yield content


def _replaced(fields: tuple[Field, ...], old: str, new: str) -> tuple[Field, ...]:
    return tuple(
        (
            name,
            _replaced(content, old, new)
            if isinstance(content, tuple)
            else new
            if content == old
            else content,
        )
        for name, content in fields
    )


def _changed(fields: tuple[Field, ...], texts: Mapping[str, str]) -> tuple[Field, ...]:
    return tuple(
        (name, _changed(content, texts) if isinstance(content, tuple) else texts.get(name, content))
        for name, content in fields
    )
