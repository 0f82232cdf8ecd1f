"""``mulu verify``: check the invariants of the whole store."""

from __future__ import annotations

import click

from registry.commands import exits
from registry.commands.output import column, json_option, print_listing
from registry.commands.session import Session, pass_session, reading
from registry.store import verification

_COLUMNS = (
    column("text", "不变量", "invariant"),
    column("checked", "检查数", "checked", right=True),
    column("broken", "不符", "broken", right=True),
    column("examples", "例", "such as"),
)


@click.command()
@json_option
@reading
@pass_session
def verify(session: Session, as_json: bool) -> None:
    """Check the invariants of the whole store; exit code 1 where one is broken.

    \b
    Example:
      mulu verify --json
    """
    with session.engines.read.connect() as connection:
        findings = list(verification.verify(connection))
    rows = [{**each._asdict(), "examples": list(each.examples)} for each in findings]
    print_listing(session, rows, _COLUMNS, as_json=as_json)
    if any(each.broken for each in findings):
        click.get_current_context().exit(exits.FAILED)
