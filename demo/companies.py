"""Companies that build in a place: made up, with valid credit codes."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from demo.identifiers import drawn_enterprise
from demo.places import Place
from demo.words import COMPANY_WORDS, TRADES, Trade


@dataclass(frozen=True, slots=True)
class Company:
    """A company with its unified social credit code (GB 32100)."""

    name: str
    credit_code: str
    trade: Trade


def draw_companies(place: Place, random: Random) -> tuple[Company, ...]:
    """A dozen companies of all trades, registered in the place."""
    words = random.sample(COMPANY_WORDS, 12)
    town = place.name.removesuffix("市")
    return tuple(
        Company(
            f"{town}{word}示例{trade.ending}", drawn_enterprise(random, random.choice(place.areas)[0]), trade
        )
        for word, trade in zip(words, (TRADES * 3)[:12], strict=True)
    )
