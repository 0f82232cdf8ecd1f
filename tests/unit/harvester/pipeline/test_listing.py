"""The list: where it goes round in circles, begins anew, is left, or does not say that it ends."""

from __future__ import annotations

import pytest

from harvester.protocols.base import Envelope
from registry.model.record import Page
from registry.model.run import Ending
from tests.unit.harvester.pipeline.script import (
    BEGINNING,
    BROKEN,
    OAI_SOURCE,
    Answer,
    Script,
    Sink,
    ask_oai,
    headers,
    lost,
    page,
    record,
    run,
)

REFUSED_TOKEN = Answer(end=Envelope(complete=False, error_codes=("badResumptionToken",), issues=(BROKEN,)))


def codes(sink: Sink) -> list[str]:
    assert sink.ended is not None
    return [issue.code for issue in sink.ended.issues]


def numbers(pages: list[Page]) -> list[int]:
    return [int(each.identifier.rpartition(":")[2]) for page in pages for each in page.records]


@pytest.mark.parametrize("period", [1, 2, 7])
def test_a_loop_of_tokens_ends_the_walk(period: int) -> None:
    answers = [page(number, token=f"t{number % period}") for number in range(3 * period + 3)]
    ended, sink, asked = ask_oai(*answers)
    assert (ended.ending, codes(sink), len(asked)) == (Ending.PROTOCOL, ["list-token-repeated"], period + 1)


@pytest.mark.parametrize("idle", [1, 2, 3])
def test_answers_in_a_row_that_bring_nothing_new_end_the_walk(idle: int) -> None:
    answers = [page(1, 2, token=f"t{number}") for number in range(10)]
    ended, sink, asked = ask_oai(*answers, idle=idle)
    assert (ended.ending, codes(sink), len(asked)) == (Ending.PROTOCOL, ["list-nothing-new"], idle + 1)


def test_one_new_record_among_old_ones_lets_the_walk_go_on() -> None:
    answers = [page(1, 2 + number // 2, token=f"t{number}") for number in range(20)]
    ended, _, asked = ask_oai(*answers, page(1), idle=2)
    assert (ended.ending, len(asked)) == (Ending.FINISHED, 21)


@pytest.mark.parametrize(("answers", "stopped"), [(4, True), (5, False), (6, False)])
def test_a_list_has_so_many_answers(answers: int, stopped: bool) -> None:
    """Five, of which the first says who it is; and a sixth is asked for in vain."""
    pages = [*(page(number, token=f"t{number}") for number in range(3)), page(3)]
    ended, sink, asked = ask_oai(*pages, answers=answers)
    assert codes(sink) == (["list-many-answers"] if stopped else [])
    assert (ended.ending is Ending.FINISHED, len(asked)) == (not stopped, 3 if stopped else 4)


@pytest.mark.parametrize(("limit", "taken"), [(5, 5), (6, 6), (7, 6)])
def test_a_list_has_so_many_records(limit: int, taken: int) -> None:
    """What there is room for is taken."""
    ended, sink, _ = ask_oai(page(1, 2, 3, token="t"), page(4, 5, 6), records=limit)
    assert numbers(sink.pages) == list(range(1, taken + 1))
    assert codes(sink) == (["list-many-records"] if limit < 6 else [])
    assert ended.ending is (Ending.PROTOCOL if limit < 6 else Ending.FINISHED)


def test_a_limit_counts_what_came_before_the_checkpoint() -> None:
    stops = iter([False, False, True])
    _, sink, _ = ask_oai(page(1, 2, 3, token="t"), stop=lambda: next(stops))
    script = Script(page(4, 5, 6))
    ended, resumed, _ = run(script, sink.pages[-1].checkpoint or "", source=OAI_SOURCE, records=5)
    assert (ended.ending, numbers(resumed.pages)) == (Ending.PROTOCOL, [4, 5])


def test_a_refused_token_begins_the_list_anew_once() -> None:
    """What was taken is left behind; a note stands with the first answer of the second attempt."""
    again = Answer(end=Envelope(token=BEGINNING, answered="Identify"))
    ended, sink, asked = ask_oai(page(1, token="t"), REFUSED_TOKEN, again, page(1, token="t"), page(2))
    assert (ended.ending, sink.restarts, ended.issues) == (Ending.FINISHED, 1, ())
    assert asked == ["ListRecords", "ListRecords t", "Identify", "ListRecords", "ListRecords t"]
    assert [[issue.code for issue in each.issues] for each in sink.pages[-3:]] == [
        ["list-begun-anew"],
        [],
        [],
    ]
    assert [each.number for each in sink.pages[-3:]] == [1, 2, 3]


def test_a_second_refusal_ends_the_walk() -> None:
    again = Answer(end=Envelope(token=BEGINNING, answered="Identify"))
    ended, sink, _ = ask_oai(page(1, token="t"), REFUSED_TOKEN, again, page(1, token="t"), REFUSED_TOKEN)
    assert (ended.ending, sink.restarts) == (Ending.PROTOCOL, 1)
    assert "badResumptionToken" in ended.message.en


def test_that_the_list_was_begun_anew_is_remembered() -> None:
    again = Answer(end=Envelope(token=BEGINNING, answered="Identify"))
    stops = iter([False] * 4 + [True])
    _, sink, _ = ask_oai(
        page(1, token="t"), REFUSED_TOKEN, again, page(1, token="t"), stop=lambda: next(stops)
    )
    ended, resumed, _ = run(Script(REFUSED_TOKEN), sink.pages[-1].checkpoint or "", source=OAI_SOURCE)
    assert (ended.ending, resumed.restarts) == (Ending.PROTOCOL, 0)


@pytest.mark.parametrize(("told", "untold"), [(True, False), (False, True)])
def test_a_resumed_list_must_say_that_it_ends(told: bool, untold: bool) -> None:
    ended, sink, _ = ask_oai(page(1, token="t"), page(2, end_told=told))
    assert (ended.ending, ended.end_untold) == (Ending.FINISHED, untold)
    assert [issue.code for issue in sink.pages[-1].issues] == (["oai-end-untold"] if untold else [])


def test_a_list_of_one_page_need_not_say_so() -> None:
    assert not ask_oai(page(1, end_told=False))[0].end_untold


def test_behind_a_page_that_cannot_be_read_the_list_goes_on_where_its_token_is_seen() -> None:
    ended, sink, asked = ask_oai(lost(1, token="t"), page(2), headers(1, 2))
    assert (ended.ending, ended.pages_lost) == (Ending.FINISHED, 1)
    assert asked == ["ListRecords", "ListRecords t", "ListIdentifiers"]
    assert sink.pages[1].issues == (BROKEN,)
    assert sink.pages[1].checkpoint is not None


@pytest.mark.parametrize("idle", [2, 3])
def test_too_many_of_them_in_a_row_are_left(idle: int) -> None:
    answers = [lost(number, token=f"t{number}") for number in range(idle)]
    _, _, asked = ask_oai(*answers, headers(*range(idle)), idle=idle)
    assert asked[idle:] == ["ListIdentifiers"]


def test_an_endpoint_that_cannot_say_who_it_is_is_asked_nothing_more() -> None:
    script = Script(lost())
    ended, sink, _ = run(script, source=OAI_SOURCE)
    assert (ended.ending, ended.pages_lost, len(script.requests)) == (Ending.PROTOCOL, 1, 1)
    assert sink.pages[0].issues == (BROKEN,)
    assert record(1)
