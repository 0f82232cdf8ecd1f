"""How failures reach a person: one clear sentence in the chosen language on standard error, and exit code 1."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

import click

from registry.commands import exits
from registry.commands.session import Session
from registry.model.issue import Text
from registry.model.labels import visible_text

_FAILED = Text(zh="错误：{sentence}", en="error: {sentence}")


@runtime_checkable
class Told(Protocol):
    """A failure that carries its sentence in both languages."""

    text: Text


class Telling(click.Group):
    """A group that turns failures into sentences. ``failures``: the classes that are told, each with a
    ``text`` (``RegistryError`` and the like) or with ``zh`` and ``en`` of its own (settings)."""

    failures: tuple[type[Exception], ...] = ()
    foreign: Mapping[type[Exception], Text] = MappingProxyType({})
    """Failures of libraries, each with the sentence that tells it (``{reason}``: its first line)."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(context)
        except BrokenPipeError:
            raise  # whoever read our output has seen enough; click ends quietly
        except (*self.failures, *self.foreign) as failure:
            session = context.find_object(Session)
            assert session is not None
            told = _FAILED.format(sentence=session.say(self._sentence(failure)))
            click.echo(visible_text(session.say(told)), err=True)
            context.exit(exits.FAILED)

    def _sentence(self, failure: Exception) -> Text:
        for kind, text in self.foreign.items():
            if isinstance(failure, kind) and not isinstance(failure, self.failures):
                return text.format(reason=(str(failure).splitlines() or [type(failure).__name__])[0])
        return sentence_of(failure)


def sentence_of(failure: Exception) -> Text:
    """The sentence that a failure carries; its bare message where it carries none."""
    if isinstance(failure, Told):
        return failure.text
    message = str(failure)
    return Text(getattr(failure, "zh", message), getattr(failure, "en", message))
