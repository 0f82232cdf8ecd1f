"""A fault in data, as a value: what is wrong, where, how bad, and what to do about it.

Defined on the lowest floor because reading XML and looking up codes find faults too; everything above
knows these types as :mod:`registry.model.issue`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence for people, in Chinese and in English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The sentence in ``language`` (``zh`` or ``en``, also as ``zh_CN``); Chinese for any other."""
        return self.en if language.startswith("en") else self.zh

    def format(self, **arguments: object) -> Text:
        """The same sentence with ``{name}`` places filled in both languages; an argument that is a text itself
        is filled in its own language."""
        return Text(self.zh.format(**_said(arguments, "zh")), self.en.format(**_said(arguments, "en")))


def _said(arguments: dict[str, object], language: str) -> dict[str, object]:
    return {
        name: each.in_language(language) if isinstance(each, Text) else each
        for name, each in arguments.items()
    }


NO_TEXT = Text("", "")


class Severity(StrEnum):
    """What an issue does to its record."""

    ERROR = "error"  # the record is refused and kept for inspection
    WARNING = "warning"  # the record is accepted, its publisher should mend it
    NOTE = "note"  # nothing is wrong, but somebody may want to know


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault found in one record (or, where ``identifier`` is empty, in an answer as a whole).

    ``code`` is stable and listed in ``docs/rules.md``; ``path`` is an XPath-like place in the raw
    record, ``line`` the line in the raw bytes where known (1 = first).
    """

    code: str
    severity: Severity
    message: Text
    hint: Text = NO_TEXT
    path: str = ""
    line: int | None = None


def refuses(issues: tuple[Issue, ...]) -> bool:
    """Whether a record with these issues is refused."""
    return any(issue.severity is Severity.ERROR for issue in issues)
