"""Sentences in two languages, and the places in them."""

from __future__ import annotations

from schemas.issue import Text


def test_places_are_filled_in_both_languages() -> None:
    sentence = Text("{who}缺少{count}项", "{who} lacks {count}")
    filled = sentence.format(who=Text("来源", "the source"), count=2)
    assert (filled.zh, filled.en) == ("来源缺少2项", "the source lacks 2")
