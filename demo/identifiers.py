"""Codes with check characters, computed: organisations, credit subjects, citizens, projects.

All of them belong to nobody: the bodies are drawn from a seeded generator.
"""

from __future__ import annotations

from random import Random

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714-1997
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999


def organisation_code(body: str) -> str:
    """Eight characters (digits or capitals) and their check character (GB 11714)."""
    total = sum(weight * int(char, 36) for weight, char in zip(_ORGANISATION_WEIGHTS, body, strict=True))
    check = 11 - total % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))


def credit_code(registrar: str, division: str, organisation: str) -> str:
    """The 18 characters of a unified social credit code (GB 32100).

    ``registrar``: department and kind, two characters (``91``: an enterprise registered by the market
    supervision); ``division``: six digits; ``organisation``: nine characters.
    """
    body = registrar + division + organisation
    total = sum(_USCC_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return body + _USCC_ALPHABET[-total % 31]


def citizen_number(division: str, birthday: str, order: int) -> str:
    """An 18-character citizen number (GB 11643); ``birthday`` as YYYYMMDD, ``order`` below 1000."""
    body = f"{division}{birthday}{order:03d}"
    total = sum(weight * int(char) for weight, char in zip(_CITIZEN_WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]


def drawn_organisation(random: Random) -> str:
    """An organisation code as registers have given them out since 2015: MA and six more characters.

    The letters that a unified code may not contain are not drawn.
    """
    return organisation_code("MA" + "".join(random.choice(_USCC_ALPHABET) for _ in range(6)))


def drawn_enterprise(random: Random, division: str) -> str:
    """The unified code of an enterprise registered in ``division``."""
    while True:
        organisation = drawn_organisation(random)
        if organisation[-1] in _USCC_ALPHABET:
            return credit_code("91", division, organisation)


def spoiled(code: str) -> str:
    """The same code with a wrong check character."""
    place = _USCC_ALPHABET.index(code[-1])
    return code[:-1] + _USCC_ALPHABET[(place + 1) % len(_USCC_ALPHABET)]
