"""What two records of one thing share though their identifiers differ: the number of a document and who issued it, or
the code of a project."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from registry.formats.leaves import leaves, plain


class MarkKind(StrEnum):
    """What a mark is."""

    DOCUMENT = "document"  # docNumber and authority of a conduct record (文号与作出机关)
    PROJECT = "project"  # projectCode (项目代码)


class Mark(NamedTuple):
    """One such sign. ``authority`` is empty for a project."""

    kind: MarkKind
    number: str
    authority: str = ""


def marks_of(content: bytes) -> tuple[Mark, ...]:
    """The marks of a document (canonical bytes), each once, in its order. A number without an authority is none: each
    authority counts from 1."""
    found = leaves(content)
    marks: dict[Mark, None] = {}
    number = ""
    for name, text in zip(found.names, found.texts, strict=True):
        if name == b"projectCode":
            marks[Mark(MarkKind.PROJECT, plain(text))] = None
        elif name in (b"conductKind", b"docNumber"):  # the first element of a conduct record, and its number
            number = plain(text) if name == b"docNumber" else ""
        elif name == b"authority" and number:
            marks[Mark(MarkKind.DOCUMENT, number, plain(text))] = None
            number = ""
    return tuple(marks)
