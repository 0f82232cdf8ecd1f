"""Records that are too large in one way or another: each limit at its boundary, and at no cost to others."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harvester.rules.samples import sample_record
from harvester.sandbox import AnswerRefused, InlineSandbox, SandboxLimits
from registry.model.record import CheckedRecord, Condition
from schemas.xml import canonical
from tests.unit.harvester.sandbox import answers
from tests.unit.harvester.sandbox.answers import READING, nothing_known

LIMITS = SandboxLimits()
GOOD = canonical(sample_record())
_OTHER = b'<record xmlns="urn:mulu:catalogue:1"%b>%b</record>'


def check(content: bytes, limits: SandboxLimits = LIMITS) -> list[CheckedRecord]:
    return [
        record for batch in InlineSandbox(limits).read(READING, [content], nothing_known) for record in batch
    ]


def nested(depth: int) -> bytes:
    return _OTHER % (b"", b"<a>" * (depth - 1) + b"</a>" * (depth - 1))


def attributed(count: int) -> bytes:
    return _OTHER % (b"".join(b' a%d="1"' % number for number in range(count)), b"")


def attributed_within(count: int) -> bytes:
    attributes = b"".join(b" a%d = '%d'" % (number, number) for number in range(count))
    return _OTHER % (b"", b"<a%b/>" % attributes)


def wordy(size: int) -> bytes:
    return _OTHER % (b"", b"<a>%b</a>" % ("字".encode() * (size // 3) + b"x" * (size % 3)))


def wordy_attribute(size: int) -> bytes:
    return _OTHER % (b' a="%b"' % (b"x" * size), b"")


SHAPES: dict[str, tuple[Callable[[int], bytes], int, str]] = {
    "depth": (nested, LIMITS.record_depth, "record-too-deep"),
    "attributes": (attributed, LIMITS.record_attributes, "record-many-attributes"),
    "attributes within": (attributed_within, LIMITS.record_attributes, "record-many-attributes"),
    "text": (wordy, LIMITS.text_bytes, "record-long-text"),
    "text of an attribute": (wordy_attribute, LIMITS.text_bytes, "record-long-text"),
}


@pytest.mark.parametrize(("make", "limit", "code"), SHAPES.values(), ids=SHAPES.keys())
def test_a_record_s_form_is_limited_at_its_boundary(
    make: Callable[[int], bytes], limit: int, code: str
) -> None:
    generous = SandboxLimits(record_bytes=2 * LIMITS.text_bytes)
    for size in (limit, limit + 1):
        page = answers.page(
            *(answers.record(str(each), make(size) if each == 1 else GOOD) for each in range(3))
        )
        checked = check(page, generous)
        assert [record.condition for record in checked] == [Condition.LIVE, Condition.REFUSED, Condition.LIVE]
        assert (code in [issue.code for issue in checked[1].issues]) is (size > limit)
        assert checked[1].raw is not None, "kept, to be looked at"


def test_what_is_not_read_is_not_measured_by_its_look_alone() -> None:
    many = b"".join(b"<a b='1'/>" for _ in range(500))
    (record,) = check(answers.page(answers.record("1", _OTHER % (b"", many))))
    assert not {"record-too-deep", "record-many-attributes"} & {issue.code for issue in record.issues}


def test_an_answer_has_a_longest_list_of_records() -> None:
    assert len(check(answers.clean(4), SandboxLimits(answer_records=4))) == 4
    found: list[CheckedRecord] = []
    with pytest.raises(AnswerRefused) as refused:
        for batch in InlineSandbox(SandboxLimits(answer_records=3)).read(
            READING, [answers.clean(4)], nothing_known
        ):
            found += batch
    assert (len(found), refused.value.issue.code) == (3, "xml-records")
