"""Dispatch over several machines: Celery on RabbitMQ. The message is an order's id; the row is the truth.

A message that comes twice finds the order claimed; one that is lost is sent again by the next tick; a worker that
dies leaves a lease that runs out. So nothing depends on the broker's memory: results are ignored, no eta, no beat.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from uuid import uuid4

from celery import Celery
from celery.signals import setup_logging, worker_process_init, worker_process_shutdown
from kombu.exceptions import OperationalError

from harvester.worker import Worker
from registry.model.lanes import Lanes
from registry.store import claims
from registry.store.engine import Engines, transaction

TASK = "mulu.carry_out"
_RESEND = timedelta(minutes=2)


def celery_app(url: str, queue: str, *, time_limit_seconds: int = 1500) -> Celery:
    """A Celery application that takes orders from ``queue`` of the broker at ``url`` (amqp://…).

    One order at a time in each process, acknowledged when it has ended: an unacknowledged message older than
    RabbitMQ's consumer_timeout (30 min) would end the worker, so the hard limit lies below it.
    """
    app = Celery("mulu", broker=url, set_as_current=False)
    app.conf.update(
        task_default_queue=queue,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=False,
        task_time_limit=time_limit_seconds,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        broker_connection_retry_on_startup=True,
        worker_hijack_root_logger=False,
        task_default_delivery_mode="persistent",
        task_serializer="json",
        accept_content=["json"],
    )
    return app


def unreachable(app: Celery, seconds: float) -> str | None:
    """Why the broker of ``app`` does not answer within ``seconds``; None where it does."""
    connection = app.connection_for_write(connect_timeout=seconds)
    try:
        with connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=seconds)
    except (*connection.connection_errors, *connection.channel_errors, OperationalError, OSError) as error:
        return (str(error).strip().splitlines() or [type(error).__name__])[0]
    return None


class QueueDispatcher:
    """Sends waiting orders to the broker; those that were sent a while ago and still wait are sent again."""

    def __init__(
        self, app: Celery, engines: Engines, clock: Callable[[], datetime], lanes: Lanes | None = None
    ) -> None:
        self._app, self._engines, self._clock, self._lanes = app, engines, clock, lanes or Lanes()

    def send(self) -> int:
        """Send what is to be carried out soon; returns how many messages. Raises where the broker does not answer."""
        now = self._clock()
        with transaction(self._engines.write) as connection:
            waiting = claims.undispatched(connection, now, _RESEND, self._lanes)
            claims.mark_dispatched(connection, waiting, now)
        for order_id in waiting:
            self._app.send_task(TASK, (order_id,))
        return len(waiting)


def serve_orders(
    app: Celery,
    worker: AbstractContextManager[Worker],
    looking_out: Callable[[Worker], Callable[[], object]],
    *,
    processes: int,
) -> None:
    """Carry out orders in ``processes`` processes until SIGTERM, which lets those that are running end.

    Each process enters ``worker`` after the fork, and logs as the caller has set it up. What an order brings
    about is sent on at once. What ``looking_out`` gives for the worker is called before each order.
    """
    held: list[tuple[Worker, Callable[[], object]]] = []
    closing = ExitStack()

    @setup_logging.connect(weak=False)  # type: ignore[untyped-decorator]
    def _keep_logging(**_: object) -> None:
        """Celery sets up its own logging, which would silence ours, unless somebody answers this."""

    @worker_process_init.connect(weak=False)  # type: ignore[untyped-decorator]
    def _open(**_: object) -> None:
        opened = closing.enter_context(worker)
        closing.enter_context(opened.employed(1))
        held.append((opened, looking_out(opened)))

    @worker_process_shutdown.connect(weak=False)  # type: ignore[untyped-decorator]
    def _close(**_: object) -> None:
        closing.close()

    @app.task(name=TASK)  # type: ignore[untyped-decorator]
    def _carry_out(order_id: int) -> None:
        opened, look_out = held[0]
        look_out()
        opened.carry_out(order_id)
        QueueDispatcher(app, opened.engines, opened.claims.clock, opened.claims.lanes).send()

    app.Worker(
        hostname=f"{uuid4()}@{platform.node()}",
        quiet=True,
        pool="prefork",
        concurrency=processes,
        loglevel="WARNING",
        without_mingle=True,
    ).start()
