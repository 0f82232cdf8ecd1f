"""Every combination of header, declaration, mark and bytes, over a socket: the right text, or none and a reason."""

from __future__ import annotations

import pytest

from tests.endpoint import FAULTS, sample_records
from tests.endpoint.text_faults import BYTES, CHARSETS, DECLARED, MARKS
from tests.integration.test_endpoint_faults import RECORDS, play

TITLES = [
    each.metadata.partition("<dc:title>")[2].partition("</dc:title>")[0] for each in sample_records(RECORDS)
]
DECIDES = {"gb2312": "gb18030", "gbk": "gb18030"}
"""What an encoding is read as: GB 18030 contains the others."""


def expected(declared: str, mark: str, coding: str) -> str:
    """What must come of a text: ``right``, or the code of what ends the walk. The header counts for nothing."""
    marked = mark == "marked" and coding != "gbk"  # GBK has no mark
    if declared == "big5":
        return "encoding-forbidden"
    if coding.startswith("utf16") or marked:
        return "right"
    if declared == "utf16":
        return "encoding-false"
    said, is_utf8 = DECIDES.get(declared, declared), coding == "utf8"
    if said == "gb18030":
        return "encoding-false" if is_utf8 else "right"
    return "right" if is_utf8 else "xml-ill-formed"


@pytest.mark.parametrize("declared", DECLARED)
@pytest.mark.parametrize("charset", CHARSETS)
def test_right_text_or_a_refusal(charset: str, declared: str) -> None:
    for mark in MARKS:
        for coding in BYTES:
            name = f"text-{charset}-{declared}-{mark}-{coding}"
            walked = play(name)
            if expected(declared, mark, coding) == "right":
                titles = [record.element[0].text for record in walked.records if record.element is not None]
                assert (titles, walked.ended_by) == (TITLES, ""), name
            else:
                assert (walked.records, walked.ended_by) == ([], expected(declared, mark, coding)), name


def test_no_combination_is_left_out() -> None:
    named = [name for name in FAULTS if name.startswith("text-")]
    assert len(named) == len(CHARSETS) * len(DECLARED) * len(MARKS) * len(BYTES) == 280
