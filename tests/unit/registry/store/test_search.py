"""Searching a register: what words find, as of its mark."""

from __future__ import annotations

import pytest

from registry.model.document import Document
from registry.store import log, runs, search
from registry.store.engine import Engines
from registry.store.search import Hit
from tests.factories import Installation, catalogue_document, deleted, identifier_of, live

TITLES = {
    "1": "杭州市城北污水处理厂一期工程",
    "2": "宁波舟山港G25高速连接线",
    "3": "关于杭州湾大桥的决定(甬建〔2010〕12号)",
    "4": "杭州",
}

FOUND = {
    "杭州": "134",
    "杭": "134",
    "州": "134",
    "杭州市": "1",
    "市": "1",
    "污水处理厂一期": "1",
    "水污": "",
    "杭州 大桥": "3",
    "杭州 高速": "",
    "g25": "2",
    "G25高速": "2",
    "G25高": "2",
    "港G25": "2",
    "25": "",
    "(2010)12号": "3",
    "2010 12": "3",
    "12 2010": "3",
    "330100": "1234",
    '" OR 1*': "",
    "'杭州' & !x": "",
    "。": "",
    "": "",
}


def document(key: str, title: str) -> Document:
    """A document of which nothing but the title is a likely find."""
    return catalogue_document(key, title=title, body="某局", abstract="无")


@pytest.fixture
def installation(engines: Engines) -> Installation:
    """A municipal register with four entries, indexed."""
    installation = Installation(engines, index=True)
    source = installation.register_with_source("330100")
    records = [live(key, document(key, title)) for key, title in TITLES.items()]
    installation.deliver(source, records)
    return installation


def found(installation: Installation, words: str, *, limit: int = 100, code: str = "330100") -> set[str]:
    """The keys of the entries that ``words`` find."""
    register = installation.read(code)
    with installation.engines.read.connect() as connection:
        hits = search.query(connection, register, words, limit=limit)
        versions = log.at(connection, register.id, [hit.sequence for hit in hits])
    return {version.identifier.rpartition(":")[2] for version in versions.values()}


def test_what_words_find(installation: Installation) -> None:
    assert {words: "".join(sorted(found(installation, words))) for words in FOUND} == FOUND


def test_pages_join_into_the_whole(installation: Installation) -> None:
    register = installation.read("330100")
    pages: list[Hit] = []
    with installation.engines.read.connect() as connection:
        whole = search.query(connection, register, "杭州", limit=100)
        while page := search.query(connection, register, "杭州", limit=1, after=pages[-1] if pages else None):
            pages += page
    assert pages == whole == sorted(whole, reverse=True)
    assert len(whole) == 3


def test_deleted_entries_and_replaced_texts_are_not_found(installation: Installation) -> None:
    installation.deliver("330100-source", [deleted("1"), live("4", document("4", "湖州"))])
    assert found(installation, "杭州") == {"3"}
    assert found(installation, "湖州") == {"4"}


def test_an_entry_is_found_by_its_published_text_while_a_new_one_is_settled(
    installation: Installation,
) -> None:
    installation.deliver(
        "330100-source",
        [
            live("4", document("4", "湖州")),
            live("5", document("5", "杭州五")),
        ],
        publish=False,
    )
    register = installation.read("330100")
    with installation.settler.hold(register.id) as lease:
        with installation.engines.read.connect() as connection:
            (run_id,) = runs.settling(connection, register.id)
        while lease._settle_slice(run_id):
            pass
        assert installation.read("330100").head > register.mark
        assert found(installation, "杭州") == {"1", "3", "4"}
        assert found(installation, "湖州") == set()
    installation.settle(register.id)
    assert found(installation, "杭州") == {"1", "3", "5"}


def test_a_register_finds_its_own_entries_only(installation: Installation) -> None:
    source = installation.register_with_source("330200", "ningbo.gov.cn")
    installation.deliver(source, [live("9", document("9", "杭州"), namespace="ningbo.gov.cn")])
    assert found(installation, "杭州", code="330200") == {"9"}
    assert identifier_of("9") not in found(installation, "杭州")
