"""Faults that this floor can find, each declared once: code, severity, message and hint in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.issue import NO_TEXT, Issue, Severity, Text


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of issue. ``message`` and ``hint`` may hold ``{name}`` places that :meth:`issue` fills."""

    code: str
    severity: Severity
    message: Text
    hint: Text = NO_TEXT

    def issue(self, path: str = "", line: int | None = None, **arguments: object) -> Issue:
        """One occurrence of this fault at ``path`` (XPath-like) and ``line`` (1 = first)."""
        message, hint = self.message.format(**arguments), self.hint.format(**arguments)
        return Issue(self.code, self.severity, message, hint, path, line)
