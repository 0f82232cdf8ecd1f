"""What an office without an endpoint hands in: looked at without writing, delivered by the road of everything else."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pytest
from sqlalchemy import select

from harvester.sandbox import Sandbox
from registry.errors import Conflict, Refused
from registry.formats.entered import Entered, document_of
from registry.model.delivery import DeliveryState, FileKind, Origin
from registry.model.run import RunStatus, Scope
from registry.services import delivering, reviewing
from registry.services.delivering import HandedIn
from registry.store.engine import Engines
from registry.store.tables import records, versions
from tests.factories import APPROVER, Installation
from tests.integration.office import (
    CITY,
    ROW,
    TownHall,
    csv_of,
    identifier,
    open_office,
    pieces,
    rows,
)
from tests.integration.standing import event_actions, live_entries


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A child as it is."""
    with Sandbox() as opened:
        yield opened


@pytest.fixture
def office(engines: Engines, sandbox: Sandbox) -> TownHall:
    return open_office(Installation(engines), sandbox)


def standing(office: TownHall) -> set[str]:
    return set(live_entries(office.installation.engines, CITY))


def written(office: TownHall) -> tuple[int, int]:
    """How many records and versions the store holds."""
    with office.installation.engines.read.connect() as connection:
        return tuple(len(connection.execute(select(each.c.id if each is records else each.c.sequence)).all())
                     for each in (records, versions))  # type: ignore[return-value]  # fmt: skip


def test_a_table_is_looked_at_delivered_and_published(office: TownHall) -> None:
    delivery_id = office.hand_in(csv_of([*rows(3), ROW | {"mdId": "K-9", "division": "000001"}]))
    found = office.preview(delivery_id)
    assert found.was_read and found.scope is Scope.DELTA
    assert (found.tally.received, found.tally.created, found.tally.refused) == (4, 3, 1)
    (wrong,) = [each for each in found.rows if each.code == "division-unknown"]
    assert wrong.place.endswith("record 4, line 5") and wrong.hint.zh
    assert [each.identifier for each in found.records] == [identifier(number) for number in (1, 2, 3)]
    assert written(office) == (0, 0)
    run = office.deliver(delivery_id)
    assert (run.status, run.tally.created, run.tally.refused) == (RunStatus.PUBLISHED, 3, 1)
    assert standing(office) == {identifier(number) for number in (1, 2, 3)}
    assert office.delivery(delivery_id).state is DeliveryState.TAKEN
    assert pieces(office) == 0
    told = [
        action for action, subject in event_actions(office.installation.engines) if subject == "source:desk"
    ]
    assert told[-2:] == ["hand-in", "deliver"]


def test_the_preview_tells_what_changes_and_what_would_vanish(office: TownHall) -> None:
    office.bring(csv_of(rows(10)))
    changed = rows(6)
    changed[0] = changed[0] | {"resTitle": "另一名称"}
    delivery_id = office.hand_in(csv_of([*changed, ROW | {"mdId": "K-11"}]), scope=Scope.FULL)
    before = written(office)
    found = office.preview(delivery_id)
    tally = found.tally
    assert (tally.created, tally.updated, tally.unchanged, tally.absent) == (1, 1, 5, 4)
    assert len(found.holds) == 1 and found.scope is Scope.FULL
    assert written(office) == before
    run = office.deliver(delivery_id)
    assert run.status is RunStatus.HELD
    assert office.delivery(delivery_id).state is DeliveryState.DELIVERED
    assert office.content(delivery_id), "a held run may have to be read again"


def test_a_held_delivery_that_is_refused_gives_way_to_the_next(office: TownHall) -> None:
    office.bring(csv_of(rows(10)))
    held = office.bring(csv_of(rows(1)), scope=Scope.FULL)
    assert held.status is RunStatus.HELD
    later = office.hand_in(csv_of([ROW | {"mdId": "K-20"}]))
    office.preview(later)
    engines, now = office.installation.engines, office.installation.clock()
    order_id = delivering.deliver(engines.write, later, actor=office.officer, now=now)
    waiting = office.worker.carry_out(order_id)
    assert waiting is not None and waiting.run is None
    reviewing.refuse(engines.write, held.id, actor=APPROVER, now=now, reason="名单不全")
    (next_one,) = office.worker.to_do()
    outcome = office.worker.carry_out(next_one)
    assert outcome is not None and outcome.run is not None and outcome.run.tally.created == 1
    assert identifier(20) in standing(office)
    assert pieces(office) == 0


