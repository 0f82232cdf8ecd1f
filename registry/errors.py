"""Failures of the registry, sorted by consequence: what the caller must do decides the class.

A fault in *data* is never an exception: it is a :class:`registry.model.issue.Issue`.
"""

from __future__ import annotations

from registry.model.issue import Text


class RegistryError(Exception):
    """A failure told to a person: ``text`` says in both languages what is wrong and the way out."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class NotFound(RegistryError):
    """What was named does not exist. Check the name and ask again."""


class Conflict(RegistryError):
    """The act does not fit the present state (already done, someone was faster). Look, then decide anew."""


class Forbidden(RegistryError):
    """The actor may not do this. Another person has to."""


class Refused(RegistryError):
    """The input is invalid. Correct it and try again."""


class LeaseLost(RegistryError):
    """Another worker holds the lease now: stop at once, write nothing more; the work goes on there."""


class PublicationStopped(RegistryError):
    """Nothing may be published in the whole installation: what is decided waits until a person lifts the stop."""


class Unavailable(RegistryError):
    """A service outside that is needed does not answer, or not as it should. Try again later."""
