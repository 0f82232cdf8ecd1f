"""The rules beyond the schema, as a table: what each finds, how bad it is, and since when it is asked.

To add one: a function and a row in the module of its theme, its name in :data:`RULES`, and
``RULES_VERSION`` one higher, so that records which were accepted before are asked again. The page
``docs/rules.md`` is written from this table (``python -m harvester.commands.describe_rules``).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from harvester.rules import coverage, dates, identity, links, parties, text
from harvester.rules.base import Rule

RULES_VERSION: Final = 1

_TABLE: Final[tuple[Rule, ...]] = (
    # Those that change a text, in this order: a number with an invisible character in it is a number.
    text.INVISIBLE,
    text.CITIZEN_NUMBER,
    text.CONTACT,
    text.CONTACT_IN_CODE,
    # Those that look.
    identity.IDENTIFIER_INVALID,
    identity.IDENTIFIER_CITIZEN_NUMBER,
    identity.IDENTIFIER_FOREIGN,
    identity.IDENTIFIER_OWNED,
    identity.PROJECT_CODE,
    identity.DOCUMENT_NUMBER,
    coverage.SECRET,
    coverage.DIVISION_UNKNOWN,
    coverage.DIVISION_OUT_OF_TIME,
    coverage.DIVISION_FOREIGN,
    coverage.ITEM_UNKNOWN,
    coverage.ITEM_FOREIGN,
    parties.CREDIT_CODE,
    parties.ORGANISATION_CODE,
    parties.CONDUCT_CODE,
    dates.DATE_ORDER,
    dates.DATE_FUTURE,
    dates.PUBLICITY_FAR,
    dates.PUBLICATION_FAR,
    dates.DATE_AHEAD,
    dates.VALIDITY_ORDER,
    dates.CONDUCT_PERIOD,
    dates.CONDUCT_OPEN_ENDED,
    links.LINK_SCHEME,
    links.LINK_PERSONAL,
)

RULES: Final[Mapping[str, Rule]] = MappingProxyType({rule.code: rule for rule in _TABLE})
"""Code → rule, in the order in which they are asked."""

SCOPE_CODES: Final = frozenset(
    each.code
    for each in (
        identity.IDENTIFIER_FOREIGN,
        identity.IDENTIFIER_OWNED,
        coverage.DIVISION_FOREIGN,
        coverage.ITEM_FOREIGN,
    )
)
"""The rules that a record breaks for which its source may not speak."""

__all__ = ["RULES", "RULES_VERSION", "SCOPE_CODES"]
