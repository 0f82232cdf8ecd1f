"""What people see of a member of the model, and of a text from strangers."""

from __future__ import annotations

from dataclasses import fields

import pytest

from registry.model.diff import Action
from registry.model.labels import LABELS, label_of, tally_told, visible_text
from registry.model.run import Tally


@pytest.mark.parametrize("char", ["\x1b", "\x07", "\r", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff"])
def test_data_cannot_move_the_cursor(char: str) -> None:
    assert visible_text(f"a{char}b\n") == f"a\\u{ord(char):04x}b\n"


@pytest.mark.parametrize("members", LABELS, ids=lambda each: each.__name__)
def test_every_member_has_a_label_in_both_languages(members: type) -> None:
    for member in members:  # type: ignore[attr-defined]
        assert LABELS[members][member].zh
        assert LABELS[members][member].en


def test_actions_are_counted_under_their_labels() -> None:
    assert label_of(Action.REFUSED).en == "refused"


def test_every_count_of_a_run_has_a_label() -> None:
    names = [each.name for each in fields(Tally)]
    told = tally_told(Tally(**dict.fromkeys(names, 3)))
    assert len({label.zh for label, _ in told}) == len({label.en for label, _ in told}) == len(names) - 2
    assert tally_told(Tally(pages=1, received=1, created=1)) == [(label_of(Action.CREATED), 1)]
