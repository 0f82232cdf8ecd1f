"""Providers and clients that are wrong on purpose, each in one way; the interleavings must find every one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from registry.store import log, publications, registers
from registry.store.tables import publications as publications_table
from tests.crash.client import Answer, Client, Header, LogProvider, Token


class ShowsWhatNobodyVerified(LogProvider):
    """Shows a publication as soon as its second has passed, though its commit may have come too late."""

    def first(self, since: datetime | None) -> Answer:
        moment = self.clock()
        c = publications_table.c
        query = select(c.last_sequence).where(c.register_id == self.register_id, c.datestamp < moment)
        with self.engines.read.connect() as connection:
            mark = connection.execute(query.order_by(c.last_sequence.desc()).limit(1)).scalar() or 0
            covered = publications.range_between(connection, self.register_id, since, None)
        after, through = covered or (0, 0)
        return self._page(Token(mark, after, min(through, mark)), moment)


class ShowsTheMark(LogProvider):
    """Shows all that is published, as readers inside the installation may, whatever its datestamp."""

    def first(self, since: datetime | None) -> Answer:
        moment = self.clock()
        with self.engines.read.connect() as connection:
            mark = registers.by_id(connection, self.register_id).mark
            covered = publications.range_between(connection, self.register_id, since, None)
        after, through = covered or (0, 0)
        return self._page(Token(mark, after, min(through, mark)), moment)


class ForgetsTheMark(LogProvider):
    """Each page is read as of now: the token carries no mark."""

    def next(self, token: Token) -> Answer:
        with self.engines.read.connect() as connection:
            mark = publications.shown_through(connection, self.register_id, self.clock())
        return super().next(token._replace(mark=mark, through=mark))


class CountsRows(LogProvider):
    """LIMIT and OFFSET over what is current: the token carries how many rows were read."""

    def _page(self, token: Token, dated: datetime) -> Answer:
        with self.engines.read.connect() as connection:
            mark = publications.shown_through(connection, self.register_id, self.clock())
            found = log.current_after(connection, self.register_id, after=0, mark=mark, limit=10_000)
        rows = found[token.after : token.after + self.page_size]
        headers = [
            Header(each.identifier, each.datestamp, b"" if each.deleted else each.digest) for each in rows
        ]
        more = token._replace(after=token.after + self.page_size) if len(rows) == self.page_size else None
        return Answer(dated.replace(microsecond=0), headers, more, token.mark)

    def first(self, since: datetime | None) -> Answer:
        answer = super().first(None)
        return answer._replace(
            headers=[each for each in answer.headers if not since or each.datestamp >= since]
        )


class PagesByDatestamp(LogProvider):
    """The next page begins behind the greatest datestamp of the last one."""

    def next(self, token: Token) -> Answer:
        with self.engines.read.connect() as connection:
            (last,) = log.current_after(
                connection, self.register_id, after=token.after - 1, mark=token.mark, limit=1
            )
            covered = publications.range_between(connection, self.register_id, last.datestamp, None)
            assert covered is not None
            c = publications_table.c
            query = select(c.last_sequence).where(
                c.register_id == self.register_id, c.datestamp == last.datestamp
            )
            behind = max(connection.execute(query).scalars())
        return super().next(token._replace(after=behind))


@dataclass(slots=True)
class DatesByTheLastAnswer(Client):
    """Goes on from the date of the last answer of a walk, not of the first."""

    def walk(self) -> Iterator[Answer]:
        latest = None
        for latest in Client.walk(self):
            yield latest
        if latest is not None:
            self.since = latest.response_date


PROVIDERS: Mapping[str, type[LogProvider]] = {
    "shows what nobody verified": ShowsWhatNobodyVerified,
    "shows the mark": ShowsTheMark,
    "forgets the mark": ForgetsTheMark,
    "counts rows": CountsRows,
    "pages by datestamp": PagesByDatestamp,
}
