"""What a walk finds wrong with answers and lists as a whole, each declared once; and how it ends for it."""

from __future__ import annotations

from harvester.errors import ProtocolFailure
from registry.model.issue import Issue, Severity, Text
from schemas.fault import Fault


class Unreadable(ProtocolFailure):
    """An answer that cannot be read to its end, kept as it came.

    ``issues``: why, and what became of its bytes; ``raw_digest``: under which they are kept (empty: they are
    not); ``end``: its last bytes, where it came whole.
    """

    def __init__(self, issues: tuple[Issue, ...], raw_digest: bytes, end: bytes) -> None:
        super().__init__(issues[0].message)
        self.issues = issues
        self.raw_digest = raw_digest
        self.end = end


POISON = Fault(
    "answer-poison",
    Severity.ERROR,
    Text(
        "两个解析进程先后因该应答而终止：{reason}", "two processes that read the answer died of it: {reason}"
    ),
    Text(
        "请检查该应答；若内容正常，请联系登记系统的管理员",
        "look into it; if it is sound, tell the manager of the register",
    ),
)
KEPT_IN_PART = Fault(
    "answer-kept-in-part",
    Severity.NOTE,
    Text(
        "该应答共 {came} 字节，只保留了前 {kept} 字节",
        "of {came} bytes of the answer the first {kept} are kept",
    ),
)
NOT_KEPT = Fault(
    "answer-not-kept",
    Severity.NOTE,
    Text(
        "该应答（{came} 字节）未保留：本次运行保留的内容已达上限",
        "the answer ({came} bytes) is not kept: the run has kept as much as it may",
    ),
)
SECRET_NOT_KEPT = Fault(
    "answer-secret",
    Severity.WARNING,
    Text(
        "该应答含有标明密级的记录，未予保留",
        "the answer holds a record that is classified as secret, and is not kept",
    ),
    Text("涉密信息不得通过本系统传送", "secrets must not be sent through this system"),
)
LIST_CHANGED = Text(
    zh="重新读取时列表已变化,采集到此为止。",
    en="the list had changed when it was read again; the walk ends here.",
)

FAULTS = (POISON, KEPT_IN_PART, NOT_KEPT, SECRET_NOT_KEPT)
"""All of them, for the list of issue codes."""
