"""Every recorded hostile document as a body, and as one record among 99: a reason each time, and nothing lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from registry.model.run import Ending, RunStatus, Verdict
from registry.model.source import Protocol
from registry.store import runs
from tests.conftest import Tell
from tests.crash.choice import on_postgresql_in_full
from tests.endpoint import Endpoint, Record, catalogue_records, loopback
from tests.hostile.documents import Document, is_well_formed, recorded
from tests.hostile.works import Works, at_work
from tests.invariants import check
from tests.invariants.lures import Lures
from tests.shared import needs_shared

pytestmark = needs_shared

PART = 15
THREADS = 4
GOOD = 99
MIDDLE = 50
_DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?<\?xml[^>]*\?>\s*")


@pytest.fixture
def lures(tmp_path: Path) -> Iterator[Lures]:
    with Lures(tmp_path) as laid:
        yield laid


@pytest.fixture
def works(database_url: str, tmp_path: Path, seed: str) -> Iterator[Works]:
    with at_work(database_url, tmp_path, seed, threads=THREADS) as installation:
        yield installation


def part_of(documents: Sequence[Document]) -> list[Document]:
    return list(documents[::PART])


def as_bodies(works: Works, documents: Sequence[Document]) -> Counter[str]:
    """Each document in the place of a list, and of an OAI-PMH answer; how that ends, counted."""
    endings: Counter[str] = Counter()
    with Endpoint([]) as city:
        plain = works.add_city("plain", city.list_url, Protocol.XML_DOCUMENT)
        asked = works.add_city("asked", city.oai_url)
        for document in documents:
            city.list_content = city.body = document.content
            for code in (plain, asked):
                run = works.run_of(code)
                assert run.ending in (Ending.FINISHED, Ending.PROTOCOL), (document.name, run)
                assert run.verdict is not Verdict.COMPLETE or run.tally.received == 0, (document.name, run)
                assert works.live(code) == 0
                endings[str(run.ending)] += 1
    return endings


def among_good_ones(works: Works, documents: Sequence[Document]) -> Counter[str]:
    """Each document as the metadata of one record among 99 good ones; the verdicts, counted."""
    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(lambda numbered: among(works, *numbered), enumerate(documents)))


def among(works: Works, number: int, document: Document) -> str:
    """The verdict on one of them."""
    code = f"d{number}"
    metadata = _DECLARATION.sub(b"", document.content).decode("utf-8", "surrogateescape")
    good = catalogue_records(GOOD, f"{code}.test")
    bad = Record(f"oai:{code}.test:hostile", good[0].datestamp, metadata)
    records = [*good[:MIDDLE], bad, *good[MIDDLE:]]
    with Endpoint(records, address=loopback(number), page_size=GOOD + 1) as city:
        city.provider.prefix = "catalogue"
        run = works.run_of(works.add_city(code, city.oai_url))
        page = city.provider.write(
            city.provider.answer({"verb": "ListRecords", "metadataPrefix": "catalogue"})
        )
    return judge(works, code, run, is_page=is_well_formed(page))


def judge(works: Works, code: str, run: runs.Run, *, is_page: bool) -> str:
    """What came of a page with one hostile record: 99 are stored and the run says why it is not all of them."""
    told = (code, run.status, run.verdict, run.ending, run.tally, works.issue_codes(run), is_page)
    assert works.live(code) == GOOD, told
    assert run.status is RunStatus.PUBLISHED and works.issue_codes(run), told
    if run.verdict is Verdict.COMPLETE:
        assert (run.tally.received, run.tally.refused) == (GOOD + 1, 1), told
    else:
        assert run.verdict is Verdict.PARTIAL and not is_page, told
    return str(run.verdict)


@on_postgresql_in_full
@pytest.mark.parametrize("size", ["part", pytest.param("all", marks=pytest.mark.full)])
def test_recorded_documents(works: Works, size: str, tell: Tell) -> None:
    documents = part_of(recorded()) if size == "part" else recorded()
    bodies, verdicts = as_bodies(works, documents), among_good_ones(works, documents)
    assert check(works.engines) == []
    tell(f"hostile documents ({size}): {len(documents)} as bodies {dict(bodies)}, among 99 {dict(verdicts)}")
