"""Raw content is shown to people on demand: with a reason, as one event each, in the transaction that hands it out.

What was received is kept as it came; documents and messages are masked. So this is where personal data can be seen.
"""

from __future__ import annotations

from datetime import datetime

from registry.errors import NotFound
from registry.model.event import Actor, Event
from registry.model.issue import Text
from registry.model.role import Permission
from registry.services import access
from registry.services.reviewing import need_reason
from registry.store import events, issues, raw, records, registers, runs, sources
from registry.store.engine import Connection, Engine, transaction

_NOT_KEPT = Text(
    zh="原始内容没有保留：超过保存期限、已抹除、一次运行拒收的过多(harvest.refused_bytes),"
    "或这条记录读自另一登记册(在那里查看)。",
    en="the raw content is not kept: its time has run out, it was erased, its run refused more than it keeps "
    "(harvest.refused_bytes), or the record was read from another register (look at it there).",
)


def record(
    engine: Engine,
    register_code: str,
    identifier: str,
    source_code: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str,
) -> bytes:
    """The bytes from which a source's record under an identifier was read. Raises ``NotFound`` where there are none,
    ``Forbidden``, ``Refused`` without a reason."""
    with transaction(engine) as connection:
        register = registers.get(connection, register_code)
        access.require(connection, actor, Permission.REVEAL, register.id)
        need_reason(reason)
        source = sources.get(connection, source_code)
        digest = records.raw_digest(connection, register.id, source.id, identifier)
        content = _bytes(connection, digest)
        told = {"identifier": identifier, "source": source_code, "digest": digest.hex()}
        subject = f"register:{register_code}"
        events.record(
            connection, Event(actor, "reveal", subject, reason, after=told, register_id=register.id), now
        )
        return content


def refused(engine: Engine, run_id: int, issue_id: int, *, actor: Actor, now: datetime, reason: str) -> bytes:
    """The bytes in which a run found an issue: a record, or an answer that could not be read. Raises as
    :func:`record`."""
    with transaction(engine) as connection:
        run = runs.get(connection, run_id)
        access.require(connection, actor, Permission.REVEAL, run.register_id)
        need_reason(reason)
        found = issues.of_run_by_id(connection, run_id, issue_id)
        digest = b"" if found is None else found.raw_digest
        content = _bytes(connection, digest)
        told = {"issue": issue_id, "digest": digest.hex()}
        if found is not None and found.identifier:
            told["identifier"] = found.identifier
        event = Event(actor, "reveal", f"run:{run_id}", reason, after=told, register_id=run.register_id)
        events.record(connection, event, now)
        return content


def _bytes(connection: Connection, digest: bytes) -> bytes:
    content = raw.content(connection, digest) or b"".join(raw.page_pieces(connection, digest))
    if not digest or not content:
        raise NotFound(_NOT_KEPT)
    return content
