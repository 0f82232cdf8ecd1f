"""``mulu work``: one of many workers that a broker hands orders to."""

from __future__ import annotations

import click

from harvester.commands.bridge import Bridge, pass_bridge, queueing
from registry.commands.session import Session, pass_session, reading
from registry.errors import Refused
from registry.model.issue import Text

_NO_BROKER = Text(
    zh="没有设置 queue.url；只有一台机器时，mulu serve 会自行采集。",
    en="queue.url is not set; where there is one machine only, `mulu serve` harvests by itself.",
)


@click.command("work")
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="Orders at once.")
@reading
@pass_session
@pass_bridge
def work(bridge: Bridge, session: Session, processes: int) -> None:
    """Carry out the orders that the broker (queue.url) hands out, until SIGTERM or Ctrl-C.

    Start it on as many machines as you like, beside one or more `mulu serve`.

    \b
    Example:
      MULU_QUEUE_URL=amqp://mulu@broker.internal/ mulu work --processes 4
    """
    session.tells_all = True
    queue = session.settings.queue
    if not queue.url:
        raise Refused(_NO_BROKER)
    session.require_store()
    session.engines.dispose()  # connections must not be shared with the processes that are forked now
    dispatch = queueing()
    dispatch.serve_orders(
        dispatch.celery_app(queue.url, queue.name),
        bridge.worker(session),
        bridge.looking_out(session),
        processes=processes,
    )
