"""What a rule is, and what it looks at. The table of all rules is :data:`harvester.rules.RULES`.

Rules read texts cut from the canonical bytes of a record, not its tree: that costs a tenth, and a clean
record, which most are, never needs the tree. Codes and dates are ASCII and compared as bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from harvester.rules.masking import mask_citizen_numbers, mask_contact_data, show_invisible
from registry.model.issue import Issue, Severity, Text
from registry.model.source import SourceDescription

_SHOWN_LENGTH: Final = 60
_DAYS: Final = (b"pubDate", b"decisionDate", b"collectionDate", b"mdDateUpd", b"startDate")

Fields = Mapping[bytes, bytes]
"""The first text of each element name, as it stands in canonical bytes (UTF-8, escaped)."""

Arguments = Mapping[str, str]
"""What a rule found: the values for the places in its message. ``element`` says which element is meant where
a rule looks at several."""


@dataclass(slots=True)
class Subject:
    """The record that rules are asked about, valid against the schema.

    ``fields``: its texts (none of a deleted record); ``source``: who sent it; ``today``: the day
    (Asia/Shanghai) on which it is checked; ``suspicious``: whether its bytes held what the text rules may
    change (:func:`harvester.rules.masking.is_suspicious`).
    """

    identifier: str
    fields: Fields
    source: SourceDescription
    today: date
    suspicious: bool

    @property
    def day(self) -> date:
        """The record's own date, by which dated codes are judged: when it was published, decided, collected
        or updated, or construction began; ``today`` where it has none of these."""
        text = own_day(self.fields)
        return date.fromisoformat(text.decode()) if text else self.today


def own_day(fields: Fields) -> bytes:
    """The text of the record's own date; empty where it has none."""
    for name in _DAYS:
        if name in fields:
            return fields[name]
    return b""


Check = Callable[[Fields, Subject], Arguments | None]
"""What is wrong with these fields; None where nothing is."""

IDENTIFIER: Final = "identifier"
RECORD: Final = "record"
CODES: Final = (b"division", b"catalogue", b"item", b"secrecy")

GROUPS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "onLineSrc": (b"onLineSrc",),
    "ServInfo": (b"servURL",),
    "party": (b"partyRole", b"partyIdScheme", b"partyId"),
    "qualification": (b"qualificationName", b"issueDate", b"validUntil"),
    "conduct": (
        b"conductKind",
        b"conductScheme",
        b"conductCode",
        b"docNumber",
        b"decisionDate",
        b"madePublic",
        b"publicUntil",
    ),
}
"""Elements that repeat → those texts in them that rules ask for, the first of which is mandatory. Within the
record each of these names belongs to one group only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the table.

    ``code`` never changes its meaning; ``since`` is the ``RULES_VERSION`` that brought it. ``message`` and
    ``hint`` may hold ``{name}`` places for the arguments. ``good`` and ``bad`` are catalogue elements (an
    identifier for the rules on that) which the rule passes and finds.
    """

    code: str
    severity: Severity
    since: int
    title: Text
    message: Text
    hint: Text
    good: str
    bad: str

    def issue(self, arguments: Arguments, path: str = "", line: int | None = None) -> Issue:
        """One finding. Values from the record are shown masked, short, and without invisible characters."""
        shown = {name: quoted(value) for name, value in arguments.items()}
        return Issue(self.code, self.severity, self.message.format(**shown), self.hint, path, line)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRule(Rule):
    """Looks at records, or at every group of a name, and says what is wrong there.

    ``on``: ``identifier`` (asked about deleted records too, without fields), ``record`` or names in
    :data:`GROUPS`: whose fields it is given. ``about``: the element in it that
    is meant (empty: the record or group itself). Where it finds something and ``removes`` is set, the group
    is taken out of the record. ``of_codes``: the answer follows from :data:`CODES`, the year of the record's
    own date, source and today, so that it need not be asked for each of a thousand like records.
    """

    on: tuple[str, ...]
    about: str = ""
    check: Check
    removes: bool = False
    of_codes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRule(Rule):
    """Changes texts, except those of the elements named in ``spares``; an element named in ``removes`` is
    taken out rather than changed."""

    amend: Callable[[str], str]
    spares: frozenset[str] = frozenset()
    removes: frozenset[str] = frozenset()


def masked(text: str) -> str:
    """``text`` without anything that the text rules would change."""
    return mask_contact_data(mask_citizen_numbers(show_invisible(text)))


def quoted(value: str) -> str:
    """``value`` as it may stand in a message: masked, short, on one line."""
    text = re.sub(r"\s+", " ", masked(value)).strip()
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}…"
