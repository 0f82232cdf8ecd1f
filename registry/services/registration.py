"""Registering registers and sources, and moving sources through their life (``model.lifecycle.TRANSITIONS``).

Each function is one transaction with exactly one event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.errors import Conflict, Forbidden, Refused
from registry.model.contact import ContactPerson
from registry.model.event import Actor, Event
from registry.model.issue import Text
from registry.model.lifecycle import SourceAction, Transition
from registry.model.register import Level, Policy, Register
from registry.model.role import Permission
from registry.model.source import Protocol, SourceDescription, SourceScope, SourceStatus
from registry.services import access, admission, health, ownership, steps, withdrawal
from registry.store import events, registers, sources
from registry.store.engine import Connection, Engine, IntegrityError, transaction


def create_register(
    engine: Engine,
    *,
    code: str,
    name: str,
    level: Level,
    division: str,
    actor: Actor,
    now: datetime,
    policy: Policy | None = None,
    owner: str = "",
    manager: str = "",
) -> Register:
    """A new, empty register. Raises ``Conflict`` where the code is taken, ``Refused`` where it is no code (it
    stands in addresses and paths)."""
    admission.check_code(code)
    try:
        with transaction(engine) as connection:
            access.require(connection, actor, Permission.SET, None)
            register_id = registers.add(
                connection,
                code=code,
                name=name,
                level=level,
                division=division,
                policy=policy or Policy(),
                owner=owner,
                manager=manager,
                now=now,
            )
            events.record(
                connection,
                Event(
                    actor,
                    "create",
                    f"register:{code}",
                    after={"name": name, "level": level},
                    register_id=register_id,
                ),
                now,
            )
            return registers.get(connection, code)
    except IntegrityError as error:
        raise Conflict(
            Text(zh=f"登记册 {code} 已存在。", en=f"there is a register {code} already.")
        ) from error


@dataclass(frozen=True, slots=True)
class NewSource:
    """What a submitter states of a source. Fields as in ``model.source.SourceDescription``; ``schedule`` is
    a cron line or ``every 6h`` (empty: only on demand)."""

    code: str
    register_code: str
    name: str
    protocol: Protocol
    location: str
    metadata_prefix: str = "catalogue"
    namespace: str = ""
    scope: SourceScope = SourceScope()
    schedule: str = ""
    set_spec: str = ""
    credentials: str = ""
    ca_bundle: str = ""
    allowed_networks: tuple[str, ...] = ()
    contact: ContactPerson | None = None


def add_source(engine: Engine, new: NewSource, *, actor: Actor, now: datetime) -> sources.Source:
    """Draft a source. Raises ``Conflict`` where its code is taken, ``Refused`` where its fields are wrong."""
    try:
        admission.check_code(new.code)
        with transaction(engine) as connection:
            register = registers.get(connection, new.register_code)
            access.require(connection, actor, Permission.ADD_SOURCE, register.id)
            sources.add(
                connection,
                {
                    "register_id": register.id,
                    "code": new.code,
                    "name": new.name,
                    "protocol": str(new.protocol),
                    "location": new.location,
                    "metadata_prefix": new.metadata_prefix,
                    "namespace": new.namespace,
                    "scope": new.scope,
                    "set_spec": new.set_spec,
                    "credentials": new.credentials,
                    "ca_bundle": new.ca_bundle,
                    "allowed_networks": new.allowed_networks,
                    "schedule": new.schedule,
                    "status": str(SourceStatus.DRAFT),
                    "added_by": actor.name,
                    "contact": new.contact,
                    "created_at": now,
                },
            )
            source = sources.get(connection, new.code)
            admission.check_source(connection, source.description)
            after = _told(source.description)
            events.record(
                connection,
                Event(actor, "add", f"source:{new.code}", after=after, register_id=register.id),
                now,
            )
            return source
    except IntegrityError as error:
        raise Conflict(
            Text(zh=f"来源 {new.code} 已存在。", en=f"there is a source {new.code} already.")
        ) from error


def _told(description: SourceDescription) -> dict[str, Any]:
    return {
        "register": description.register_code,
        "protocol": description.protocol,
        "location": description.location,
        "metadata_prefix": description.metadata_prefix,
        "namespace": description.namespace,
        "scope": description.scope,
        "fingerprint": description.fingerprint,
    }


_AMENDABLE = frozenset(
    {
        "name", "location", "metadata_prefix", "namespace", "scope", "schedule", "set_spec", "credentials",
        "ca_bundle", "allowed_networks", "protocol",
    }
)  # fmt: skip


def amend_source(
    engine: Engine, code: str, changes: Mapping[str, Any], *, actor: Actor, now: datetime, seen: str = ""
) -> sources.Source:
    """Change what is stated of a source. Whatever changes its fingerprint asks for approval again, while the
    last good data stays published; a name or a schedule does not. ``seen``: the fingerprint that was looked at.

    Raises ``Refused`` for unknown fields and wrong values, ``Conflict`` where the source's status allows no
    change, or where it states something else than was seen.
    """
    if unknown := set(changes) - _AMENDABLE:
        names = ", ".join(sorted(unknown))
        raise Refused(Text(zh=f"不能修改的字段：{names}。", en=f"fields that cannot be amended: {names}."))
    with transaction(engine) as connection:
        before = sources.get(connection, code, lock=True)
        row = steps.step(before, SourceAction.AMEND)
        steps.check_unchanged(before, seen)
        _require(connection, actor, row, before)
        sources.change(connection, before.id, **changes)
        amended = sources.get(connection, code)
        admission.check_source(connection, amended.description)
        admission.check_same_log(before.description, amended.description)
        if amended.description.fingerprint != before.description.fingerprint:
            values: dict[str, Any] = {"status": str(row.to)}
            if row.to is SourceStatus.SUBMITTED:
                values["submitted_by"] = actor.name
            sources.change(connection, before.id, **values)
        if amended.schedule != before.schedule:  # it counts from now on, also where none was planned before
            due_at = now if amended.schedule else None
            sources.change(connection, before.id, due_at=due_at, late_at=None)
        health.judge(connection, before.id, now)
        stood, register_id = _stated(before, changes), before.description.register_id
        event = Event(actor, "amend", f"source:{code}", "", stood, dict(changes), register_id)
        events.record(connection, event, now)
        return sources.get(connection, code)


def _stated(source: sources.Source, names: Iterable[str]) -> dict[str, Any]:
    return {
        name: getattr(source if name in ("name", "schedule") else source.description, name) for name in names
    }


_CHANGE_OWNERS = (SourceAction.APPROVE, SourceAction.RETIRE)


def act(
    engine: Engine,
    code: str,
    action: SourceAction,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    seen: str = "",
) -> sources.Source:
    """Take one step in a source's life, as the table of transitions has it. ``seen``: the fingerprint that the actor
    looked at. Raises as :func:`check_act`, and ``Conflict`` where the source states something else by now."""
    with transaction(engine) as connection:
        owners: dict[int, ownership.Standing] = {}
        if action in _CHANGE_OWNERS:
            owners = ownership.locked(connection, sources.get(connection, code))
        source = sources.get(connection, code, lock=True)
        row = check_act(connection, source, action, actor=actor, reason=reason)
        steps.check_unchanged(source, seen)
        values: dict[str, Any] = {"status": str(row.to)}
        if action is SourceAction.SUBMIT:
            values["submitted_by"] = actor.name
        elif action is SourceAction.APPROVE:
            values.update(steps.approval(ownership.checked(connection, source), actor, now))
        elif action is SourceAction.RESUME:
            values.update(health.BEGINNING, due_at=now)
        elif action is SourceAction.RETIRE:
            withdrawal.withdraw_all(connection, source, actor, now)
        sources.change(connection, source.id, **values)
        health.judge(connection, source.id, now)
        before = {"status": source.status}
        after = {"status": row.to, "fingerprint": source.description.fingerprint}
        register_id = source.description.register_id
        event = Event(actor, str(action), f"source:{code}", reason, before, after, register_id)
        event_id = events.record(connection, event, now)
        ownership.changed(connection, owners, event_id=event_id, actor=actor.name, now=now)
        return sources.get(connection, code)


def check_act(
    connection: Connection, source: sources.Source, action: SourceAction, *, actor: Actor, reason: str
) -> Transition:
    """The row of the table for a step that ``actor`` may take.

    Raises ``Conflict`` where the step does not fit the status (someone was faster), ``Refused`` where a
    reason is needed or the source could bring nothing (``admission.check_minting``), ``Forbidden`` where the actor
    lacks the permission, or submitted the source and may not judge it.
    """
    row = steps.step(source, action)
    _require(connection, actor, row, source)
    if row.reason_needed and not reason.strip():
        raise Refused(
            Text(zh=f"{action} 需要说明理由(--reason)。", en=f"to {action} needs a reason (--reason).")
        )
    if action in (SourceAction.SUBMIT, SourceAction.APPROVE):
        admission.check_minting(source.description)
    if row.four_eyes and actor.name == source.submitted_by:
        raise Forbidden(
            Text(
                zh=f"{actor.name} 提交了该来源，须由他人{'批准' if action is SourceAction.APPROVE else '处理'}。",
                en=f"{actor.name} submitted this source; someone else must {action} it.",
            )
        )
    return row


def _require(connection: Connection, actor: Actor, row: Transition, source: sources.Source) -> None:
    """Raises ``Forbidden``. Whoever lets one register read another puts it above the other (``store.hierarchy``):
    that takes the permission on both."""
    stated = source.description
    access.require(connection, actor, row.permission, stated.register_id, source=source)
    if row.permission is Permission.APPROVE and stated.is_internal:
        child = registers.get(connection, stated.location)
        access.require(connection, actor, row.permission, child.id)
