"""What is wrong in the sample, on purpose: so that a newcomer sees what the registers make of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from demo.identifiers import spoiled
from demo.places import Place
from demo.records import SampleRecord


class Fault(StrEnum):
    """A fault, or a peculiarity that only looks like one."""

    WRONG_CREDIT_CODE = "a party's credit code has a wrong check character"
    UNKNOWN_DIVISION = "the division code does not exist"
    FOREIGN_DIVISION = "the division is another province's: not this source's to speak for"
    NO_TITLE = "the title, which the schema demands, is missing"
    REPEATED = "the same record comes twice in one answer"
    CONFLICTING = "the same identifier comes twice with different content"
    CITIZEN_NUMBER = "a citizen number stands in the abstract"
    SECRET = "the record is marked as secret"  # noqa: S105 (a level of secrecy, no password)
    PERIOD_BACKWARDS = "the publication period ends before the decision"
    SCRIPT_LINK = "the link is a script"


FAULTS: dict[str, tuple[Fault, ...]] = {
    "330100": tuple(Fault),
    "330127": (Fault.CITIZEN_NUMBER,),
    "330200": (Fault.WRONG_CREDIT_CODE, Fault.UNKNOWN_DIVISION, Fault.NO_TITLE),
    "330300": (Fault.CONFLICTING, Fault.WRONG_CREDIT_CODE),
    "330400": (Fault.REPEATED,),
    "330600": (Fault.FOREIGN_DIVISION, Fault.SCRIPT_LINK),
    "330700": (Fault.WRONG_CREDIT_CODE,),
    "331000": (Fault.PERIOD_BACKWARDS, Fault.CITIZEN_NUMBER),
    "420100": (Fault.UNKNOWN_DIVISION, Fault.REPEATED, Fault.CONFLICTING, Fault.SECRET),
    "420500": (Fault.WRONG_CREDIT_CODE,),
}
"""Which faults the places publish over OAI-PMH; those of the plain lists stand in ``municipal_list``."""

CITIZEN_NUMBER = "11010519491231002X"
"""The example of GB 11643 itself: nobody's."""

NO_DIVISION = {"33": "339999", "42": "429999"}
FOREIGN_DIVISION = {"33": "420103", "42": "330106"}

_Spoil = Callable[[SampleRecord, Place], Sequence[SampleRecord]]


def spoil(fault: Fault, record: SampleRecord, place: Place) -> Sequence[SampleRecord]:
    """What is published in the place of a good record."""
    return _SPOILERS[fault](record, place)


def is_fit(fault: Fault, record: SampleRecord) -> bool:
    """Whether a record has what the fault spoils."""
    if fault is Fault.PERIOD_BACKWARDS:
        return next(record.texts("publicUntil"), "") > "2026"
    return record.set_spec == "project"


def _wrong_credit_code(record: SampleRecord, _place: Place) -> Sequence[SampleRecord]:
    code = next(text for text in record.texts("partyId") if len(text) == 18)
    return (record.with_text(code, spoiled(code)),)


def _period_backwards(record: SampleRecord, _place: Place) -> Sequence[SampleRecord]:
    decided = next(record.texts("decisionDate"))
    return (record.changed(publicUntil=f"{int(decided[:4]) - 1}{decided[4:8]}01"),)


def _citizen_number(record: SampleRecord, _place: Place) -> Sequence[SampleRecord]:
    abstract = next(record.texts("abstract"))
    return (record.changed(abstract=f"{abstract}项目负责人公民身份号码{CITIZEN_NUMBER}。"),)


def _conflicting(record: SampleRecord, _place: Place) -> Sequence[SampleRecord]:
    other = record.changed(abstract="同一标识符，内容却不同：两处登记的建设规模不一致。")
    return (record, other)


def _script_link(record: SampleRecord, _place: Place) -> Sequence[SampleRecord]:
    return (record.changed(onLineSrc="javascript:alert(1)"),)


_SPOILERS: dict[Fault, _Spoil] = {
    Fault.WRONG_CREDIT_CODE: _wrong_credit_code,
    Fault.UNKNOWN_DIVISION: lambda record, place: (record.changed(division=NO_DIVISION[place.code[:2]]),),
    Fault.FOREIGN_DIVISION: lambda record, place: (
        record.changed(division=FOREIGN_DIVISION[place.code[:2]]),
    ),
    Fault.NO_TITLE: lambda record, _: (record.without("resTitle"),),
    Fault.REPEATED: lambda record, _: (record, record),
    Fault.CONFLICTING: _conflicting,
    Fault.CITIZEN_NUMBER: _citizen_number,
    Fault.SECRET: lambda record, _: (record.changed(secrecy="秘密"),),
    Fault.PERIOD_BACKWARDS: _period_backwards,
    Fault.SCRIPT_LINK: _script_link,
}
