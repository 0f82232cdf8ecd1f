"""The chain of seals finds whatever was done to the book behind its back."""

from __future__ import annotations

import hmac
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from registry.model.event import Actor, Entered, Event
from registry.model.seal import BEGINNING, Breach, Finding, Head, Seal, breaches, canonical, sealed

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
Book = list[tuple[Seal, Entered | None]]


class Plain:
    """Signs and proves with a secret that both know: what the chain finds does not depend on the signature."""

    key = "k1"

    def sign(self, message: bytes) -> bytes:
        return hmac.digest(b"secret", message, "sha256")

    def proves(self, key: str, message: bytes, signature: bytes) -> bool:
        return key == self.key and hmac.compare_digest(self.sign(message), signature)


def entered(number: int) -> Entered:
    """An event; ids have gaps, as those of transactions that were rolled back."""
    event = Event(
        Actor("li", "10.0.0.1"),
        "approve",
        f"source:s{number}",
        "因为",
        {"n": number},
        {"b": [1, 2]},
        number % 3,
    )
    return Entered(number * 2 + number % 5, NOON + timedelta(seconds=number), event)


def book_of(count: int) -> Book:
    """A whole book of so many events."""
    events = [entered(number) for number in range(1, count + 1)]
    return list(zip(sealed(Head(0, BEGINNING), events, Plain()), events, strict=True))


def found(book: Book, *heads: Head) -> list[Finding]:
    return list(breaches(book, Plain(), heads))


def head_of(book: Book) -> Head:
    return Head(book[-1][0].number, book[-1][0].digest)


def test_a_whole_book_has_no_breach() -> None:
    book = book_of(50)
    assert found(book, head_of(book), head_of(book[:7])) == []
    assert found([]) == []


def test_sealing_goes_on_where_it_stopped() -> None:
    events = [entered(number) for number in range(1, 11)]
    first = list(sealed(Head(0, BEGINNING), events[:4], Plain()))
    rest = list(sealed(Head(4, first[-1].digest), events[4:], Plain()))
    assert [*first, *rest] == list(sealed(Head(0, BEGINNING), events, Plain()))


FIELDS = {
    "id": lambda e: replace(e, id=e.id + 1),
    "moment": lambda e: replace(e, happened_at=e.happened_at + timedelta(microseconds=1)),
    "actor": lambda e: replace(e, event=replace(e.event, actor=Actor("wang", "10.0.0.1"))),
    "address": lambda e: replace(e, event=replace(e.event, actor=Actor("li", "10.0.0.2"))),
    "action": lambda e: replace(e, event=replace(e.event, action="reject")),
    "subject": lambda e: replace(e, event=replace(e.event, subject="source:x")),
    "reason": lambda e: replace(e, event=replace(e.event, reason="")),
    "before": lambda e: replace(e, event=replace(e.event, before={})),
    "after": lambda e: replace(e, event=replace(e.event, after={"b": [2, 1]})),
    "register": lambda e: replace(e, event=replace(e.event, register_id=None)),
}


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_an_event_is_covered(field: str) -> None:
    seal, event = book_of(1)[0]
    assert event is not None
    altered = FIELDS[field](event)
    assert canonical(altered) != canonical(event)
    assert found([(seal, altered)]) == [Finding(Breach.ALTERED, 1, seal.event_id)]


def test_in_a_book_of_ten_thousand_whatever_is_done_to_one_is_found(seed: str) -> None:
    book = book_of(10_000)
    chance = random.Random(seed)
    head = head_of(book)
    assert found(book, head) == []
    for place in (0, 9_998, chance.randrange(1, 9_998)):
        seal, event = book[place]
        assert event is not None
        number = seal.number
        altered = FIELDS["reason"](event)
        assert found(_with(book, {place: (seal, altered)}), head) == [
            Finding(Breach.ALTERED, number, seal.event_id)
        ]
        gone = Finding(Breach.MISSING_EVENT, number, seal.event_id)
        assert found(_with(book, {place: (seal, None)}), head) == [gone]
        cut_out = book[:place] + book[place + 1 :]
        assert found(cut_out, head) == [Finding(Breach.MISSING_SEAL, number, 0)]
        renumbered: Book = [
            (each._replace(number=count), other) for count, (each, other) in enumerate(cut_out, 1)
        ]
        assert (
            {Breach.ALTERED, Breach.FORGED, Breach.CUT}
            >= {each.breach for each in found(renumbered, head)}
            != set()
        )
        swapped = {place: (seal, book[place + 1][1]), place + 1: (book[place + 1][0], event)}
        assert [each.breach for each in found(_with(book, swapped), head)] == [Breach.ALTERED] * 2


def _with(book: Book, changes: dict[int, tuple[Seal, Entered | None]]) -> Book:
    return [changes.get(place, pair) for place, pair in enumerate(book)]


def test_a_cut_tail_is_found_by_the_head_that_was_kept_and_by_nothing_else() -> None:
    book = book_of(20)
    head = head_of(book)
    assert found(book[:19]) == []
    assert found(book[:19], head) == [Finding(Breach.CUT, 20, 0)]
    assert found(book, head_of(book[:12])) == []
    (other,) = sealed(head_of(book[:19]), [entered(99)], Plain())
    forked: Book = [*book[:19], (other, entered(99))]
    assert found(forked) == []
    assert [each.breach for each in found(forked, head)] == [Breach.CUT]


def test_a_chain_that_was_sealed_anew_with_another_key_is_found() -> None:
    class Stranger(Plain):
        def sign(self, message: bytes) -> bytes:
            return hmac.digest(b"guessed", message, "sha256")

    events = [entered(number) for number in range(1, 4)]
    book: Book = list(zip(sealed(Head(0, BEGINNING), events, Stranger()), events, strict=True))
    assert {each.breach for each in found(book)} == {Breach.FORGED}
    renamed = [(seal._replace(key="k2"), event) for seal, event in book_of(3)]
    assert {each.breach for each in found(renamed)} == {Breach.FORGED}


def test_one_act_that_was_altered_and_sealed_again_with_the_key_is_found() -> None:
    """Each seal covers the one before it: one that was replaced breaks the chain behind it, and a chain that was
    made anew to its end is not the one whose head was kept."""
    book = book_of(20)
    kept = head_of(book)
    _, event = book[6]
    assert event is not None
    other = FIELDS["actor"](event)
    (seal,) = sealed(head_of(book[:6]), [other], Plain())
    assert found([*book[:6], (seal, other), *book[7:]]) == [Finding(Breach.ALTERED, 8, book[7][0].event_id)]
    rest = [other, *(each for _, each in book[7:] if each is not None)]
    anew: Book = [*book[:6], *zip(sealed(head_of(book[:6]), rest, Plain()), rest, strict=True)]
    assert found(anew) == []
    assert [each.breach for each in found(anew, kept)] == [Breach.CUT]
