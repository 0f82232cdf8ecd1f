"""An incremental OAI-PMH client, and the register that it must come to.

The client knows only what the protocol gives it: headers, tokens, the date of the first response. What it must
come to is read from the log itself, version by version, without any query of the product's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import select

from registry.store import log, publications
from registry.store.engine import Engines
from registry.store.tables import documents, memberships, versions


class Header(NamedTuple):
    """One record as a client sees it. ``digest`` is empty where it is deleted."""

    identifier: str
    datestamp: datetime
    digest: bytes


class Token(NamedTuple):
    """What a resumption token carries: the mark, how far the walk has come, where it ends."""

    mark: int
    after: int
    through: int


class Answer(NamedTuple):
    """One answer to ListRecords. ``mark`` is not for clients: what the register's log had come to."""

    response_date: datetime
    headers: list[Header]
    token: Any
    mark: int


class Provider(Protocol):
    """Who answers: the product's queries (:class:`LogProvider`), the real provider, or a faulty one."""

    engines: Engines
    register_id: int

    def first(self, since: datetime | None) -> Answer:
        """The first answer to a list of what has changed since ``since``."""
        ...

    def next(self, token: Any) -> Answer:
        """The answer to a resumption token."""
        ...

    def expected(self, mark: int) -> dict[str, bytes]:
        """What a client must hold once it has walked to ``mark`` (digest by identifier, empty: deleted)."""
        ...


@dataclass(slots=True)
class LogProvider:
    """Answers from the log the way the provider of a register does; ``clock`` is asked before the store is."""

    engines: Engines
    register_id: int
    clock: Callable[[], datetime]
    page_size: int = 5

    def expected(self, mark: int) -> dict[str, bytes]:
        return register_at(self.engines, self.register_id, mark)

    def first(self, since: datetime | None) -> Answer:
        moment = self.clock()
        with self.engines.read.connect() as connection:
            mark = publications.shown_through(connection, self.register_id, moment)
            dated = publications.certain_until(connection, self.register_id, moment)
            covered = publications.range_between(connection, self.register_id, since, None)
        after, through = covered or (0, 0)
        return self._page(Token(mark, after, min(through, mark)), dated)

    def next(self, token: Token) -> Answer:
        return self._page(token, self.clock())

    def _page(self, token: Token, dated: datetime) -> Answer:
        with self.engines.read.connect() as connection:
            found = log.current_after(
                connection, self.register_id, after=token.after, mark=token.mark, through=token.through,
                limit=self.page_size,
            )  # fmt: skip
        headers = [
            Header(each.identifier, each.datestamp, b"" if each.deleted else each.digest) for each in found
        ]
        more = Token(token.mark, found[-1].sequence, token.through) if len(found) == self.page_size else None
        return Answer(dated.replace(microsecond=0), headers, more, token.mark)


@dataclass(slots=True)
class Client:
    """Keeps a copy of a register by walking again and again, each time from the date of the last walk.

    ``faults`` lists what no provider may do: the same record twice in a walk, datestamps or records that
    go back, a datestamp that lies in the future of its answer.
    """

    provider: Provider
    copy: dict[str, Header] = field(default_factory=dict)
    since: datetime | None = None
    mark: int = 0
    faults: list[str] = field(default_factory=list)

    def walk(self) -> Iterator[Answer]:
        """One walk, answer by answer; the copy is complete, and ``since`` moves, when it has been walked."""
        answer = self.provider.first(self.since)
        begun, mark, seen = answer.response_date, answer.mark, dict[str, Header]()
        if mark < self.mark:
            self.faults.append(f"the register went back from {self.mark} to {mark}")
        while True:
            for header in answer.headers:
                self._look_at(header, seen, begun)
            yield answer
            if answer.token is None:
                break
            answer = self.provider.next(answer.token)
        self.copy |= seen
        self.since, self.mark = begun, mark

    def _look_at(self, header: Header, seen: dict[str, Header], begun: datetime) -> None:
        if header.identifier in seen:
            self.faults.append(f"{header.identifier} came twice in a walk")
        if seen and header.datestamp < next(reversed(seen.values())).datestamp:
            self.faults.append(f"{header.identifier} is dated before the record before it")
        if header.datestamp > begun:
            self.faults.append(f"{header.identifier} is dated {header.datestamp}, after its answer ({begun})")
        held = self.copy.get(header.identifier)
        if held is not None and header.datestamp < held.datestamp:
            self.faults.append(f"{header.identifier} went back from {held.datestamp} to {header.datestamp}")
        if self.since is not None and header.datestamp < self.since:
            self.faults.append(f"{header.identifier} is older than what was asked for")
        seen[header.identifier] = header

    def differences(self, expected: dict[str, bytes]) -> list[str]:
        """In what the copy differs from a register (identifier → digest, tombstones included)."""
        mine = {name: header.digest for name, header in self.copy.items()}
        return sorted(
            f"{name}: {'missed' if name not in mine else 'outdated' if name in expected else 'invented'}"
            for name in mine.keys() | expected.keys()
            if mine.get(name) != expected.get(name)
        )


def register_at(engines: Engines, register_id: int, mark: int, set_spec: str = "") -> dict[str, bytes]:
    """The register as of a mark, from its log: digest by identifier, empty for a tombstone. With ``set_spec``
    only entries that were ever in that set; empty too for those that have left it."""
    query = (
        select(versions.c.identifier, versions.c.deleted, documents.c.digest, memberships.c.sets)
        .select_from(versions.outerjoin(documents, documents.c.id == versions.c.document_id))
        .join(memberships, memberships.c.id == versions.c.membership_id)
        .where(versions.c.register_id == register_id, versions.c.sequence <= mark)
        .order_by(versions.c.sequence)
    )
    held: dict[str, bytes] = {}
    with engines.read.connect() as connection:
        for identifier, deleted, digest, specs in connection.execute(query):
            inside = not deleted and (not set_spec or set_spec in specs)
            if inside or identifier in held:
                held[identifier] = bytes(digest) if inside else b""
    return held
