"""Which of a run's changes are meant: for whoever looks at a change set, and releases a part of it."""

from __future__ import annotations

from dataclasses import dataclass

from registry.model.diff import Action


@dataclass(frozen=True, slots=True)
class Choice:
    """The changes for which all that is said here holds; nothing said: every one of them.

    ``only`` and ``without`` are identifiers; ``catalogue``, ``item`` and ``division`` are those of the document that
    the change brings or takes away; ``text`` is a part of its title or of the identifier.
    """

    only: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    actions: tuple[Action, ...] = ()
    catalogue: str = ""
    item: str = ""
    division: str = ""
    text: str = ""

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == EVERYTHING


EVERYTHING = Choice()
