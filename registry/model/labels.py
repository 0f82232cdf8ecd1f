"""How people see values: what they call the members of the model's enumerations, and text that cannot deceive the
eye. Programs (``--json``) get the values themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum

from registry.model.contact import ContactKind
from registry.model.delivery import DeliveryState, Origin
from registry.model.diff import Action
from registry.model.document import Catalogue, Sharing
from registry.model.health import Health
from registry.model.issue import Severity, Text
from registry.model.issue_life import IssueState
from registry.model.lifecycle import SourceAction
from registry.model.notification import Kind, MailStatus
from registry.model.order import OrderKind, OrderStatus
from registry.model.register import Level
from registry.model.role import Permission, Role
from registry.model.run import Ending, Failures, RunStatus, Scope, Tally, Verdict
from registry.model.seal import Breach
from registry.model.source import Protocol, SourceStatus

LABELS: Mapping[type[StrEnum], Mapping[str, Text]] = {
    Level: {
        Level.NATIONAL: Text("国家级", "national"),
        Level.REGIONAL: Text("区域级", "regional"),
        Level.PROVINCIAL: Text("省级", "provincial"),
        Level.MUNICIPAL: Text("市级", "municipal"),
        Level.COUNTY: Text("县级", "county"),
        Level.DEPARTMENTAL: Text("部门级", "departmental"),
    },
    Protocol: {
        Protocol.OAI_PMH: Text("OAI-PMH", "OAI-PMH"),
        Protocol.XML_DOCUMENT: Text("XML 文件", "XML document"),
        Protocol.FOLDER: Text("文件夹", "folder"),
        Protocol.CONSOLE: Text("在管理台报送", "handed in through the console"),
        Protocol.REGISTER: Text("登记册", "register"),
    },
    SourceStatus: {
        SourceStatus.DRAFT: Text("草稿", "draft"),
        SourceStatus.SUBMITTED: Text("待审核", "submitted"),
        SourceStatus.APPROVED: Text("已批准", "approved"),
        SourceStatus.REJECTED: Text("已退回", "rejected"),
        SourceStatus.SUSPENDED: Text("已暂停", "suspended"),
        SourceStatus.RETIRED: Text("已注销", "retired"),
    },
    Health: {
        Health.HEALTHY: Text("正常", "healthy"),
        Health.LATE: Text("逾期", "late"),
        Health.FAILING: Text("异常", "failing"),
        Health.SUSPENDED: Text("不采集", "suspended"),
    },
    RunStatus: {
        RunStatus.COLLECTING: Text("采集中", "collecting"),
        RunStatus.HELD: Text("待人工处理", "held"),
        RunStatus.SETTLING: Text("入库中", "settling"),
        RunStatus.PUBLISHED: Text("已发布", "published"),
        RunStatus.REFUSED: Text("已拒绝", "refused"),
        RunStatus.SUPERSEDED: Text("已被取代", "superseded"),
        RunStatus.CANCELLED: Text("已取消", "cancelled"),
        RunStatus.FAILED: Text("失败", "failed"),
        RunStatus.UNDONE: Text("已撤销", "undone"),
    },
    IssueState: {
        IssueState.NEW: Text("新出现", "new"),
        IssueState.KNOWN: Text("已知", "known"),
        IssueState.FIXED: Text("已消除", "fixed"),
    },
    Verdict: {
        Verdict.COMPLETE: Text("完整", "complete"),
        Verdict.PARTIAL: Text("部分", "partial"),
        Verdict.UNKNOWN: Text("无法判断", "unknown"),
    },
    Scope: {
        Scope.FULL: Text("全量", "full"),
        Scope.DELTA: Text("增量", "delta"),
    },
    Ending: {
        Ending.FINISHED: Text("正常结束", "finished"),
        Ending.NOT_MODIFIED: Text("内容未变", "not modified"),
        Ending.TRANSPORT: Text("传输失败", "transport failed"),
        Ending.PROTOCOL: Text("不符合协议", "protocol broken"),
        Ending.FATAL: Text("无法采集", "fatal"),
        Ending.INTERRUPTED: Text("中断，可续采", "interrupted"),
    },
    Severity: {
        Severity.ERROR: Text("错误", "error"),
        Severity.WARNING: Text("警告", "warning"),
        Severity.NOTE: Text("提示", "note"),
    },
    Catalogue: {
        Catalogue.PROJECT: Text("项目信息", "project"),
        Catalogue.CREDIT: Text("信用信息", "credit"),
    },
    Sharing: {
        Sharing.UNCONDITIONAL: Text("无条件共享", "unconditional"),
        Sharing.CONDITIONAL: Text("有条件共享", "conditional"),
        Sharing.NOT_SHARED: Text("不予共享", "not shared"),
    },
    Action: {
        Action.CREATED: Text("新增", "created"),
        Action.UPDATED: Text("更新", "updated"),
        Action.DELETED: Text("删除", "deleted"),
        Action.RESTORED: Text("恢复", "restored"),
        Action.VANISHED: Text("确认消失", "vanished"),
        Action.ABSENT: Text("首次缺失", "absent"),
        Action.UNCHANGED: Text("未变", "unchanged"),
        Action.REFUSED: Text("不合格", "refused"),
        Action.REPEATED: Text("重复", "repeated"),
        Action.DECLINED: Text("曾被撤销", "declined"),
        Action.LOOPED: Text("回路", "looped"),
        Action.OUTDATED: Text("已过时", "outdated"),
    },
    SourceAction: {
        SourceAction.SUBMIT: Text("提交审核", "submit"),
        SourceAction.APPROVE: Text("批准", "approve"),
        SourceAction.REJECT: Text("退回", "reject"),
        SourceAction.SUSPEND: Text("暂停", "suspend"),
        SourceAction.RESUME: Text("恢复", "resume"),
        SourceAction.RETIRE: Text("注销", "retire"),
        SourceAction.AMEND: Text("修改", "amend"),
    },
    OrderKind: {
        OrderKind.HARVEST: Text("采集", "harvest"),
        OrderKind.PROBE: Text("试采", "probe"),
        OrderKind.TRIAL: Text("比对试采", "trial"),
        OrderKind.PREVIEW: Text("检查报送", "preview"),
        OrderKind.PROVE: Text("核验接口归属", "prove control"),
        OrderKind.EXPIRE: Text("到期处理", "expire"),
        OrderKind.SETTLE: Text("入库发布", "settle"),
        OrderKind.DELIVER: Text("发送邮件", "deliver mail"),
    },
    OrderStatus: {
        OrderStatus.WAITING: Text("等待中", "waiting"),
        OrderStatus.RUNNING: Text("执行中", "running"),
        OrderStatus.DONE: Text("已完成", "done"),
        OrderStatus.FAILED: Text("失败", "failed"),
    },
    Origin: {
        Origin.FILE: Text("文件", "file"),
        Origin.FORM: Text("表单", "form"),
        Origin.WITHDRAWAL: Text("撤回记录", "withdrawal"),
    },
    DeliveryState: {
        DeliveryState.KEPT: Text("未报送", "not delivered"),
        DeliveryState.DELIVERED: Text("已报送", "delivered"),
        DeliveryState.TAKEN: Text("已读取", "read"),
        DeliveryState.DISCARDED: Text("已放弃", "discarded"),
    },
    ContactKind: {
        ContactKind.CALL: Text("电话", "call"),
        ContactKind.MAIL: Text("邮件", "mail"),
        ContactKind.LETTER: Text("函件", "letter"),
        ContactKind.VISIT: Text("走访", "visit"),
        ContactKind.MESSAGE: Text("消息", "message"),
        ContactKind.NOTE: Text("备注", "note"),
    },
    Role: {
        Role.VIEWER: Text("查阅员", "viewer"),
        Role.SUBMITTER: Text("提交员", "submitter"),
        Role.OPERATOR: Text("运维员", "operator"),
        Role.APPROVER: Text("审核员", "approver"),
        Role.AUDITOR: Text("审计员", "auditor"),
        Role.ADMINISTRATOR: Text("管理员", "administrator"),
    },
    Permission: {
        Permission.READ_ENTRIES: Text("查阅非公开条目", "read entries that are not public"),
        Permission.READ_REGISTERS: Text("查看登记册", "see registers"),
        Permission.READ_SOURCES: Text("查看数据源", "see sources"),
        Permission.READ_RUNS: Text("查看采集运行", "see runs"),
        Permission.READ_ACCOUNTS: Text("查看账号", "see accounts"),
        Permission.READ_SETTINGS: Text("查看登记册设置", "see the settings of registers"),
        Permission.READ_AUDIT: Text("查看操作记录", "read the book of acts"),
        Permission.ADD_SOURCE: Text("登记数据源", "register sources"),
        Permission.AMEND_SOURCE: Text("修改数据源", "amend sources"),
        Permission.SUBMIT_SOURCE: Text("提交数据源审核", "submit sources"),
        Permission.PROBE_SOURCE: Text("试采数据源", "probe sources"),
        Permission.NOTE_CONTACT: Text("记录联系情况", "note contacts"),
        Permission.DELIVER: Text("报送记录", "deliver records"),
        Permission.HARVEST: Text("发起采集", "start harvests"),
        Permission.CANCEL: Text("取消指令", "cancel orders"),
        Permission.SUSPEND: Text("暂停数据源", "suspend sources"),
        Permission.RESUME: Text("恢复数据源", "resume sources"),
        Permission.APPROVE: Text("批准数据源", "approve sources"),
        Permission.REJECT: Text("退回数据源", "reject sources"),
        Permission.RETIRE: Text("注销数据源", "retire sources"),
        Permission.LIFT: Text("解除撤销记忆", "lift what was declined"),
        Permission.RELEASE: Text("放行运行", "release runs"),
        Permission.REFUSE: Text("拒绝运行", "refuse runs"),
        Permission.UNDO: Text("撤销运行", "undo runs"),
        Permission.PIN: Text("指定采信记录", "pin entries"),
        Permission.ERASE: Text("抹除条目内容", "erase the content of entries"),
        Permission.REVEAL: Text("查看原始内容", "see raw content"),
        Permission.RESUME_PUBLICATION: Text("恢复发布", "resume publication"),
        Permission.GRANT: Text("管理账号与角色", "manage accounts and roles"),
        Permission.SET: Text("更改登记册设置", "change the settings of registers"),
    },
    Kind: {
        Kind.SUBMITTED: Text("待审核", "submitted"),
        Kind.APPROVED: Text("已批准", "approved"),
        Kind.REJECTED: Text("已退回", "sent back"),
        Kind.HELD: Text("待人工处理", "held"),
        Kind.FAILING: Text("采集异常", "failing"),
        Kind.HEALED: Text("已恢复", "healed"),
        Kind.ISSUES: Text("新问题", "new issues"),
    },
    MailStatus: {
        MailStatus.NONE: Text("不发送", "none"),
        MailStatus.WAITING: Text("待发送", "waiting"),
        MailStatus.SENT: Text("已发送", "sent"),
        MailStatus.FAILED: Text("发送失败", "failed"),
    },
    Breach: {
        Breach.MISSING_SEAL: Text("封印缺号", "missing seal"),
        Breach.MISSING_EVENT: Text("事件缺失", "missing event"),
        Breach.ALTERED: Text("事件被改动", "altered"),
        Breach.FORGED: Text("签名无效", "forged"),
        Breach.CUT: Text("与链头不符", "cut"),
    },
}


_FAILURES = {
    "transport": Text("传输 {count}", "{count} of transport"),
    "protocol": Text("协议 {count}", "{count} of the protocol"),
    "fatal": Text("无法重试 {count}", "{count} that no retry mends"),
    "gave_way": Text("其中让路 {count}", "gave way {count} times"),
}


def failures_told(failures: Failures) -> list[Text]:
    """How often asking failed in a run; what did not is not told."""
    counts = asdict(failures)
    return [text.format(count=counts[name]) for name, text in _FAILURES.items() if counts[name]]


_COUNTS = {
    "moved": Text("跨页重复", "moved to another page"),
    "singly": Text("逐条取回", "asked for one by one"),
    "confirmed": Text("当即证实消失", "confirmed to be gone at once"),
    "kept": Text("缺失但按人工决定保留", "missing, but kept as people decided"),
}
_TOLD_ELSEWHERE = ("pages", "received")


def tally_told(tally: Tally) -> list[tuple[Text, int]]:
    """What a run counted, but for what it received in all; what there was none of is not told."""
    return [
        (_COUNTS[name] if name in _COUNTS else label_of(Action(name)), count)
        for name, count in asdict(tally).items()
        if count and name not in _TOLD_ELSEWHERE
    ]


def label_of(member: StrEnum) -> Text:
    """What people call a member; the member itself where nothing else is told."""
    return LABELS.get(type(member), {}).get(member, Text(str(member), str(member)))


def visible_text(text: str) -> str:
    """Text from strangers: what moves a cursor, turns a line around or hides in it as ``\\u001b``, spelled as JSON
    spells it. Line ends stay."""
    if text.isprintable():
        return text
    return "".join(char if char in "\n　" or char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
