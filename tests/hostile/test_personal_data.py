"""How much of what people write about people is found, and how little else is taken for it."""

from __future__ import annotations

from random import Random

from harvester.rules.base import masked
from harvester.rules.masking import is_suspicious
from tests.conftest import Tell
from tests.hostile.planted import decoys, leaks, planted

MANY = 1000


def test_what_is_planted_is_found_and_what_looks_like_it_stays(seed: str, tell: Tell) -> None:
    rng = Random(seed)
    written = planted(rng, MANY)
    missed = [
        each for each in written
        if leaks(masked(each.text), each.secrets) or not is_suspicious(each.text.encode())
    ]  # fmt: skip
    plain = decoys(rng, MANY)
    altered = [each for each in plain if masked(each) != each]
    tell(
        f"personal data: {MANY - len(missed)} of {MANY} planted found, {len(altered)} of {MANY} decoys altered"
    )
    assert len(missed) <= 0.005 * MANY, missed[:5]
    assert len(altered) <= 0.01 * MANY, altered[:5]
