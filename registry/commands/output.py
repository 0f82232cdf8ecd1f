"""What commands print: tables and cards for people, JSON for programs. Standard output holds nothing else.

A listing is a list of dictionaries with English keys: all of them in JSON, chosen columns in the table. On
anything but a terminal a table is plain text that is never cut.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from registry.commands.session import Session
from registry.model.datestamp import format_datestamp
from registry.model.issue import Text
from registry.model.labels import label_of, visible_text

Row = Mapping[str, Any]

_UNLIMITED = 100_000
_NO_ROWS = Text(zh="(没有)", en="(none)")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


class Column(NamedTuple):
    """A column of a table: the key of the row that it shows, and its heading. ``right``: numbers."""

    key: str
    title: Text
    right: bool = False


def column(key: str, zh: str, en: str, *, right: bool = False) -> Column:
    """A column with a heading in both languages."""
    return Column(key, Text(zh, en), right)


def print_json(value: Any) -> None:
    """``value`` as indented JSON: moments as UTC with Z, days as YYYY-MM-DD, bytes as hex; what a terminal would obey
    is escaped."""
    encoded = msgspec.json.encode(_plain(value))
    click.echo(visible_text(msgspec.json.format(encoded, indent=2).decode()))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return format_datestamp(value)
    return value


def print_listing(session: Session, rows: Sequence[Row], columns: Iterable[Column], *, as_json: bool) -> None:
    """Print rows, as JSON whole, as a table with the chosen columns."""
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo(session.say(_NO_ROWS))
        return
    table = _table()
    chosen = list(columns)
    for each in chosen:
        table.add_column(session.say(each.title), justify="right" if each.right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Line(_told(session, row.get(each.key))) for each in chosen))
    _print_table(table)


def print_card(session: Session, row: Row, labels: Iterable[Column], *, as_json: bool) -> None:
    """Print one thing: as JSON whole, else line by line with the labels; empty values are left out."""
    if as_json:
        print_json(row)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold" if sys.stdout.isatty() else "", no_wrap=True)
    table.add_column(overflow="fold")
    for each in labels:
        text = _told(session, row.get(each.key))
        if text:
            table.add_row(Line(session.say(each.title)), Line(text))
    _print_table(table)


def _told(session: Session, value: Any) -> str:
    if isinstance(value, Text):
        return visible_text(session.say(value))
    if isinstance(value, StrEnum):
        return session.say(label_of(value))
    if isinstance(value, (list, tuple)):
        return ", ".join(_told(session, each) for each in value)
    return told(value)


def told(value: Any) -> str:
    """A value as a person reads it; control characters made visible, so that data cannot move the cursor."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "✓" if value else "–"
    if isinstance(value, datetime):
        return format_datestamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={told(each)}" for key, each in value.items())
    return visible_text(str(value))


def tell(session: Session, text: Text) -> None:
    """One sentence on standard output."""
    click.echo(visible_text(session.say(text)))


def remark(session: Session, text: Text) -> None:
    """One sentence on standard error: what is not the result."""
    click.echo(visible_text(session.say(text)), err=True)


def _table() -> Table:
    if sys.stdout.isatty():
        return Table(header_style="bold")
    return Table(box=None, pad_edge=False)


def _print_table(table: Table) -> None:
    if sys.stdout.isatty():
        Console(highlight=False).print(table)
        return
    console = Console(file=io.StringIO(), width=_UNLIMITED, highlight=False, color_system=None)
    with console.capture() as capture:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))
