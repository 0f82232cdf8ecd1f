"""Rows go in and come out alike on both databases, however they travel."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from registry.store.engine import Engines, IntegrityError, insert_rows, is_sqlite, rows_of, transaction
from registry.store.tables import changes, documents, sets

_TEXT = "换行\n制表\t反斜杠\\ 引号'\" 分隔|{},NULL \\N"
_C = changes.c
_CHANGE = (
    _C.run_id, _C.identifier, _C.action, _C.record_id, _C.base_version, _C.document_id,
    _C.previous_document_id, _C.previous_deleted, _C.raw_digest, _C.datestamp, _C.path, _C.place,
)  # fmt: skip
_D = documents.c
_DOCUMENT = (
    _D.digest, _D.content, _D.search_text, _D.title, _D.catalogue, _D.item, _D.division, _D.body, _D.sharing,
    _D.open, _D.published_from, _D.published_until, _D.updated_on,
)  # fmt: skip


def change(number: int, **values: Any) -> tuple[Any, ...]:
    row = {
        "run_id": 1, "identifier": f"{number}{_TEXT}", "action": "created", "record_id": None, "base_version": 0,
        "document_id": 2**40 + number, "previous_document_id": None, "previous_deleted": False,
        "raw_digest": bytes(range(256)), "datestamp": -(2**50), "path": "[]", "place": "",
    } | values  # fmt: skip
    return tuple(row.values())


def document(number: int, content: bytes = b"") -> tuple[Any, ...]:
    digest = sha256(str(number).encode()).digest()
    return (
        digest,
        content,
        _TEXT,
        "",
        "project",
        "",
        "330100",
        "",
        "1",
        number % 2 == 0,
        None,
        "2026-01-01",
        None,
    )


def stored(engines: Engines, table: Any, columns: Any) -> list[tuple[Any, ...]]:
    names = ", ".join(each.name for each in columns)
    with engines.read.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT {names} FROM {table.name} ORDER BY id").all()
    return [tuple(row) for row in rows]


def test_every_value_arrives_as_it_was(engines: Engines) -> None:
    rows = [
        change(0),
        change(1, record_id=7, datestamp=None, previous_deleted=True),
        change(2, raw_digest=b""),
    ]
    with transaction(engines.write) as connection:
        insert_rows(connection, changes, _CHANGE, (row for row in rows))
        insert_rows(connection, documents, _DOCUMENT, [document(n, bytes([n, 0, 255])) for n in range(3)],
                    ignore_existing=True)  # fmt: skip
    assert stored(engines, changes, _CHANGE) == rows
    assert stored(engines, documents, _DOCUMENT) == [document(n, bytes([n, 0, 255])) for n in range(3)]


def test_no_rows_are_no_statement(engines: Engines) -> None:
    with transaction(engines.write) as connection:
        for ignore_existing in (False, True):
            insert_rows(connection, sets, (sets.c.spec,), [], ignore_existing=ignore_existing)
    assert stored(engines, sets, (sets.c.spec,)) == []


def test_what_is_there_already_stays_as_it_is(engines: Engines) -> None:
    with transaction(engines.write) as connection:
        insert_rows(connection, documents, _DOCUMENT, [document(1, b"first")], ignore_existing=True)
    with transaction(engines.write) as connection:
        rows = [document(0, b"new"), document(1, b"second"), document(2, b"new")]
        insert_rows(connection, documents, _DOCUMENT, rows, ignore_existing=True)
    found = stored(engines, documents, (_D.digest, _D.content))
    assert {digest: bytes(content) for digest, content in found} == {
        document(0)[0]: b"new", document(1)[0]: b"first", document(2)[0]: b"new",
    }  # fmt: skip


def test_what_is_there_already_is_a_fault_where_nothing_is_said_of_it(engines: Engines) -> None:
    with pytest.raises(Exception) as caught, transaction(engines.write) as connection:
        insert_rows(connection, sets, (sets.c.spec,), [("a",), ("a",)])
    assert isinstance(caught.value, IntegrityError) or "duplicate" in str(caught.value)
    assert stored(engines, sets, (sets.c.spec,)) == []


def test_rows_are_found_by_bytes(engines: Engines) -> None:
    with transaction(engines.write) as connection:
        insert_rows(connection, documents, _DOCUMENT, [document(n) for n in range(2500)])
        wanted = [document(n)[0] for n in range(500, 3000)]
        found = rows_of(connection, documents, (_D.digest,), _D.digest, wanted)
    assert sorted(bytes(row[0]) for row in found) == sorted(wanted[:2000])


def test_a_new_store_on_sqlite_has_pages_for_several_records(engines: Engines) -> None:
    with engines.read.connect() as connection:
        if is_sqlite(connection):
            assert connection.exec_driver_sql("PRAGMA page_size").scalar_one() == 8192
