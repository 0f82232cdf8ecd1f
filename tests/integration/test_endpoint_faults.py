"""From the socket to cut records: what an OAI-PMH walk meets when a municipality misbehaves.

The faults that the HTTP door stops by itself are in ``tests/unit/harvester/http/test_fetch.py``; those here come
through it, and must be told by the reader or by the walk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from config.settings import Http
from harvester.errors import TransportFailure
from harvester.http import Fetcher, Policy
from harvester.protocols import PROTOCOLS
from harvester.protocols.base import Envelope, RawRecord
from registry.model.run import Scope, Window
from registry.model.source import Protocol, SourceDescription
from schemas.xml import XmlRefused
from tests.endpoint import Endpoint, sample_records

WINDOW = Window(Scope.FULL)
RECORDS = 25
MANY = 40  # answers after which a walk that has no end is left


@dataclass(slots=True)
class Walked:
    """What a walk brought: its records, its envelopes, and the code or class of what ended it early."""

    records: list[RawRecord] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    ended_by: str = ""


def walk(city: Endpoint) -> Walked:
    """Ask as a harvest does, until the list ends, something ends it, or it has no end."""
    fetcher = Fetcher(Policy(("127.0.0.0/8",)), Http(), lambda: datetime(2026, 1, 1, tzinfo=UTC))
    source = SourceDescription(
        1, "city", 1, "330100", Protocol.OAI_PMH, city.oai_url, "oai_dc", "endpoint.test"
    )
    row, walked, token = PROTOCOLS[Protocol.OAI_PMH], Walked(), ""
    while len(walked.envelopes) < MANY:
        reader = row.reader(source)
        try:
            with fetcher.fetch(row.ask(source, WINDOW, token), source) as answer:
                for chunk in answer.chunks():
                    for record in reader.feed(chunk):
                        walked.records.append(record)
            envelope = reader.close()
        except (XmlRefused, TransportFailure) as failure:
            walked.ended_by = getattr(failure, "code", type(failure).__name__)
            break
        walked.envelopes.append(envelope)
        token = envelope.token
        walked.tokens.append(token)
        if not token:
            break
    fetcher.close()
    return walked


def play(*names: str) -> Walked:
    with Endpoint(sample_records(RECORDS), names) as city:
        return walk(city)


def issue_codes(walked: Walked) -> list[str]:
    return [issue.code for issue in walked.envelopes[-1].issues]


def test_a_municipality_that_behaves_gives_everything_once() -> None:
    walked = play()
    assert [record.identifier for record in walked.records] == [
        each.identifier for each in sample_records(RECORDS)
    ]
    assert [envelope.declared_total for envelope in walked.envelopes] == [None, 25, 25, 25]
    assert all(envelope.complete and not envelope.issues for envelope in walked.envelopes)
    assert walked.envelopes[0].name == "测试市目录"


NOT_ANSWERS = {"login-page": "answer-web-page", "empty": "answer-empty", "no-list": "oai-no-list"}


@pytest.mark.parametrize("name", NOT_ANSWERS)
def test_what_is_no_answer_is_incomplete(name: str) -> None:
    walked = play(name)
    assert (walked.records, walked.envelopes[-1].complete) == ([], False)
    assert NOT_ANSWERS[name] in issue_codes(walked)


REFUSED = {
    "cut-page": "xml-ill-formed",
    "short-without-length": "xml-ill-formed",
    "understated-length": "xml-ill-formed",
    "external-entity": "xml-doctype",
    "zeros": "xml-ill-formed",
    "text-utf8-gb18030-bare-utf8": "encoding-false",
    "text-utf8-big5-bare-utf8": "encoding-forbidden",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_trusted_is_refused(name: str) -> None:
    walked = play(name)
    assert (walked.records, walked.envelopes, walked.ended_by) == ([], [], REFUSED[name])


SPOILED = {
    "ill-formed": "xml-ill-formed",
    "entity": "xml-ill-formed",
    "control": "xml-ill-formed",
    "huge-depth": "xml-limit",
}


@pytest.mark.parametrize("kind", SPOILED)
def test_a_record_that_spoils_its_page_leaves_those_before_it(kind: str) -> None:
    walked = play(f"hostile-{kind}")
    assert (len(walked.records), walked.ended_by) == (RECORDS // 2, SPOILED[kind])


def test_a_page_that_fails_leaves_the_pages_before_it() -> None:
    walked = play("error-on-page-2")
    assert (len(walked.records), walked.ended_by) == (10, "TransportFailure")


def test_a_token_that_is_refused_ends_with_its_error() -> None:
    walked = play("bad-token-on-page-2")
    assert (len(walked.records), walked.envelopes[-1].error_codes) == (10, ("badResumptionToken",))
    assert not walked.envelopes[-1].complete


@pytest.mark.parametrize(("name", "period"), [("token-loop-1", 1), ("token-loop-2", 2), ("token-loop-7", 7)])
def test_tokens_in_a_loop_can_be_seen(name: str, period: int) -> None:
    walked = play(name)
    assert len(walked.envelopes) == MANY
    assert len(set(walked.tokens[1:])) == period


def test_ever_new_tokens_bring_nothing_new() -> None:
    walked = play("new-tokens")
    assert (len(walked.envelopes), len(set(walked.tokens))) == (MANY, MANY)
    assert len({record.identifier for record in walked.records}) < RECORDS


def test_a_list_that_ends_too_early_contradicts_its_own_size() -> None:
    walked = play("lost-token")
    assert (len(walked.records), walked.envelopes[-1].declared_total, walked.tokens[-1]) == (10, 25, "")


@pytest.mark.parametrize("percent", [0, 1, 50, 89, 91])
def test_a_shrunken_list_looks_complete(percent: int) -> None:
    walked = play(f"shrunk-to-{percent}")
    assert (len(walked.records), walked.envelopes[-1].complete) == (RECORDS * percent // 100, True)


@pytest.mark.parametrize("factor", [10, 11])
def test_a_list_that_has_grown_is_whole(factor: int) -> None:
    with Endpoint(sample_records(RECORDS), [f"grown-{factor}-fold"], page_size=100) as city:
        walked = walk(city)
    assert len({record.identifier for record in walked.records}) == RECORDS * factor


def test_a_list_that_is_pushed_on_tells_some_records_twice() -> None:
    """Those on the edges of its three pages; and its size changes."""
    walked = play("pushed")
    seen = [record.identifier for record in walked.records]
    assert (len(seen), len(set(seen))) == (29, 27)
    assert len({envelope.declared_total for envelope in walked.envelopes[1:]}) == 3


def test_a_list_that_is_pulled_away_passes_records_over() -> None:
    walked = play("pulled")
    assert len({record.identifier for record in walked.records}) == RECORDS - 4
    assert len({envelope.declared_total for envelope in walked.envelopes[1:]}) == 3


def test_a_list_without_end_always_has_something_new() -> None:
    walked = play("endless")
    assert len(walked.envelopes) == MANY
    assert len({record.identifier for record in walked.records}) == len(walked.records) > RECORDS


def test_what_was_said_before_can_be_said_again() -> None:
    now, before = play().records, play("replayed").records
    assert [record.identifier for record in now] == [record.identifier for record in before]
    assert all(then.datestamp < later.datestamp for then, later in zip(before, now, strict=True))  # type: ignore[operator]
    turns = {record.raw for record in play("wavering").records}
    assert turns & {record.raw for record in now} and turns & {record.raw for record in before}


def test_a_strange_token_comes_back_as_it_was_told() -> None:
    walked = play("strange-token")
    assert len(walked.records) == RECORDS and "&x=1#?/ 目录" in walked.tokens[1]


def test_deletions_are_told_as_such() -> None:
    walked = play("all-deleted")
    assert [record.deleted for record in walked.records] == [True] * RECORDS


@pytest.mark.parametrize(
    ("name", "issues"),
    [
        ("stamped-2099", ()),
        ("stamped-0001", ()),
        ("stamped-offset", ("oai-datestamp",)),
        ("stamped-february", ("oai-datestamp",)),
        ("stamped-day", ()),
        ("stamped-empty", ("oai-datestamp",)),
    ],
)
def test_datestamps_are_read_or_noted(name: str, issues: tuple[str, ...]) -> None:
    walked = play(name)
    assert {tuple(issue.code for issue in record.issues) for record in walked.records} == {issues}


@pytest.mark.parametrize("far", ["", "-far"])
@pytest.mark.parametrize("content", ["same", "other"])
def test_a_repeated_record_comes_twice(content: str, far: str) -> None:
    walked = play(f"repeated-{content}{far}")
    first, again = walked.records[0], walked.records[-1 if far else 1]
    assert first.identifier == again.identifier
    assert (first.raw == again.raw) is (content == "same")


STRANGE = [
    "foreign-identifier", "foreign-division", "hostile-unknown", "hostile-deep", "hostile-wide", "hostile-long",
    "hostile-long-text", "hostile-many", "hostile-comment", "hostile-include",
]  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_one_strange_record_does_not_harm_the_others(name: str) -> None:
    walked = play(name)
    strange = {record.identifier for record in walked.records} - {
        each.identifier for each in sample_records(RECORDS)
    }
    assert (len(walked.records), len(strange)) == (RECORDS + 1, 1)


def test_another_name_is_seen() -> None:
    assert play("renamed").envelopes[0].name == "另一个目录"


def test_faults_are_mixed_and_take_turns() -> None:
    """Ten times as many records in GB18030 by deflate, whose second page comes broken off, then as other text."""
    texts = ["text-gbk-gb18030-bare-gb18030@1-3", "text-none-utf8-bare-gbk@4-"]
    mixed = ["reset@3", "deflate", *texts, "grown-10-fold"]
    with Endpoint(sample_records(RECORDS), mixed, page_size=100) as city:
        walked, again = walk(city), walk(city)
    assert (len(walked.records), walked.ended_by) == (100, "TransportFailure")
    assert (len(again.records), again.ended_by) == (0, "xml-ill-formed")
