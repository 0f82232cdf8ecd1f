"""A small scripted source: what it lists, how that changes, and how the real pipeline reads it.

The list lies in a file that the test writes; driver processes answer their own questions from it, page by page,
as an OAI-PMH endpoint would. What "comes over the wire" is the page as JSON: no HTTP and no XML, so that every
step costs a millisecond. The walk, its checkpoints and all that follows are the product's own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

import msgspec

from harvester.protocols.base import Envelope, Request
from harvester.pulse import Pulse
from harvester.sandbox import Reading
from registry.model.datestamp import Granularity, format_datestamp, parse_datestamp
from registry.model.document import Catalogue, Document, Facts, Sharing, digest_of
from registry.model.harvesting import RecordKey
from registry.model.record import CheckedRecord, Condition, Hop, Raw
from registry.model.source import SourceDescription

ITEMS = ("2.1", "2.2", "2.3")
DIVISIONS = ("330100", "330102", "330106")


class Item(msgspec.Struct, frozen=True):
    """One record of a source: its text is its revision; ``changed_at`` its datestamp."""

    identifier: str
    revision: int
    deleted: bool
    changed_at: datetime

    @property
    def content(self) -> bytes:
        return f"<record xmlns='urn:x'><id>{self.identifier}</id><rev>{self.revision}</rev></record>".encode()

    @property
    def digest(self) -> bytes:
        """What a register must hold of it; empty for a deleted record."""
        return b"" if self.deleted else digest_of(self.content)


class Page(msgspec.Struct, frozen=True):
    """One answer, on its way from the endpoint's side to the reader's."""

    items: Sequence[Item]
    token: str
    response_date: datetime
    total: int | None
    error: str = ""


@dataclass(slots=True)
class Listing:
    """What one source lists, in the file at ``path``. The test changes it; the drivers read it."""

    path: Path
    items: dict[str, Item]
    added: int = 0

    @classmethod
    def begin(cls, path: Path, prefix: str, size: int, now: datetime) -> Listing:
        """A source with ``size`` records, at their first revision."""
        names = [f"oai:{prefix}:{number:03d}" for number in range(size)]
        listing = cls(path, {name: Item(name, 0, False, now) for name in names})
        listing.save()
        return listing

    @classmethod
    def load(cls, path: Path) -> Listing:
        """What the file says."""
        items = msgspec.json.decode(path.read_bytes(), type=list[Item])
        return cls(path, {item.identifier: item for item in items})

    def save(self) -> None:
        """Let the drivers see it."""
        self.path.write_bytes(msgspec.json.encode(list(self.items.values())))

    def change(self, rng: Random, now: datetime, count: int = 6) -> None:
        """``count`` chance changes: records revised, deleted, restored, added."""
        for _ in range(count):
            name = rng.choice(list(self.items))
            item = self.items[name]
            fate = rng.random()
            if fate < 0.2:
                self.added += 1
                name = f"{name.rpartition(':')[0]}:new{self.added}"
                self.items[name] = Item(name, 0, False, now)
            else:
                deleted = fate < 0.4 and not item.deleted
                self.items[name] = Item(name, item.revision + (not deleted), deleted, now)
        self.save()

    def drop(self, rng: Random) -> Item:
        """Leave out a live record from now on, without a word."""
        item = self.items.pop(
            rng.choice([each.identifier for each in self.items.values() if not each.deleted])
        )
        self.save()
        return item

    def page(self, since: datetime | None, number: int, size: int, now: datetime) -> Page:
        """Page ``number`` (from 0) of what has changed since ``since``."""
        listed = [item for item in self.items.values() if since is None or item.changed_at >= since]
        rest = listed[number * size :]
        token = f"{number + 1}/{'' if since is None else format_datestamp(since)}" if rest[size:] else ""
        return Page(rest[:size], token, now, len(listed))

    @property
    def live(self) -> dict[str, bytes]:
        """Digest by identifier: what a register must hold once it has harvested this list."""
        return {item.identifier: item.digest for item in self.items.values() if not item.deleted}


@dataclass(frozen=True, slots=True)
class _Answer:
    """``harvester.protocols.base.Answer``."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    not_modified: bool = False

    def chunks(self) -> Iterator[bytes]:
        yield self.body


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The endpoint's side, within the driver: answers requests from the listings in ``folder``.

    ``heard`` is told of each question: (source code, page number).
    """

    folder: Path
    page_size: int
    clock: Callable[[], datetime]
    heard: Callable[[str, int], None]

    @contextmanager
    def open_answer(self, request: Request, source: SourceDescription, pulse: Pulse) -> Iterator[_Answer]:
        """Fulfils ``harvester.pipeline.OpenAnswer``."""
        arguments = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
        if arguments["verb"] == "Identify":
            token = f"ListRecords {Granularity.SECOND}"
            yield _Answer(msgspec.json.encode(Page([], token, self.clock(), None)))
            return
        if arguments["verb"] == "GetRecord":  # so that two lists must agree on what is missing
            yield _Answer(msgspec.json.encode(Page([], "", self.clock(), None, "badVerb")))
            return
        number, _, since = arguments.get("resumptionToken", f"0/{arguments.get('from', '')}").partition("/")
        self.heard(source.code, int(number))
        listing = Listing.load(self.folder / source.code)
        moment = parse_datestamp(since)[0] if since else None
        yield _Answer(msgspec.json.encode(listing.page(moment, int(number), self.page_size, self.clock())))


class PageReader:
    """The reader's side: fulfils ``harvester.sandbox.AnswerReader`` for the answers of :class:`Endpoint`."""

    def read(
        self,
        reading: Reading,
        chunks: Iterable[bytes],
        known: Callable[[Sequence[RecordKey]], Sequence[bool]],
    ) -> Generator[list[CheckedRecord], None, Envelope]:
        """See ``AnswerReader.read``."""
        page = msgspec.json.decode(b"".join(chunks), type=Page)
        records = [checked(item, reading.source) for item in page.items]
        keys = [RecordKey(each.identifier, each.raw_digest) for each in records]
        yield [
            CheckedRecord(record.identifier, Condition.KNOWN, record.raw_digest) if is_known else record
            for record, is_known in zip(records, known(keys), strict=True)
        ]
        codes = (page.error,) if page.error else ()
        return Envelope(
            page.token, page.total, page.response_date, not codes, codes, name=reading.source.code
        )


def checked(item: Item, source: SourceDescription) -> CheckedRecord:
    """What the child would make of an item."""
    raw = digest_of(b"raw" + item.content)
    stamp = format_datestamp(item.changed_at)
    path = (Hop("", source.location, stamp, "urn:x", ""),)
    if item.deleted:
        return CheckedRecord(item.identifier, Condition.DELETED, datestamp=item.changed_at, path=path)
    facts = _facts(item)
    return CheckedRecord(
        item.identifier,
        Condition.LIVE,
        raw,
        Raw(raw, item.content),
        Document(item.digest, item.content, facts, facts.title),
        item.digest,
        item.changed_at,
        path=path,
        place=item.identifier,
    )


def _facts(item: Item) -> Facts:
    """Facts that move an entry between sets as its revisions come."""
    number = sum(item.identifier.encode()) + item.revision
    return Facts(
        title=f"项目 {item.identifier}",
        catalogue=Catalogue.PROJECT,
        item=ITEMS[number % 3],
        division=DIVISIONS[number // 3 % 3],
        body="住建局",
        sharing=Sharing.UNCONDITIONAL,
        open=True,
    )
