"""A fault in data, as a value: the types of the lowest floor under the name that the model gives them."""

from schemas.fault import Fault
from schemas.issue import Issue, Severity, Text, refuses

__all__ = ["Fault", "Issue", "Severity", "Text", "refuses"]
