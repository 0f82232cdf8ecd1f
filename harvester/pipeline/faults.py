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


class ListStopped(ProtocolFailure):
    """A list is left before its end, for what ``issue`` says."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.message)
        self.issue = issue


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
TOKEN_REPEATED = Fault(
    "list-token-repeated",
    Severity.ERROR,
    Text(
        "来源重复给出同一个续传令牌，采集到此为止",
        "the source gave the same resumption token again; the walk ends here",
    ),
    Text("请检查接口程序的续传功能", "look into how the endpoint resumes its lists"),
)
NOTHING_NEW = Fault(
    "list-nothing-new",
    Severity.ERROR,
    Text(
        "连续 {count} 次应答没有带来新记录，采集到此为止",
        "{count} answers in a row brought nothing new; the walk ends here",
    ),
    Text("请检查接口程序的续传功能", "look into how the endpoint resumes its lists"),
)
MANY_RECORDS = Fault(
    "list-many-records",
    Severity.ERROR,
    Text(
        "列表超过 {limit} 条记录，采集到此为止", "the list has more than {limit} records; the walk ends here"
    ),
    Text(
        "如确有这么多记录，请调整 harvest.list_records",
        "where there are so many, change harvest.list_records",
    ),
)
MANY_ANSWERS = Fault(
    "list-many-answers",
    Severity.ERROR,
    Text(
        "列表超过 {limit} 次应答，采集到此为止", "the list goes on behind {limit} answers; the walk ends here"
    ),
    Text("如确有这么多应答，请调整 harvest.list_pages", "where there are so many, change harvest.list_pages"),
)
RENAMED = Fault(
    "list-renamed",
    Severity.ERROR,
    Text(
        "采集期间来源改了名：{before} → {after}，采集到此为止",
        "the source changed its name during the walk, which ends here: {before} became {after}",
    ),
)
BEGUN_ANEW = Fault(
    "list-begun-anew",
    Severity.NOTE,
    Text(
        "来源在第 {answers} 次应答后不再承认续传令牌，列表已从头采集",
        "behind {answers} answers the source no longer knew its resumption token; the list was begun anew",
    ),
)
LEFT = Fault(
    "salvage-left",
    Severity.WARNING,
    Text(
        "有应答无法读取；逐条取回 {asked} 条，另有 {left} 条未取",
        "answers could not be read; {asked} records were asked for one by one, {left} were left",
    ),
    Text(
        "下次采集会继续；请来源改正无法读取的应答",
        "the next harvest goes on; have the answers mended that cannot be read",
    ),
)
NOT_LISTED = Fault(
    "salvage-broken",
    Severity.WARNING,
    Text(
        "有应答无法读取，标识符列表也没有取全：{reason}",
        "answers could not be read, nor the list of identifiers to its end: {reason}",
    ),
)
UNANSWERED = Fault(
    "record-unanswered",
    Severity.WARNING,
    Text(
        "单独请求记录“{identifier}”未得到答复：{reason}",
        "asked for the record “{identifier}”, the source gave none: {reason}",
    ),
)
MISSED = Fault(
    "list-missed-records",
    Severity.WARNING,
    Text(
        "列表遗漏了来源确有的 {count} 条记录（已单独取回），不能视为完整",
        "the list left out {count} records that the source has (they were asked for); it is not complete",
    ),
    Text(
        "列表可能在采集期间发生变化；请检查接口程序的续传功能",
        "it may have changed meanwhile; look into how the endpoint resumes its lists",
    ),
)
CLOCK_OFF = Fault(
    "source-clock",
    Severity.WARNING,
    Text(
        "来源称其应答时间为 {told}，而我方时间为 {ours}：双方时钟相差甚远",
        "the source says that it answered at {told}, when it was {ours} here: the clocks are far apart",
    ),
    Text(
        "请来源校准时钟，并确认不是重发旧应答；若我方时间有误，请用 mulu doctor 检查",
        "have its clock set right, and see that it does not repeat old answers; where ours is wrong, run `mulu doctor`",
    ),
)
SALVAGED = Text(
    zh="{lost} 次应答无法读取，其余记录已逐条取回({asked} 条)。",
    en="{lost} answers could not be read; the other records were asked for one by one ({asked}).",
)
LIST_CHANGED = Text(
    zh="重新读取时列表已变化，采集到此为止。",
    en="the list had changed when it was read again; the walk ends here.",
)

FAULTS = (
    POISON,
    KEPT_IN_PART,
    NOT_KEPT,
    SECRET_NOT_KEPT,
    TOKEN_REPEATED,
    NOTHING_NEW,
    MANY_RECORDS,
    MANY_ANSWERS,
    RENAMED,
    BEGUN_ANEW,
    LEFT,
    NOT_LISTED,
    UNANSWERED,
    MISSED,
    CLOCK_OFF,
)
"""All of them, for the list of issue codes."""