def test_deliveries_are_read_in_the_order_in_which_they_were_delivered(office: TownHall) -> None:
    first = office.hand_in(csv_of(rows(2, resTitle="先上传")))
    office.preview(first)
    second = office.hand_in(csv_of(rows(2, resTitle="后上传")))
    office.preview(second)
    engine, clock = office.installation.engines.write, office.installation.clock
    orders_placed = {
        delivering.deliver(engine, each, actor=office.officer, now=clock()) for each in (second, first)
    }
    assert len(orders_placed) == 1, "the second joins the order that waits"
    runs = []
    while waiting := office.worker.to_do():
        outcome = office.worker.carry_out(waiting[0])
        assert outcome is not None
        if outcome.run is not None:
            runs.append(outcome.run)
        clock.advance(seconds=3)
    assert [(each.tally.created, each.tally.updated) for each in runs] == [(2, 0), (0, 2)]
    assert {office.delivery(each).state for each in (first, second)} == {DeliveryState.TAKEN}


def zipped(name: str, content: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


ENTITIES = b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><records>&b;</records>'
HOSTILE = {
    "entities": (FileKind.XML, ENTITIES),
    "a bomb": (FileKind.ZIP, zipped("list.xml", b" " * (64 << 20))),
    "no archive": (FileKind.ZIP, b"PK\x03\x04 and nothing else"),
    "no workbook": (FileKind.XLSX, zipped("xl/workbook.xml", ENTITIES)),
    "no table": (FileKind.CSV, b"\x00\xff\xfe junk"),
    "no list": (FileKind.XML, b"<html><body>404</body></html>"),
    "cut off": (FileKind.XML, b'<records xmlns="urn:mulu:catalogue:1"><record><mdId>1'),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_or_broken_is_told_and_cannot_be_delivered(office: TownHall, name: str) -> None:
    kind, content = HOSTILE[name]
    delivery_id = office.hand_in(content, kind)
    found = office.preview(delivery_id)
    assert not found.was_read and found.message.zh and found.message.en
    engine, now = office.installation.engines.write, office.installation.clock()
    with pytest.raises(Conflict, match="cannot be read"):
        delivering.deliver(engine, delivery_id, actor=office.officer, now=now)
    delivering.discard(engine, delivery_id, actor=office.officer, now=now)
    assert standing(office) == set()
    office.bring(csv_of(rows(1)))
    assert standing(office) == {identifier(1)}


def test_a_record_from_a_form_takes_the_same_road(office: TownHall) -> None:
    parties = [
        {"partyRole": "construction", "partyName": "甲建设有限公司"},
        {"partyRole": "other", "partyName": "乙"},
    ]
    document = document_of(Entered(ROW | {"mdId": "K-1", "partyName": ""}, parties))
    first = office.keep(HandedIn("K-1", FileKind.XML, Origin.FORM, pieces=(document,)))
    second = office.keep(HandedIn("K-1", FileKind.XML, Origin.FORM, pieces=(document,), replaces=first))
    assert office.delivery(first).state is DeliveryState.DISCARDED
    assert office.preview(second).tally.created == 1
    office.deliver(second)
    assert standing(office) == {identifier(1)}


def test_a_record_is_taken_back_with_a_reason(office: TownHall) -> None:
    office.bring(csv_of(rows(5)))
    what = HandedIn(
        identifier(2), FileKind.XML, Origin.WITHDRAWAL, withdrawn=(identifier(2),), reason="项目已取消"
    )
    for wrong in (replace(what, reason=" "), replace(what, withdrawn=("oai:desk.test:none",))):
        with pytest.raises(Refused):
            office.keep(wrong)
    delivery_id = office.keep(what)
    assert office.preview(delivery_id).tally.deleted == 1
    assert identifier(2) in standing(office)
    run = office.deliver(delivery_id)
    assert (run.status, run.tally.deleted) == (RunStatus.PUBLISHED, 1)
    assert standing(office) == {identifier(number) for number in (1, 3, 4, 5)}
    office.bring(csv_of(rows(2)[1:]))
    assert identifier(2) in standing(office)
