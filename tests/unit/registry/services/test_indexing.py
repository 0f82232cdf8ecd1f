"""Feeding the search index: everything published, once, in slices."""

from __future__ import annotations

import threading

from sqlalchemy import text

from registry.services.indexing import feed
from registry.store import registers, search
from registry.store.engine import Engines, is_sqlite
from tests.factories import Installation, catalogue_document, live


def indexed(engines: Engines) -> int:
    """How many documents the index holds."""
    with engines.read.connect() as connection:
        table = "document_index_docsize" if is_sqlite(connection) else "document_index"
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def test_the_index_follows_the_mark_slice_by_slice(engines: Engines) -> None:
    installation = Installation(engines)
    source = installation.register_with_source("330100")
    installation.deliver(source, [live(str(number)) for number in range(7)])
    register = installation.read("330100")
    assert feed(engines, register.id, slice_size=3) == 7
    assert feed(engines, register.id, slice_size=3) == 0
    assert indexed(engines) == 7
    with engines.read.connect() as connection:
        assert registers.indexed_through(connection, register.id) == register.mark


def test_what_is_not_published_is_not_indexed(engines: Engines) -> None:
    installation = Installation(engines)
    source = installation.register_with_source("330100")
    installation.deliver(source, [live("1")], publish=False)
    assert feed(engines, installation.read("330100").id) == 0
    assert indexed(engines) == 0


def test_a_document_that_two_registers_hold_is_indexed_once(engines: Engines) -> None:
    installation = Installation(engines)
    for code in ("330100", "330200"):
        source = installation.register_with_source(code)
        installation.deliver(source, [live("1", catalogue_document("1"))])
    fed = [feed(engines, installation.read(code).id) for code in ("330100", "330200")]
    assert fed == [1, 0]
    assert indexed(engines) == 1


def test_several_may_feed_at_once(engines: Engines) -> None:
    installation = Installation(engines)
    source = installation.register_with_source("330100")
    installation.deliver(source, [live(str(number)) for number in range(40)])
    register = installation.read("330100")
    threads = [threading.Thread(target=feed, args=(engines, register.id, 3)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert indexed(engines) == 40
    with engines.read.connect() as connection:
        assert len(search.query(connection, register, "杭州", limit=100)) == 40


def test_a_feeder_that_was_stopped_leaves_the_rest_to_the_next(engines: Engines) -> None:
    installation = Installation(engines)
    source = installation.register_with_source("330100")
    installation.deliver(source, [live(str(number)) for number in range(4)])
    register = installation.read("330100")
    feed(engines, register.id)
    with engines.write.begin() as connection:  # as if the mark of the index had not been written
        connection.execute(text("UPDATE registers SET indexed_through = 0"))
    assert feed(engines, register.id) == 0
    assert indexed(engines) == 4
