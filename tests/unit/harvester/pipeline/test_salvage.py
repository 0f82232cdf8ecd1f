"""Salvage: one record that spoils its page costs itself, not the others."""

from __future__ import annotations

import pytest

from harvester.errors import GaveWay, TransportFailure
from harvester.protocols.base import Envelope
from harvester.retry import Retrying
from harvester.sandbox import AnswerRefused
from registry.model.issue import Text
from registry.model.record import CheckedRecord, Condition
from registry.model.run import Ending, Pause
from tests.unit.harvester.pipeline.script import (
    BROKEN,
    OAI_SOURCE,
    OBLIGING,
    UNKNOWN_RECORD,
    Answer,
    Script,
    Sink,
    ask_oai,
    headers,
    lost,
    page,
    run,
    single,
)

SILENT = Answer(refused=TransportFailure(Text("无响应", "no answer")))
HOSTILE = Answer(end=AnswerRefused(BROKEN), content=b"<hostile")


def came(sink: Sink, condition: Condition = Condition.LIVE) -> list[int]:
    """The numbers of the records that were taken, in order."""
    taken: list[CheckedRecord] = [each for page in sink.pages for each in page.records]
    return [int(each.identifier.rpartition(":")[2]) for each in taken if each.condition is condition]


def codes(sink: Sink) -> list[str]:
    assert sink.ended is not None
    return [issue.code for issue in sink.ended.issues]


def test_what_did_not_come_is_asked_for() -> None:
    ended, sink, asked = ask_oai(
        page(1, 2, token="t"), lost(3), headers(1, 2, token="i"), headers(3, 4, 5), single(4), HOSTILE
    )
    assert (ended.ending, ended.pages_lost, codes(sink)) == (Ending.FINISHED, 1, [])
    assert asked[2:] == [
        "ListIdentifiers", "ListIdentifiers i", "GetRecord oai:hz:4", "GetRecord oai:hz:5",
    ]  # fmt: skip
    assert (came(sink), came(sink, Condition.REFUSED)) == ([1, 2, 3, 4], [5])
    last = sink.pages[-1]
    assert last.singly and last.checkpoint is not None
    assert [(each.place, each.issues) for each in last.records] == [
        ("GetRecord", ()), ("GetRecord", (BROKEN,)),
    ]  # fmt: skip
    assert last.records[1].raw_digest == sink.kept[-1].digest
    assert "2" in ended.message.en


@pytest.mark.parametrize(("budget", "left"), [(1, 2), (2, 1), (3, 0), (4, 0)])
def test_there_is_a_budget(budget: int, left: int) -> None:
    ended, sink, asked = ask_oai(lost(), headers(1, 2, 3), *[OBLIGING] * 3, singly=budget)
    assert len(asked) == 2 + 3 - left
    assert (ended.ending is Ending.FINISHED) is (left == 0)
    assert codes(sink) == (["salvage-left"] if left else [])
    if left:
        assert f"{left} were left" in ended.message.en


def test_lots_are_drawn_among_all() -> None:
    """So that every record has its turn in time, however many come before it."""
    _, sink, _ = ask_oai(
        lost(), headers(*range(50), token="i"), headers(*range(50, 100)), *[OBLIGING] * 10, singly=10
    )
    assert min(came(sink)) < 50 <= max(came(sink))


def test_what_has_gone_meanwhile_is_no_loss() -> None:
    ended, sink, _ = ask_oai(lost(1), headers(1, 2), UNKNOWN_RECORD)
    assert (ended.ending, codes(sink), came(sink)) == (Ending.FINISHED, [], [1])


def test_what_could_not_be_accepted_is_refused_without_asking() -> None:
    ended, sink, asked = ask_oai(lost(1), headers(2, condition=Condition.REFUSED))
    assert (ended.ending, len(asked), came(sink, Condition.REFUSED)) == (Ending.FINISHED, 2, [2])


def test_another_record_is_no_answer() -> None:
    ended, sink, _ = ask_oai(lost(), headers(1, 2), single(2), single(2))
    assert (ended.ending, came(sink), codes(sink)) == (Ending.PROTOCOL, [2], ["salvage-left"])
    assert [issue.code for issue in sink.pages[-1].issues] == ["record-unanswered"]


def test_one_record_that_silences_the_source_costs_only_itself() -> None:
    ended, sink, _ = ask_oai(lost(), headers(1, 2), *[SILENT] * 3, single(2))
    assert (ended.ending, came(sink), codes(sink)) == (Ending.PROTOCOL, [2], ["salvage-left"])


