"""Who is shown what: the decision over all terms, days and pasts, and lists over a real log."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product

import pytest

from registry.model.document import Catalogue, Facts, Sharing
from registry.model.record import CheckedRecord
from registry.model.version import Version
from registry.model.visibility import Audience
from registry.outlets import selection
from registry.outlets.selection import Listing, Span, View, listing, shown_terms
from registry.store.engine import Engines
from tests.factories import Installation, catalogue_document, deleted, identifier_of, live

TODAY = date(2024, 5, 6)
PUBLIC, PEER, NOBODY = (
    View(audience, TODAY) for audience in (Audience.PUBLIC, Audience.PEER, Audience.NOBODY)
)


def version(
    sharing: Sharing, is_open: bool, *, deleted: bool = False, seen: bool = False,
    since: date | None = None, until: date | None = None, document: bool = True,
) -> Version:  # fmt: skip
    """A version of the log with these terms."""
    facts = Facts("t", Catalogue.PROJECT, "2.1", "330100", "b", sharing, is_open, since, until)
    stamp = datetime(2024, 1, 1, tzinfo=UTC)
    return Version(
        1, "oai:a.b:1", deleted, 0, stamp, facts if document else None, b"", b"", (), (), seen, seen
    )


@pytest.mark.parametrize(("sharing", "is_open"), [*product(Sharing, (True, False))])
def test_a_standing_text_is_shown_to_whom_its_terms_allow(sharing: Sharing, is_open: bool) -> None:
    shown = {
        audience
        for audience in Audience
        if listing(version(sharing, is_open), audience, TODAY) is Listing.RECORD
    }
    expected = set()
    if sharing is not Sharing.NOT_SHARED:
        expected.add(Audience.PEER)
        if is_open and sharing is Sharing.UNCONDITIONAL:
            expected.add(Audience.PUBLIC)
    assert shown == expected


@pytest.mark.parametrize(
    "hidden",
    [
        {"deleted": True},
        {"document": False, "deleted": True},
        {"since": date(2024, 5, 7)},
        {"until": date(2024, 5, 5)},
    ],
)
def test_what_is_not_shown_is_deleted_for_who_saw_it_and_nothing_for_the_rest(
    hidden: dict[str, object],
) -> None:
    for seen, audience in product((True, False), (Audience.PUBLIC, Audience.PEER)):
        found = listing(version(Sharing.UNCONDITIONAL, True, seen=seen, **hidden), audience, TODAY)  # type: ignore[arg-type]
        assert found is (Listing.DELETED if seen else Listing.OMITTED)
    assert listing(version(Sharing.UNCONDITIONAL, True, seen=True), Audience.NOBODY, TODAY) is Listing.OMITTED


def test_both_days_of_a_period_belong_to_it() -> None:
    for days in ({"since": TODAY}, {"until": TODAY}):
        found = listing(version(Sharing.UNCONDITIONAL, True, **days), Audience.PUBLIC, TODAY)  # type: ignore[arg-type]
        assert found is Listing.RECORD


def test_the_terms_that_an_audience_may_see() -> None:
    assert shown_terms(Audience.PUBLIC) == [("1", True)]
    assert shown_terms(Audience.PEER) == [("1", False), ("1", True), ("2", False), ("2", True)]
    assert shown_terms(Audience.NOBODY) == []


def record(key: str, sharing: str = "1", openness: bool = True, item: str = "2.1") -> CheckedRecord:
    """A record on these terms."""
    return live(key, catalogue_document(key, sharing=sharing, openness=openness, item=item))


class Log:
    """A register, and what its log lists for whom."""

    def __init__(self, engines: Engines) -> None:
        self.installation = Installation(engines)
        self.source = self.installation.register_with_source("330100")

    def deliver(self, *records: CheckedRecord) -> int:
        """Publish records; returns the register's mark."""
        for each in records:  # one by one: the order of the log is then the order here
            self.installation.deliver(self.source, [each])
        return self.installation.read("330100").mark

    def listed(
        self, view: View, *, set_spec: str = "", mark: int | None = None, limit: int = 2
    ) -> list[tuple[str, bool]]:
        """(key, shown) of everything that is listed, page by page as of ``mark`` (default: now)."""
        register = self.installation.read("330100")
        mark = register.mark if mark is None else mark
        span = Span(0, mark, mark, set_spec)
        found: list[tuple[str, bool]] = []
        while True:
            with self.installation.engines.read.connect() as connection:
                page = selection.page(connection, register.id, span, view, limit=limit, present=register.mark)
            assert len(page.listed) <= limit
            assert page.listed or not page.more
            found += [(line.identifier.rpartition(":")[2], shown) for line, shown in page.listed]
            if not page.more:
                return found
            span = span._replace(after=page.listed[-1][0].sequence)

    def single(self, key: str, view: View, *, mark: int | None = None) -> bool | None:
        """Whether one entry is shown; None where it is not listed."""
        register = self.installation.read("330100")
        with self.installation.engines.read.connect() as connection:
            found = selection.single(
                connection, register.id, identifier_of(key), view,
                mark=register.mark if mark is None else mark, present=register.mark,
            )  # fmt: skip
        return None if found is None else found[1]


