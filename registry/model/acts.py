"""How people call the acts that stand in the book, and what they were done to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from registry.model.issue import Text

ACTS: Mapping[str, Text] = MappingProxyType(
    {
        "add": Text("添加", "add"),
        "amend": Text("修改", "amend"),
        "approve": Text("批准", "approve"),
        "change": Text("修改资料", "change"),
        "change-password": Text("修改密码", "change password"),
        "contact": Text("记录联系", "note a contact"),
        "contact-person": Text("更改联络员", "change the contact person"),
        "create": Text("建立", "create"),
        "hand-in": Text("上传报送内容", "hand in"),
        "preview": Text("检查报送内容", "have a delivery looked at"),
        "deliver": Text("报送", "deliver"),
        "discard": Text("放弃报送", "discard a delivery"),
        "ask-erasure": Text("申请抹除", "ask for an erasure"),
        "authority": Text("更改权威规则", "change who has authority"),
        "erase": Text("抹除内容", "erase the content"),
        "withdraw-erasure": Text("撤回抹除申请", "withdraw a request of erasure"),
        "pin": Text("指定采信记录", "pin a record"),
        "unpin": Text("取消指定", "unpin"),
        "reveal": Text("查看原始内容", "reveal raw content"),
        "end-sessions": Text("结束其他会话", "end other sessions"),
        "grant": Text("授予角色", "grant a role"),
        "harvest": Text("发起采集", "order a harvest"),
        "issue-key": Text("签发密钥", "issue a key"),
        "lift": Text("解除撤销记忆", "lift what was declined"),
        "link": Text("关联外部身份", "link an external identity"),
        "lock": Text("锁定", "lock"),
        "probe": Text("试采", "probe"),
        "prove": Text("核验接口归属", "have control proved"),
        "refuse": Text("拒绝", "refuse"),
        "reject": Text("退回", "reject"),
        "release": Text("放行", "release"),
        "reset-password": Text("重置密码", "reset the password"),
        "resume": Text("恢复", "resume"),
        "resume-publication": Text("恢复发布", "resume publication"),
        "retire": Text("注销", "retire"),
        "revoke": Text("撤销角色", "revoke a role"),
        "revoke-key": Text("撤销密钥", "revoke a key"),
        "sign-in": Text("登录", "sign in"),
        "sign-in-refused": Text("登录失败", "sign-in refused"),
        "sign-out": Text("退出登录", "sign out"),
        "stop-publication": Text("停止发布", "stop publication"),
        "submit": Text("提交审核", "submit"),
        "suspend": Text("暂停", "suspend"),
        "trial": Text("比对试采", "order a trial"),
        "undo": Text("撤销运行", "undo"),
        "unlink": Text("解除外部身份", "unlink an external identity"),
        "unlock": Text("解锁", "unlock"),
    }
)
"""The acts of people (``model.event.Event.action``)."""

SUBJECTS: Mapping[str, Text] = MappingProxyType(
    {
        "account": Text("账号", "account"),
        "installation": Text("系统", "installation"),
        "register": Text("登记册", "register"),
        "run": Text("采集运行", "run"),
        "source": Text("数据源", "source"),
    }
)
"""What they were done to: how a subject (``source:hangzhou``) begins."""


ACTS_ON_ENTRIES = ("authority", "pin", "unpin", "erase")
"""The acts that cause versions by themselves, not through a run."""

_CAUSES: Mapping[str, Text] = MappingProxyType(
    {
        "run": Text("采集运行 {of}", "run {of}"),
        "clock": Text("公开期限({of})", "publication period ({of})"),
        "undo": Text("撤销(运行 {of})", "undone (run {of})"),
        "retire": Text("数据源注销(运行 {of})", "its source was retired (run {of})"),
        "authority": Text("权威规则变更(操作 {of})", "a change of authority (act {of})"),
        "pin": Text("指定采信记录(操作 {of})", "a record was pinned (act {of})"),
        "unpin": Text("取消指定(操作 {of})", "a pin was taken out (act {of})"),
        "erase": Text("内容抹除(操作 {of})", "its content was erased (act {of})"),
    }
)


def cause_label(cause: str) -> Text:
    """What caused a version (``run:12``, ``act:undo:12``, ``clock:2024-05-06``), in words."""
    kind, _, of = cause.removeprefix("act:").partition(":")
    called = _CAUSES.get(kind)
    return Text(cause, cause) if called is None else called.format(of=of)


def act_label(action: str) -> Text:
    """What people call an act; the act itself where nothing else is told."""
    return ACTS.get(action, Text(action, action))


def subject_label(subject: str) -> Text:
    """A subject in words: 数据源 hangzhou."""
    kind, _, name = subject.partition(":")
    called = SUBJECTS.get(kind, Text(kind, kind))
    return Text(f"{called.zh} {name}".strip(), f"{called.en} {name}".strip())