def test_a_source_that_stays_silent_is_left_in_peace() -> None:
    ended, sink, asked = ask_oai(lost(), headers(*range(1, 9)), single(1), *[SILENT] * 9)
    assert (ended.ending, came(sink), codes(sink)) == (Ending.TRANSPORT, [1], ["salvage-left"])
    assert len(asked) == 2 + 1 + 5


def test_nobody_comes_back_for_one_record() -> None:
    """A worker that is needed elsewhere does not wait for it, nor does it leave the walk for it, again and again."""
    postponing = Retrying().postponing(0)
    ended, sink, _ = ask_oai(lost(), headers(1, 2), *[SILENT] * 2, single(2), retrying=postponing)
    assert (ended.ending, ended.pause, came(sink)) == (Ending.PROTOCOL, None, [2])


def test_who_gives_way_goes_on_at_what_was_salvaged() -> None:
    gives_way = Answer(refused=GaveWay(Text("让出", "gave way")))
    ended, sink, _ = ask_oai(lost(1), headers(1, 2, 3), single(2), gives_way)
    assert (ended.ending, ended.pause) == (Ending.INTERRUPTED, Pause(0.0, gave_way=True))
    assert came(sink) == [1, 2]
    ended, resumed, _ = run(
        Script(headers(1, 2, 3), single(3)),
        sink.pages[-1].checkpoint or "",
        source=OAI_SOURCE,
        sink=seen(1, 2),
    )
    assert (ended.ending, came(resumed)) == (Ending.FINISHED, [3])


def test_identifiers_that_cannot_be_read_are_a_loss_too() -> None:
    broken = Answer([[]], AnswerRefused(BROKEN), content=b"<identifiers")
    ended, sink, _ = ask_oai(lost(1), headers(1, 2, token="i"), broken, single(2))
    assert (ended.ending, ended.pages_lost, came(sink)) == (Ending.PROTOCOL, 2, [1, 2])
    assert codes(sink) == ["salvage-broken"]
    assert [issue.code for page in sink.pages for issue in page.issues] == [BROKEN.code] * 2


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(page(2), id="another list"),
        pytest.param(Answer(end=Envelope(complete=False, error_codes=("badArgument",))), id="error"),
        pytest.param(Answer(status=304), id="not modified"),
    ],
)
def test_where_there_are_no_identifiers_nothing_is_asked(answer: Answer) -> None:
    ended, sink, asked = ask_oai(lost(1), answer)
    assert (ended.ending, codes(sink), len(asked)) == (Ending.PROTOCOL, ["salvage-broken"], 2)


def test_identifiers_without_end_are_left() -> None:
    pages = [headers(1, token=f"i{number}") for number in range(10)]
    _, sink, asked = ask_oai(lost(1), *pages)
    assert (codes(sink), len(asked)) == (["salvage-broken"], 1 + 4)
    _, sink, asked = ask_oai(lost(1), headers(1, token="i"), headers(1, token="i"))
    assert (codes(sink), len(asked)) == (["salvage-broken"], 3)


def test_salvage_goes_on_where_it_was_interrupted() -> None:
    stops = iter([False] * 3 + [True])
    ended, sink, _ = ask_oai(lost(1), headers(1, 2, 3), single(2), stop=lambda: next(stops), singly=2)
    assert (ended.ending, came(sink)) == (Ending.INTERRUPTED, [1, 2])
    checkpoint = sink.pages[-1].checkpoint or ""
    script = Script(headers(1, 2, 3), single(3))
    ended, resumed, _ = run(script, checkpoint, source=OAI_SOURCE, sink=seen(1, 2), singly=2)
    assert (ended.ending, ended.pages_lost, came(resumed)) == (Ending.FINISHED, 1, [3])
    assert (
        run(Script(headers(1, 2, 3)), checkpoint, source=OAI_SOURCE, sink=seen(1, 2), singly=1)[0].ending
        is Ending.PROTOCOL
    )


def seen(*numbers: int) -> Sink:
    """A sink that these records came to before."""
    sink = Sink()
    sink.seen = {f"oai:hz:{number}" for number in numbers}
    return sink


def test_without_a_budget_the_walk_ends_at_the_page() -> None:
    ended, sink, asked = ask_oai(lost(1, token="t"), singly=0)
    assert (ended.ending, ended.message, len(asked)) == (Ending.PROTOCOL, BROKEN.message, 1)
    assert came(sink) == [1]
