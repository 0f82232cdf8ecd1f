"""What a register decides for itself, changed by its administrators: one transaction with exactly one event each."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from registry.errors import Conflict, Refused
from registry.model.event import Actor, Event
from registry.model.issue import Text
from registry.model.merge import AuthorityPolicy, AuthorityRule
from registry.model.register import AuthorityChange, Register
from registry.model.role import Permission
from registry.services import access, ordering
from registry.store import events, registers, sources
from registry.store.engine import Connection, Engine, transaction

_ALREADY = Text(
    zh="登记册 {code} 的发布审核本来就是如此。", en="the gate of the register {code} stands so already."
)

_STATED = Text(
    zh="登记册 {register} 已有该权威规则({source})。", en="{register} has this rule for {source} already."
)
_NOT_STATED = Text(
    zh="登记册 {register} 没有该权威规则({source})；用 mulu register authority list {register} 查看。",
    en="{register} has no such rule for {source}; `mulu register authority list {register}` shows those it has.",
)
_ELSEWHERE = Text(
    zh="来源 {source} 属于登记册 {at}，不能在登记册 {register} 中有权威性。",
    en="the source {source} belongs to the register {at}; it can have no authority in {register}.",
)
_NO_REASON = Text(
    zh="变更权威规则需要说明理由(--reason)。", en="a change of authority needs a reason (--reason)."
)


def set_gate(
    engine: Engine, code: str, *, on: bool, actor: Actor, now: datetime, reason: str = ""
) -> Register:
    """Have every run that would change something wait for an approver (发布审核), or no more. What is held stays
    held until somebody decides. Raises ``Conflict`` where it is so already, ``Forbidden``, ``NotFound``."""
    with transaction(engine) as connection:
        register = registers.by_id(connection, registers.get(connection, code).id, lock=True)
        access.require(connection, actor, Permission.SET, register.id)
        if register.policy.gate is on:
            raise Conflict(_ALREADY.format(code=code))
        registers.change(connection, register.id, policy=replace(register.policy, gate=on))
        before, after = {"gate": register.policy.gate}, {"gate": on}
        event = Event(actor, "gate", f"register:{code}", reason, before, after, register.id)
        events.record(connection, event, now)
        return registers.get(connection, code)


def add_authority(
    engine: Engine, code: str, rule: AuthorityRule, *, actor: Actor, now: datetime, reason: str
) -> Register:
    """Let a source speak with authority in its register, before newer records of the others. The standing entries
    follow: that is ordered. Raises ``Conflict`` where the rule stands already, ``Refused`` for a source of another
    register or without a reason, ``Forbidden``, ``NotFound``."""
    with transaction(engine) as connection:
        register = _to_change(connection, code, actor, reason)
        at = sources.get(connection, rule.source_code).description.register_code
        if at != code:
            raise Refused(_ELSEWHERE.format(source=rule.source_code, at=at, register=code))
        rules = register.policy.authority.rules
        if rule in rules:
            raise Conflict(_STATED.format(register=code, source=rule.source_code))
        return _set_rules(connection, register, (*rules, rule), rule.source_code, actor, reason, now)


def remove_authority(
    engine: Engine, code: str, rule: AuthorityRule, *, actor: Actor, now: datetime, reason: str
) -> Register:
    """Take a rule back; the standing entries follow. Raises ``Conflict`` where it does not stand, ``Refused`` without
    a reason, ``Forbidden``, ``NotFound``."""
    with transaction(engine) as connection:
        register = _to_change(connection, code, actor, reason)
        rules = register.policy.authority.rules
        if rule not in rules:
            raise Conflict(_NOT_STATED.format(register=code, source=rule.source_code))
        left = tuple(each for each in rules if each != rule)
        return _set_rules(connection, register, left, rule.source_code, actor, reason, now)


def _to_change(connection: Connection, code: str, actor: Actor, reason: str) -> Register:
    register = registers.by_id(connection, registers.get(connection, code).id, lock=True)
    access.require(connection, actor, Permission.SET, register.id)
    if not reason.strip():
        raise Refused(_NO_REASON)
    return register


def _set_rules(
    connection: Connection,
    register: Register,
    rules: tuple[AuthorityRule, ...],
    source_code: str,
    actor: Actor,
    reason: str,
    now: datetime,
) -> Register:
    """Write the rules, the one event, and the order by which the entries follow."""
    before, after = (
        {"authority": [asdict(each) for each in told]} for told in (register.policy.authority.rules, rules)
    )
    event = Event(actor, "authority", f"register:{register.code}", reason, before, after, register.id)
    change = AuthorityChange(source_code, events.record(connection, event, now))
    policy = replace(
        register.policy,
        authority=AuthorityPolicy(rules),
        to_follow=(*register.policy.to_follow, change),
    )
    registers.change(connection, register.id, policy=policy)
    ordering.place_settling(connection, register.id, requested_by=actor.name, now=now)
    return registers.by_id(connection, register.id)
