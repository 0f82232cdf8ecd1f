"""A fault in data, as a value: the types of :mod:`schemas.issue` under the name that the model gives them."""

from schemas.issue import NO_TEXT, Issue, Severity, Text, refuses

__all__ = ["NO_TEXT", "Issue", "Severity", "Text", "refuses"]
