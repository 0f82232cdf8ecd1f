"""What a submitter states of a source, as options of ``mulu source add`` and ``mulu source amend``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import click

from registry.commands.session import Session
from registry.errors import Refused
from registry.formats import FORMATS
from registry.model.issue import Text
from registry.model.source import Protocol, SourceDescription, SourceScope
from registry.services import admission
from registry.services.registration import NewSource

Command = TypeVar("Command", bound=Callable[..., Any])

_BAD_SCHEDULE = Text(
    zh='计划 {schedule!r} 无法识别：请写五段 cron(如 "0 2 * * *")或 "every 6h"。',
    en='the schedule {schedule!r} is not understood: write five cron fields ("0 2 * * *") or "every 6h".',
)
_READABLE = sorted(prefix for prefix, each in FORMATS.items() if each.read is not None)

_PROTOCOLS = click.Choice([str(each) for each in Protocol])

_REGISTER = click.option("--register", "register_code", required=True, help="Register that it belongs to.")
_NEEDED = (
    click.option("--name", required=True, help="Name that people see."),
    click.option("--protocol", type=_PROTOCOLS, required=True),
    click.option("--location", required=True, help="URL, folder, or code of a register, after --protocol."),
    click.option(
        "--prefix", "metadata_prefix", default="catalogue", show_default=True, help="Metadata format."
    ),
)
_AMENDED = (
    click.option("--name", help="Name that people see."),
    click.option("--protocol", type=_PROTOCOLS),
    click.option("--location", help="URL, folder, or code of a register, after the protocol."),
    click.option("--prefix", "metadata_prefix", help="Metadata format."),
)


def _optional(default: str | None) -> tuple[Callable[[Command], Command], ...]:
    """The options that may be left out; ``default``: what stands for one that was."""
    return (
        click.option(
            "--namespace", default=default, help="Mints identifiers where the format has local keys only."
        ),
        click.option(
            "--identifier-prefix",
            "identifier_prefixes",
            multiple=True,
            help="It may speak for these; once approved, no other source of the register may.",
        ),
        click.option(
            "--division", "divisions", multiple=True, help="It may speak for these and what lies below."
        ),
        click.option("--category", "categories", multiple=True, help="It may speak for these (credit:6.2)."),
        click.option(
            "--co-reports-with",
            multiple=True,
            help="Its prefixes may overlap with this source's, which says so too.",
        ),
        click.option(
            "--schedule", default=default, help='Cron line or "every 6h"; otherwise only on demand.'
        ),
        click.option("--set", "set_spec", default=default, help="Harvest only this OAI-PMH set."),
        click.option(
            "--credentials",
            default=default,
            help="Reference: env:NAME or file:NAME. Never the secret itself.",
        ),
        click.option(
            "--ca-bundle", default=default, help="Reference to certificates that this source is signed with."
        ),
        click.option("--allow-network", "allowed_networks", multiple=True, help="CIDR that it may live in."),
    )


def describing(command: Command) -> Command:
    """The options that describe a new source."""
    return _with(command, (_REGISTER, *_NEEDED, *_optional("")))


def amending(command: Command) -> Command:
    """The options that change what is stated of a source."""
    return _with(command, (*_AMENDED, *_optional(None)))


def _with(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def new_source(session: Session, code: str, **stated: Any) -> NewSource:
    """The source that the options describe. Raises ``Refused`` for values that cannot be meant."""
    _check(session, stated)
    scope = SourceScope(**{each.name: stated.pop(each.name) for each in fields(SourceScope)})
    protocol = Protocol(stated.pop("protocol"))
    return NewSource(code=code, protocol=protocol, scope=scope, **stated)


def amendments(session: Session, before: SourceDescription, **stated: Any) -> dict[str, Any]:
    """What the options change, as ``registration.amend_source`` takes it. An option that may be given several
    times replaces the whole list; an empty value clears. Raises ``Refused`` as :func:`new_source`."""
    given = {name: value for name, value in stated.items() if value is not None and value != ()}
    for name, value in given.items():
        if isinstance(value, tuple):
            given[name] = tuple(each for each in value if each)
    _check(session, given)
    scope = {each.name: given.pop(each.name) for each in fields(SourceScope) if each.name in given}
    if scope:
        given["scope"] = replace(before.scope, **scope)
    return given


def _check(session: Session, stated: Mapping[str, Any]) -> None:
    """Raise for a value that cannot be meant, among those that are ``stated``."""
    if "schedule" in stated:
        try:
            session.harvester.check_schedule(stated["schedule"], session.settings.schedule.time_zone)
        except ValueError as error:
            raise Refused(_BAD_SCHEDULE.format(schedule=stated["schedule"])) from error
    admission.check_networks(stated.get("allowed_networks", ()))
    admission.check_divisions(stated.get("divisions", ()))
    admission.check_categories(stated.get("categories", ()))
    if stated.get("metadata_prefix", _READABLE[0]) not in _READABLE:
        raise click.BadParameter(
            f"choose from {', '.join(_READABLE)}", param_hint="--prefix", ctx=click.get_current_context()
        )
