"""Every combination of header, declaration, mark and bytes, over a socket: the right text, or none and a reason."""

from __future__ import annotations

import pytest

from tests.endpoint import FAULTS, NO_FAULTS, sample_records
from tests.endpoint.text_faults import BYTES, CHARSETS, DECLARED, MARKS
from tests.integration.test_endpoint_faults import RECORDS, play

TITLES = [
    each.metadata.partition("<dc:title>")[2].partition("</dc:title>")[0] for each in sample_records(RECORDS)
]


def refusal(declared: str, coding: str) -> str:
    """The code of what ends the walk where the right text is in doubt. The header counts for nothing."""
    if declared == "big5":
        return "encoding-forbidden"
    if declared == "utf16" or (declared in ("gb2312", "gbk", "gb18030") and coding == "utf8"):
        return "encoding-false"
    return "xml-ill-formed"


@pytest.mark.parametrize("declared", DECLARED)
@pytest.mark.parametrize("charset", CHARSETS)
def test_right_text_or_a_refusal(charset: str, declared: str) -> None:
    for mark in MARKS:
        for coding in BYTES:
            name = f"text-{charset}-{declared}-{mark}-{coding}"
            walked = play(name)
            if name in NO_FAULTS:
                titles = [record.element[0].text for record in walked.records if record.element is not None]
                assert (titles, walked.ended_by) == (TITLES, ""), name
            else:
                assert (walked.records, walked.ended_by) == ([], refusal(declared, coding)), name


def test_no_combination_is_left_out() -> None:
    named = [name for name in FAULTS if name.startswith("text-")]
    assert len(named) == len(CHARSETS) * len(DECLARED) * len(MARKS) * len(BYTES) == 280
