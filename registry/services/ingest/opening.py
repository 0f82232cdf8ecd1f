"""Beginning a run: what window to ask for, what to do with the source's unsettled run, and beginning anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from registry.errors import LeaseLost
from registry.model.issue import Text
from registry.model.order import Order
from registry.model.run import Ending, RunStatus, Scope, Verdict, Walk, Window
from registry.model.source import Protocol, SourceDescription, SourceStatus
from registry.services.ordering import Claims
from registry.store import orders, runs, sources
from registry.store.engine import Connection, Engine, transaction

_GIVEN_UP = Text(
    zh="运行 {run} 已被放弃({status})，本进程停止写入。",
    en="run {run} was given up ({status}); this worker stops writing.",
)
_BEGUN_ANEW = Text(
    zh="来源不再承认续传令牌，列表已在下一次运行中从头采集。",
    en="the source no longer knew its resumption token; the next run began the list anew.",
)

_EARLIEST = datetime(
    1970, 1, 1, tzinfo=UTC
)  # a source whose clock stands before that is asked for everything


@dataclass(frozen=True, slots=True)
class Windowing:
    """How windows are chosen: ``overlap`` is subtracted from the cursor of a DELTA harvest (a source's clock
    and commits are not ours); every ``full_every`` a full list is asked for, to reconcile."""

    overlap: timedelta = timedelta(minutes=10)
    full_every: timedelta = timedelta(days=7)


def next_window(
    source: sources.Source, *, full: bool, rules_version: int, now: datetime, windowing: Windowing
) -> Window:
    """What the next harvest of ``source`` asks for. A list that was checked under other rules is asked for whole,
    whatever its ETag says. A plain XML document is always the whole list; the next delivery says
    itself what it is (``full`` begins again with the first that is there)."""
    protocol = source.description.protocol
    upgraded = source.rules_version != rules_version
    if protocol is Protocol.REGISTER:
        return Window(Scope.FULL) if full else Window(Scope.DELTA, after_sequence=source.cursor_sequence)
    if source.description.is_delivered:
        return Window(Scope.DELTA, etag="" if full else source.etag)
    if protocol is Protocol.XML_DOCUMENT:
        conditional = ("", "") if full or upgraded else (source.etag, source.last_modified)
        return Window(Scope.FULL, None, 0, *conditional)
    overdue = source.full_at is None or now - source.full_at >= windowing.full_every
    if full or overdue or upgraded or source.cursor_since is None or source.cursor_since < _EARLIEST:
        return Window(Scope.FULL)
    return Window(Scope.DELTA, since=source.cursor_since - windowing.overlap)


def open_run(
    engine: Engine, order: Order, *, rules_version: int, now: datetime, windowing: Windowing
) -> runs.Run | None:
    """The run in which ``order`` is carried out: a resumed one where a worker died, else a new one.

    None where the source is no longer approved as the order has it, or where a held run waits for a person
    and this order is not for a full list, which alone may supersede it (once it is decided, see
    ``closing``). The caller settles decided runs of the register first. Raises ``LeaseLost`` where the order
    has passed to another worker.
    """
    assert order.source is not None
    with transaction(engine) as connection:
        orders.hold(connection, order)
        source = sources.by_id(connection, order.source.id, lock=True)
        if not _is_approved(source, order.source):
            return None
        window = next_window(
            source, full=order.full, rules_version=rules_version, now=now, windowing=windowing
        )
        if window.scope is not Scope.FULL and runs.held(connection, source.id) is not None:
            return None
        standing = runs.under_way(connection, source.id)
        if standing is not None:
            if _can_resume(connection, standing, order.source, window, rules_version):
                runs.change(connection, standing.id, order_id=order.id)
                return runs.get(connection, standing.id)
            if standing.status is RunStatus.SETTLING:
                return None
            _give_up(connection, standing, now)
        run_id = runs.add(
            connection,
            source_id=source.id,
            register_id=order.register_id,
            order_id=order.id,
            cause="order",
            scope=window.scope,
            status=RunStatus.COLLECTING,
            window=window,
            rules_version=rules_version,
            now=now,
        )
        return runs.get(connection, run_id)


def collecting(connection: Connection, run_id: int) -> runs.Run:
    """The run, locked. Raises ``LeaseLost`` unless it is still being collected (its source was retired)."""
    run = runs.get(connection, run_id, lock=True)
    if run.status is not RunStatus.COLLECTING:
        raise LeaseLost(_GIVEN_UP.format(run=run.id, status=run.status))
    return run


def begin_anew(engine: Engine, claims: Claims, order: Order, run_id: int, now: datetime) -> runs.Run:
    """Leave a run behind whose list must be asked for from its beginning, for a new one of the same window.

    The old one has failed, with all that it staged; what it saw counts as seen by it alone. Raises ``LeaseLost``.
    """
    assert order.source is not None
    with transaction(engine) as connection:
        claims.renew(connection, order)
        sources.by_id(connection, order.source.id, lock=True)
        old = collecting(connection, run_id)
        runs.change(
            connection,
            run_id,
            status=str(RunStatus.FAILED),
            verdict=str(Verdict.PARTIAL),
            ending=str(Ending.PROTOCOL),
            walk=Walk(Ending.PROTOCOL, _BEGUN_ANEW),
            finished_at=now,
        )
        new_id = runs.add(
            connection,
            source_id=old.source_id,
            register_id=old.register_id,
            order_id=order.id,
            cause=old.cause,
            scope=old.scope,
            status=RunStatus.COLLECTING,
            window=old.window,
            rules_version=old.rules_version,
            now=now,
        )
        return runs.get(connection, new_id)


def _is_approved(source: sources.Source, asked: SourceDescription) -> bool:
    """Whether the source may be harvested, and as the order describes it (it may have waited for long)."""
    return source.status is SourceStatus.APPROVED and asked.fingerprint == source.approved_fingerprint


def _can_resume(
    connection: Connection,
    standing: runs.Run,
    asked: SourceDescription,
    window: Window,
    rules_version: int,
) -> bool:
    """A walk goes on where it stopped, if it stopped between answers (or before the first), at the same place,
    under the same rules."""
    begun_by = None if standing.order_id is None else orders.description(connection, standing.order_id)
    return (
        standing.status is RunStatus.COLLECTING
        and not standing.mid_answer
        and (bool(standing.checkpoint) or not standing.tally.pages)
        and standing.scope is window.scope
        and standing.rules_version == rules_version
        and begun_by is not None
        and begun_by.fingerprint == asked.fingerprint
    )


def _give_up(connection: Connection, standing: runs.Run, now: datetime) -> None:
    """End a run whose worker is gone and that cannot be resumed; nothing of it was visible."""
    runs.change(
        connection,
        standing.id,
        status=str(RunStatus.FAILED),
        ending=str(Ending.INTERRUPTED),
        finished_at=now,
    )
