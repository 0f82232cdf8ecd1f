"""What an actor may do, asked within the transaction that does it: a role that was taken counts no more.

Every service that a person can reach asks here, whoever calls it; so no page, key or command can forget to.
"""

from __future__ import annotations

from collections.abc import Collection

from registry.errors import Forbidden
from registry.model.event import Actor
from registry.model.hierarchy import ancestry
from registry.model.issue import Text
from registry.model.labels import label_of
from registry.model.role import PERMISSIONS, Grant, Permission, Role, may
from registry.store import accounts, hierarchy, registers, sources
from registry.store.engine import Connection

_NOT_ALLOWED = Text(
    zh="{actor} 在登记册 {register} 上无权{permission}。",
    en="{actor} may not {permission} on the register {register}.",
)
_CAN_BE_GRANTED = Text(
    zh="管理员可授予相应角色：{roles}。", en=" An administrator can grant a role that may: {roles}."
)
_OWN_ONLY = Text(
    zh="{roles}只能处理自己登记或提交的数据源，而 {source} 不是 {actor} 的。",
    en=" As {roles} one may with sources of one's own only, and {source} is none of {actor}'s.",
)
_SUBMITTED_IT = Text(
    zh="{actor} 提交了数据源 {source}，须由他人处理({permission})。",
    en="{actor} submitted the source {source}; deciding about it ({permission}) is somebody else's.",
)
_EVERYWHERE = Text(zh="(整个系统)", en="(the whole installation)")


def require(
    connection: Connection,
    actor: Actor,
    permission: Permission,
    register_id: int | None,
    *,
    source: sources.Source | None = None,
) -> None:
    """Raise ``Forbidden`` unless ``actor`` has ``permission`` on the register (None: on the installation).

    ``source``: what is acted on, or what the run is of: some may act on their own only, and nobody with an
    account decides about what it submitted itself.
    """
    if not allows(connection, actor, permission, register_id, source=source):
        raise Forbidden(_refusal(connection, actor, permission, register_id, source))
    if source is not None and _judges_itself(actor, permission, source):
        raise Forbidden(
            _SUBMITTED_IT.format(actor=actor.name, source=source.code, permission=label_of(permission))
        )


def _refusal(
    connection: Connection,
    actor: Actor,
    permission: Permission,
    register_id: int | None,
    source: sources.Source | None,
) -> Text:
    """What is refused, and which roles would help: some count for sources of one's own only."""
    rule = PERMISSIONS[permission]
    place = _EVERYWHERE
    if register_id is not None:
        code = registers.by_id(connection, register_id).code
        place = Text(code, code)
    told = [_NOT_ALLOWED.format(actor=actor.name, register=place, permission=label_of(permission))]
    helping = rule.roles
    if source is None or _is_own(actor, source):
        helping |= rule.own
    elif rule.own:
        told.append(_OWN_ONLY.format(actor=actor.name, source=source.code, roles=_roles(rule.own)))
    if helping:
        told.append(_CAN_BE_GRANTED.format(roles=_roles(helping)))
    return Text("".join(each.zh for each in told), "".join(each.en for each in told))


def _roles(roles: Collection[Role]) -> Text:
    labels = [label_of(each) for each in sorted(roles)]
    return Text("、".join(each.zh for each in labels), ", ".join(each.en for each in labels))


def _is_own(actor: Actor, source: sources.Source) -> bool:
    return actor.name in (source.added_by, source.submitted_by)


def allows(
    connection: Connection,
    actor: Actor,
    permission: Permission,
    register_id: int | None,
    *,
    source: sources.Source | None = None,
) -> bool:
    """Whether ``actor`` has ``permission``, as in :func:`require` but for what it submitted itself."""
    if actor.account is None:
        return True
    if accounts.by_id(connection, actor.account).locked:
        return False
    above = frozenset() if register_id is None else hierarchy.above(connection, register_id)
    own = source is not None and _is_own(actor, source)
    if not _within_limits(actor, permission, register_id, above):
        return False
    return may(accounts.grants_of(connection, actor.account), permission, register_id, above, own=own)


def _judges_itself(actor: Actor, permission: Permission, source: sources.Source) -> bool:
    has_account = actor.account is not None
    return has_account and PERMISSIONS[permission].four_eyes and actor.name == source.submitted_by


def _within_limits(
    actor: Actor, permission: Permission, register_id: int | None, above: Collection[int]
) -> bool:
    if actor.limits is None:
        return True
    if permission not in actor.limits.permissions:
        return False
    return may(
        [Grant(_ANY_ROLE[permission], actor.limits.register_id)], permission, register_id, above, own=True
    )


_ANY_ROLE = {permission: min(rule.roles | rule.own) for permission, rule in PERMISSIONS.items()}
"""Some role that carries each permission: how far a key reaches is how far such a role would."""


def reach(connection: Connection, actor: Actor, permission: Permission) -> frozenset[int] | None:
    """The ids of the registers on which ``actor`` has ``permission``; None where that is the whole
    installation. For lists: what a page may show."""
    if allows(connection, actor, permission, None):
        return None
    assert actor.account is not None
    if accounts.by_id(connection, actor.account).locked:
        return frozenset()
    grants = accounts.grants_of(connection, actor.account)
    readings = hierarchy.readings(connection)
    above = {each.id: ancestry(each.id, readings) for each in registers.listed(connection)}
    return frozenset(
        register_id
        for register_id, higher in above.items()
        if may(grants, permission, register_id, higher)
        and _within_limits(actor, permission, register_id, higher)
    )
