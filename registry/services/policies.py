"""What a register decides for itself, changed by its administrators: one transaction with exactly one event each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from registry.errors import Conflict
from registry.model.event import Actor, Event
from registry.model.issue import Text
from registry.model.register import Register
from registry.model.role import Permission
from registry.services import access
from registry.store import events, registers
from registry.store.engine import Engine, transaction

_ALREADY = Text(
    zh="登记册 {code} 的发布审核本来就是如此。", en="the gate of the register {code} stands so already."
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
