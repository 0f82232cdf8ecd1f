"""Something that two registers hold and that must go: how it comes in, how it is erased, where it still stands."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import LargeBinary, Text, select, text

from registry.model.event import Actor
from registry.model.record import CheckedRecord
from registry.model.register import Level
from registry.model.source import Protocol
from registry.services import erasing
from registry.store import registers, search, verification
from registry.store.engine import Engines
from registry.store.tables import metadata
from tests.factories import Installation, catalogue_document, identifier_of, live

PROVINCE, CITY = "330000", "330100"
ENTRY = identifier_of("0")
SECRET = "王小明住址西湖路壹号"
FIRST, SECOND = Actor("cli:first"), Actor("cli:second")


def spoken(engines: Engines) -> Installation:
    """A city whose entry was said twice, with a name in it both times, and the province above that has read both."""
    on = Installation(engines, index=True)
    on.register(PROVINCE, "省", Level.PROVINCIAL)
    on.register(CITY)
    on.source("city", CITY)
    on.source("up", PROVINCE, "", CITY, Protocol.REGISTER)
    for number in range(2):
        on.harvest("city", [saying(f"{SECRET} {number}"), live("1"), live("2"), live("3")])
        on.clock.advance(hours=1)
        on.read_upward("up")
    return on


def saying(title: str, key: str = "0") -> CheckedRecord:
    return live(key, catalogue_document(key, title=title))


def ask(on: Installation, actor: Actor = FIRST, reason: str = "本人要求") -> int:
    return erasing.ask(on.engines.write, CITY, ENTRY, actor=actor, now=on.clock(), reason=reason)


def confirm(on: Installation, actor: Actor = SECOND) -> tuple[int, ...]:
    return erasing.confirm(on.engines.write, ENTRY, actor=actor, now=on.clock())


def settle(on: Installation) -> None:
    for code in (CITY, PROVINCE):
        on.settle(on.read(code).id)


def erase(on: Installation) -> None:
    ask(on)
    confirm(on)
    settle(on)


def broken(on: Installation) -> list[str]:
    with on.engines.read.connect() as connection:
        return [f"{each.code}: {each.examples}" for each in verification.verify(connection) if each.broken]


def mentions(on: Installation) -> Iterator[str]:
    """Where the store still says it: every text and every bytes of every table."""
    with on.engines.read.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [each for each in table.c if isinstance(each.type, LargeBinary | Text)]
            for column in columns:
                for value in connection.scalars(select(text(f'"{column.name}"')).select_from(table)):
                    told = value if isinstance(value, bytes) else str(value).encode()
                    if SECRET.encode() in told:
                        yield f"{table.name}.{column.name}"


def found(on: Installation, code: str, words: str = SECRET) -> int:
    with on.engines.read.connect() as connection:
        return len(search.query(connection, registers.get(connection, code), words, limit=10))


def indexed(on: Installation) -> int:
    """How many documents the index holds."""
    sqlite = "document_index_docsize" if on.engines.read.dialect.name == "sqlite" else "document_index"
    with on.engines.read.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {sqlite}")).scalar_one())