@pytest.fixture
def log(engines: Engines) -> Log:
    return Log(engines)


def test_lists_pass_over_what_an_audience_never_saw(log: Log) -> None:
    log.deliver(
        record("a", "3"), record("b"), record("c", "2"), record("d", "1", openness=False), record("e", "3"),
        record("f"), record("g", "3"),
    )  # fmt: skip
    assert log.listed(PUBLIC) == log.listed(PUBLIC, limit=1) == [("b", True), ("f", True)]
    assert log.listed(PEER) == [("b", True), ("c", True), ("d", True), ("f", True)]
    assert log.listed(NOBODY) == []
    assert [log.single(key, PUBLIC) for key in "abc"] == [None, True, None]
    assert [log.single(key, PEER) for key in "abc"] == [None, True, True]
    assert [log.single(key, NOBODY) for key in "abc"] == [None, None, None]
    assert log.single("unknown", PUBLIC) is None


def test_what_was_hidden_or_deleted_since_is_listed_as_deleted(log: Log) -> None:
    log.deliver(record("a"), record("b"), record("c", "2"), record("a", "2"), deleted("b"), deleted("c"))
    assert log.listed(PUBLIC) == [("a", False), ("b", False)]
    assert log.listed(PEER) == [("a", True), ("b", False), ("c", False)]
    log.deliver(record("a"), record("d", "3"))
    assert log.listed(PUBLIC) == [("b", False), ("a", True)]


def test_an_old_mark_shows_what_stood_then_but_no_text_that_was_hidden_since(log: Log) -> None:
    mark = log.deliver(record("hidden"), record("deleted"), record("changed"), record("same"))
    log.deliver(record("hidden", "3"), deleted("deleted"), record("changed", item="2.2"))
    before = [("hidden", False), ("deleted", True), ("changed", True), ("same", True)]
    assert log.listed(PUBLIC, mark=mark) == before
    assert log.listed(PEER, mark=mark) == before
    assert [log.single(key, PUBLIC, mark=mark) for key, _ in before] == [shown for _, shown in before]
    log.deliver(record("hidden"))
    assert log.listed(PUBLIC, mark=mark) == [(key, True) for key, _ in before]


def test_an_expired_text_does_not_come_back_by_an_old_mark(log: Log) -> None:
    until = catalogue_document("a", published_until=TODAY)
    mark = log.deliver(live("a", until), record("b"))
    tomorrow = View(Audience.PUBLIC, date(2024, 5, 7))
    assert log.listed(PUBLIC, mark=mark) == [("a", True), ("b", True)]
    assert log.listed(tomorrow, mark=mark) == [("a", False), ("b", True)]
    log.installation.expire("330100", date(2024, 5, 7))
    assert log.listed(tomorrow, mark=mark) == [("a", False), ("b", True)]
    assert log.listed(tomorrow) == [("b", True), ("a", False)]


