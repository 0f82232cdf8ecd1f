"""Carrying out orders from the command line: here, and where another process was faster, by waiting for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harvester.dispatch.inline import Failed, drain
from harvester.worker import Outcome, Worker
from registry.model.datestamp import format_datestamp
from registry.model.issue import Text
from registry.model.order import Obstacle, OrderStatus
from registry.store import orders, runs
from registry.store.engine import Connection
from registry.store.runs import Run

_POLL_SECONDS = 0.3

_HELD_BEFORE = Text(
    zh="该来源有待人工处理的运行；请先用 mulu run list --status held 查看并处理。",
    en="a held run of this source waits for a person; see `mulu run list --status held`.",
)
_NOT_APPROVED = Text(
    zh="该来源下达采集任务后已暂停、注销或修改，未采集；请用 mulu source show 查看。",
    en="the source was suspended, retired or changed behind this order and was not harvested; see "
    "`mulu source show`.",
)
_STOPPED = Text(
    zh="发布已停止，该来源上一次运行尚待发布；请用 mulu doctor 查看。",
    en="publication is stopped, and the last run of this source waits for it; see `mulu doctor`.",
)
_BEHIND = {
    Obstacle.HELD_RUN: ("waiting", _HELD_BEFORE),
    Obstacle.NOT_APPROVED: (str(OrderStatus.FAILED), _NOT_APPROVED),
    Obstacle.STOPPED: ("waiting", _STOPPED),
}
_POSTPONED = Text(
    zh="{failure}；{at} 之后由 mulu serve 或下一次 mulu harvest 从断点继续。",
    en="{failure}; from {at} on, `mulu serve` or the next `mulu harvest` goes on at its checkpoint.",
)
_ELSEWHERE = Text(zh="由另一进程完成。", en="carried out by another process.")
_OURS = Text(
    zh="本系统自身出错({error})，并非来源的问题，其余来源不受影响；详情见日志。请运行 mulu doctor 检查，再采集一次;"
    "若再次出现，请连同日志报告。",
    en="a failure of this program ({error}), not of the source; the others are not affected, the log tells more. Run "
    "`mulu doctor` and harvest again; if it comes again, report it with the log.",
)
_ERROR_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Ended:
    """An order that has ended. ``status``: of the order; ``waiting`` where a held run, or the stop of publication,
    was in its way, ``failed`` where its source may no longer be harvested, or something of ours failed (``is_ours``).
    ``message`` says more where there is no run."""

    order_id: int
    source_code: str
    register_code: str
    run: Run | None
    seconds: float
    status: str
    message: Text | None = None
    is_ours: bool = False

    @classmethod
    def here(cls, outcome: Outcome) -> Ended:
        """An order that this process has carried out."""
        status, message = _told(outcome.detail, OrderStatus.DONE, None)
        return cls(
            outcome.order_id,
            outcome.source_code,
            outcome.register_code,
            outcome.run,
            outcome.seconds,
            status,
            message,
        )


def _told(detail: Mapping[str, Any], status: OrderStatus, message: Text | None) -> tuple[str, Text | None]:
    """The status and the message of an order that ended with ``detail``; those given, but behind an obstacle."""
    ending = detail.get("ending")
    return _BEHIND[Obstacle(ending)] if ending in list(Obstacle) else (str(status), message)


def carry_out(
    worker: Worker, placed: Sequence[int], *, threads: int, tell: Callable[[Outcome], None]
) -> list[Ended]:
    """Carry out ``placed`` orders and whatever else waits (the registers above); returns all that ended,
    those that another process has carried out among them, and those in which something of ours failed. ``tell`` hears
    of each as it ends here."""
    failed: list[Failed] = []
    ended = [Ended.here(outcome) for outcome in drain(worker, threads=threads, tell=tell, fail=failed.append)]
    ended += [_failed(worker, each.order_id, _told_of(each.failure)) for each in failed]
    elsewhere = sorted(set(placed) - {each.order_id for each in ended})
    return ended + [_wait_for(worker, order_id) for order_id in elsewhere]


def _told_of(failure: BaseException) -> str:
    return f"{type(failure).__name__}: {failure}"


def _failed(worker: Worker, order_id: int, error: str) -> Ended:
    """An order in which something of ours failed, for this reason."""
    with worker.engines.read.connect() as connection:
        described = orders.description(connection, order_id)
    source, register = (described.code, described.register_code) if described else ("", "")
    first = next(iter(error.splitlines()), "")[:_ERROR_CHARACTERS]
    message = _OURS.format(error=first)
    return Ended(order_id, source, register, None, 0.0, str(OrderStatus.FAILED), message, is_ours=True)


def _wait_for(worker: Worker, order_id: int) -> Ended:
    """An order that another process has claimed: wait until it has ended, unless it is postponed."""
    while True:
        now = worker.claims.clock()
        with worker.engines.read.connect() as connection:
            status, outcome, not_before = orders.state(connection, order_id)
            if status is OrderStatus.WAITING and not_before is not None and not_before > now:
                return _postponed(connection, order_id, not_before)
            if status is OrderStatus.FAILED and (error := (outcome or {}).get("error")):
                return _failed(worker, order_id, error)
            if status in (OrderStatus.DONE, OrderStatus.FAILED):
                run_id = (outcome or {}).get("run")
                run = runs.get(connection, run_id) if run_id else None
                source = run.source_code if run else ""
                return Ended(order_id, source, "", run, 0.0, *_told(outcome or {}, status, _ELSEWHERE))
        worker.road.sleep(_POLL_SECONDS)


def _postponed(connection: Connection, order_id: int, at: datetime) -> Ended:
    described = orders.description(connection, order_id)
    source = described.code if described else ""
    register = described.register_code if described else ""
    standing = runs.under_way(connection, described.id) if described else None
    failure = standing.walk.message if standing and standing.walk else ""
    message = _POSTPONED.format(failure=failure, at=format_datestamp(at))
    return Ended(order_id, source, register, None, 0.0, str(OrderStatus.WAITING), message)
