"""The arguments of OAI-PMH requests: which verbs take which, and what is wrong with those that came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_DAY, _SECOND = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"


class _Verb(NamedTuple):
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    exclusive: str = ""


_LIST = _Verb(("metadataPrefix",), ("from", "until", "set"), "resumptionToken")
VERBS: Mapping[str, _Verb] = {
    "Identify": _Verb(),
    "ListSets": _Verb(exclusive="resumptionToken"),
    "ListMetadataFormats": _Verb(optional=("identifier",)),
    "GetRecord": _Verb(("identifier", "metadataPrefix")),
    "ListIdentifiers": _LIST,
    "ListRecords": _LIST,
}

Told = Sequence[tuple[str, str]]


class Refusal(Exception):
    """An OAI-PMH error (section 3.6). ``told``: the attributes that ``request`` repeats (3.2)."""

    def __init__(self, code: str, message: str, told: Told = ()) -> None:
        super().__init__(message)
        self.code, self.message, self.told = code, message, told


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose arguments fit its verb."""

    verb: str
    arguments: Mapping[str, str]

    @property
    def told(self) -> Told:
        """What the response repeats of the request."""
        return (("verb", self.verb), *self.arguments.items())


def checked(arguments: Sequence[tuple[str, str]]) -> Request:
    """The request that these arguments make. Raises :class:`Refusal` (badVerb, badArgument)."""
    names = [name for name, _ in arguments]
    given = dict(arguments)
    verb = given.pop("verb", "")
    if names.count("verb") != 1 or verb not in VERBS:
        raise Refusal("badVerb", "the verb is missing, repeated or unknown")
    if len(set(names)) != len(names):
        raise Refusal("badArgument", "an argument is repeated")
    rules = VERBS[verb]
    known = {*rules.required, *rules.optional, rules.exclusive} - {""}
    if unknown := sorted(given.keys() - known):
        raise Refusal("badArgument", f"{verb} takes no {', '.join(unknown)}")
    if rules.exclusive in given:
        if len(given) > 1:
            raise Refusal("badArgument", "resumptionToken stands alone")
    elif missing := [name for name in rules.required if name not in given]:
        raise Refusal("badArgument", f"{verb} needs {', '.join(missing)}")
    _check_range(given)
    return Request(verb, given)


def _check_range(given: Mapping[str, str]) -> None:
    moments = [given[name] for name in ("from", "until") if name in given]
    try:
        parsed = [parsed_moment(text, end=False) for text in moments]
    except ValueError as error:
        raise Refusal("badArgument", "from and until are UTC days or seconds") from error
    if len(parsed) == 2 and (len(moments[0]) != len(moments[1]) or parsed[0] > parsed[1]):
        raise Refusal("badArgument", "from and until differ in granularity, or in the wrong order")


def parsed_moment(text: str, *, end: bool) -> datetime:
    """The moment (UTC) that a ``from`` or, with ``end``, an ``until`` means; a day means its first or last
    second. Raises ``ValueError``."""
    if len(text) == 10:
        day = datetime.strptime(text, _DAY).replace(tzinfo=UTC)
        return day + timedelta(days=1, seconds=-1) if end else day
    return datetime.strptime(text, _SECOND).replace(tzinfo=UTC)


def told_moment(moment: datetime) -> str:
    """A moment (aware) as OAI-PMH writes it, in whole seconds."""
    return moment.astimezone(UTC).strftime(_SECOND)