def test_an_entry_that_left_a_set_is_deleted_there(log: Log) -> None:
    log.deliver(record("a"), record("b"), record("a", item="2.2"))
    assert log.listed(PUBLIC, set_spec="catalogue:project:2.1") == [("b", True), ("a", False)]
    assert log.listed(PUBLIC, set_spec="catalogue:project:2.2") == [("a", True)]
    assert log.listed(PUBLIC, set_spec="catalogue:project") == [("b", True), ("a", True)]
    assert log.listed(PUBLIC, set_spec="catalogue:credit") == []


def test_a_set_does_not_tell_where_a_hidden_text_lies_or_lay(log: Log) -> None:
    log.deliver(
        record("moved"), record("moved", "3", item="2.2"),
        record("came", "3", item="2.3"), record("came", item="2.4"),
        record("stayed", item="2.5"), record("stayed", "3", item="2.5"),
    )  # fmt: skip
    listed = {item: log.listed(PUBLIC, set_spec=f"catalogue:project:2.{item}") for item in range(1, 6)}
    assert listed == {
        1: [("moved", False)],
        2: [],
        3: [],
        4: [("came", True)],
        5: [("stayed", False)],
    }
    register = log.installation.read("330100")
    with log.installation.engines.read.connect() as connection:
        specs = selection.set_specs(connection, register.id, PUBLIC, mark=register.mark)
    items = sorted(spec for spec in specs if spec.startswith("catalogue:project:"))
    assert items == ["catalogue:project:2.1", "catalogue:project:2.4", "catalogue:project:2.5"]


def test_pages_end_before_they_grow_too_large(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.deliver(record("a"), record("b"), record("c"))
    size = len(catalogue_document("a", sharing="1", item="2.1").content)
    for fitting in (1, 2):
        monkeypatch.setattr(selection, "PAGE_BYTES", size * fitting + size // 2)
        register = log.installation.read("330100")
        with log.installation.engines.read.connect() as connection:
            page = selection.page(
                connection, register.id, Span(0, 3, 3), PUBLIC, limit=3, present=register.mark
            )
        assert len(page.listed) == fitting
        assert page.more
    monkeypatch.setattr(selection, "PAGE_BYTES", 1)
    assert len(log.listed(PUBLIC, limit=3)) == 3


def test_a_history_shows_texts_only_while_the_newest_is_shown(log: Log) -> None:
    log.deliver(record("a"), record("a", "3"), record("a", item="2.2"), record("b", "3"))
    register = log.installation.read("330100")

    def history(key: str, view: View) -> list[bool]:
        with log.installation.engines.read.connect() as connection:
            mark = log.installation.read("330100").mark
            found = selection.history(connection, register.id, identifier_of(key), view, mark=mark)
        return [shown for _, shown in found]

    assert history("a", PUBLIC) == [True, False, True]
    assert history("a", NOBODY) == []
    assert history("b", PUBLIC) == history("b", PEER) == []
    assert history("unknown", PUBLIC) == []
    log.deliver(record("a", "3", item="2.3"))
    assert history("a", PUBLIC) == [False, False, False, False]


def test_a_search_finds_only_what_is_shown(engines: Engines) -> None:
    log = Log(engines)
    log.installation.index = True
    log.deliver(record("a", "3"), record("b"), record("c", "2"), record("d", "3"), record("e"))
    register = log.installation.read("330100")

    def found(view: View, limit: int) -> list[str]:
        keys: list[str] = []
        after = None
        while True:
            with engines.read.connect() as connection:
                some = selection.found(connection, register, "杭州", view, limit=limit, after=after)
            assert len(some.versions) <= limit
            keys += [each.identifier.rpartition(":")[2] for each in some.versions]
            after = some.last
            if after is None:
                return keys

    for limit in (1, 2, 10):
        assert found(PUBLIC, limit) == ["e", "b"]
        assert found(PEER, limit) == ["e", "c", "b"]
        assert found(NOBODY, limit) == []
