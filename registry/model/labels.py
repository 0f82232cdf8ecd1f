"""How people see values: what they call the members of the model's enumerations, and text that cannot deceive the
eye. Programs (``--json``) get the values themselves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from registry.model.diff import Action
from registry.model.document import Catalogue, Sharing
from registry.model.issue import Severity, Text
from registry.model.register import Level
from registry.model.run import Ending, RunStatus, Scope, Verdict
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
    RunStatus: {
        RunStatus.COLLECTING: Text("采集中", "collecting"),
        RunStatus.HELD: Text("待人工处理", "held"),
        RunStatus.SETTLING: Text("入库中", "settling"),
        RunStatus.PUBLISHED: Text("已发布", "published"),
        RunStatus.REFUSED: Text("已拒绝", "refused"),
        RunStatus.SUPERSEDED: Text("已被取代", "superseded"),
        RunStatus.FAILED: Text("失败", "failed"),
        RunStatus.UNDONE: Text("已撤销", "undone"),
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
        Ending.INTERRUPTED: Text("中断,可续采", "interrupted"),
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
}


def label_of(member: StrEnum) -> Text:
    """What people call a member; the member itself where nothing else is told."""
    return LABELS.get(type(member), {}).get(member, Text(str(member), str(member)))


def visible_text(text: str) -> str:
    """Text from strangers: control characters and direction overrides as ``\\u001b``."""
    return "".join(
        char if char == "\n" or char.isprintable() or char == "　" else f"\\u{ord(char):04x}" for char in text
    )
