"""What is kept in the store is answered as a folder answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.deliver.desk import Desk
from harvester.errors import ProtocolFailure
from harvester.protocols import PROTOCOLS
from harvester.protocols.base import Envelope, RawRecord
from harvester.protocols.deliveries import DeliveryLimits
from registry.model.delivery import Delivery, DeliveryState, FileKind, Origin
from registry.model.run import Scope, Window
from registry.model.source import Protocol, SourceDescription
from tests.endpoint import plain_list
from tests.tables import tabulate_here
from tests.unit.harvester.deliver.test_delivery import table
from tests.unit.harvester.protocols.samples import records, source
from tests.unit.harvester.protocols.test_folder import zipped
from tests.unit.registry.formats.test_columns import MINIMAL

ROW = PROTOCOLS[Protocol.CONSOLE]
OFFICE = source(Protocol.CONSOLE, location="")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
LIST = plain_list(records(2))


@dataclass
class Kept:
    """Fulfils ``DeliveryReader``: one delivery."""

    content: bytes
    delivery: Delivery
    after: str = ""

    def find(self, source: SourceDescription, after: str, place: str) -> Delivery | None:
        self.after = after
        return self.delivery if after < self.delivery.place else None

    def pieces(self, delivery: Delivery) -> Iterator[bytes]:
        yield self.content[:10]
        yield self.content[10:]


def kept(
    content: bytes, kind: FileKind = FileKind.XML, name: str = "list.xml", withdrawn: tuple[str, ...] = ()
) -> Kept:
    made = Delivery(
        7, 1, name, kind, Origin.FILE, Scope.DELTA, len(content), b"", withdrawn, DeliveryState.DELIVERED, "",
        "li", NOW, number=3,
    )  # fmt: skip
    return Kept(content, made)


def ask(
    store: Kept,
    token: str = "",
    prefix: str = "oai_dc",
    limits: DeliveryLimits | None = None,
    after: str = "",
) -> tuple[str, list[RawRecord], Envelope | None]:
    """One answer, read to its end: its ETag, its records, its envelope."""
    office = replace(OFFICE, metadata_prefix=prefix)
    request = ROW.ask(office, Window(Scope.DELTA, etag=after), token)
    desk = Desk(store, tabulate_here) if limits is None else Desk(store, tabulate_here, limits)
    with desk.open_answer(request, office) as answer:
        if answer.not_modified:
            return answer.headers["ETag"], [], None
        reader = ROW.reader(office)
        found = [record for chunk in answer.chunks() for record in reader.feed(chunk)]
        return answer.headers["ETag"], found, reader.close()


def test_a_document_is_answered_under_its_place() -> None:
    etag, found, envelope = ask(kept(LIST))
    assert envelope is not None
    assert (etag, len(found), envelope.scope, envelope.token) == ("000000000003", 2, Scope.DELTA, "")


def test_what_was_read_is_not_read_again() -> None:
    assert ask(kept(LIST), after="000000000003") == ("000000000003", [], None)


def test_an_archive_is_read_document_by_document() -> None:
    store = kept(zipped({"a.xml": LIST, "b.xml": LIST}), FileKind.ZIP, "lists.ZIP")
    _, first, envelope = ask(store)
    assert envelope is not None and envelope.token.endswith("/b.xml")
    _, second, last = ask(store, envelope.token)
    assert last is not None and last.token == ""
    assert [each.place.partition(",")[0] for each in (*first, *second)] == [
        f"0001-lists.zip/{member}.xml: record {number}" for member in "ab" for number in (1, 2)
    ]


def test_a_table_becomes_a_document_whose_lines_are_its_rows(tmp_path: Path) -> None:
    rows = [MINIMAL, None, MINIMAL | {"mdId": "JJ-2"}]
    content = table(tmp_path / "t.csv", rows).read_bytes()
    _, found, _ = ask(kept(content, FileKind.CSV, "项目.csv"), prefix="catalogue")
    assert [each.place for each in found] == [
        "0001-项目.xml: record 1, line 2",
        "0001-项目.xml: record 2, line 4",
    ]


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "a/b.csv", "\x00.csv", ".csv", "x" * 300 + ".csv"])
def test_whatever_it_is_called_nothing_is_written_elsewhere(tmp_path: Path, name: str) -> None:
    content = table(tmp_path / "t.csv", [MINIMAL]).read_bytes()
    _, found, _ = ask(kept(content, FileKind.CSV, name), prefix="catalogue")
    assert len(found) == 1 and "/" not in found[0].place


def test_what_cannot_be_read_fails_in_its_answer_and_counts_as_read() -> None:
    store = kept(b"junk\n1\n", FileKind.CSV, "t.csv")
    request = ROW.ask(OFFICE, Window(Scope.DELTA), "")
    with Desk(store, tabulate_here).open_answer(request, OFFICE) as answer:
        assert (answer.status, answer.headers["ETag"]) == (200, "000000000003")
        with pytest.raises(ProtocolFailure, match="unknown columns junk"):
            list(answer.chunks())


def test_records_that_are_taken_back_are_deleted_records() -> None:
    _, found, envelope = ask(kept(b"", withdrawn=("oai:a:1", "oai:a:<2>")))
    assert envelope is not None and envelope.complete
    assert [(each.identifier, each.deleted, each.element) for each in found] == [
        ("oai:a:1", True, None), ("oai:a:<2>", True, None)
    ]  # fmt: skip
    assert len({each.raw for each in found}) == 2


def test_an_archive_holds_so_many_documents_at_most() -> None:
    store = kept(zipped({f"{number}.xml": LIST for number in range(3)}), FileKind.ZIP, "lists.zip")
    with pytest.raises(ProtocolFailure, match="more than 2 documents"):
        ask(store, limits=DeliveryLimits(documents=2))
