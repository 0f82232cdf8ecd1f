"""Orders go through a real broker to a worker in another process, and what they bring about follows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from harvester.dispatch.queue import QueueDispatcher, celery_app, unreachable
from registry.model.event import Actor
from registry.model.register import Level
from registry.model.source import Protocol
from registry.services import ordering
from registry.store.engine import Engines
from registry.store.tables import orders
from tests.factories import Installation, live

REPOSITORY = Path(__file__).parents[2]
PATIENCE_SECONDS = 60


@pytest.fixture
def queue(amqp_url: str) -> Iterator[str]:
    """A queue of this test, deleted at its end."""
    name = f"mulu.test.{uuid4()}"
    yield name
    with celery_app(amqp_url, name).connection_for_write() as connection:
        connection.default_channel.queue_delete(name)


@contextmanager
def working(
    database_url: str, amqp_url: str, queue: str, home: Path, processes: int = 1, **environment: str
) -> Iterator[Path]:
    """``mulu work`` on the store, stopped by SIGTERM at the end; yields where its log lines go."""
    log = home / "work.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "cli.py", "work", "--processes", str(processes), "--home", str(home)],
            cwd=REPOSITORY,
            env={
                **os.environ,
                **environment,
                "MULU_DATABASE_URL": database_url,
                "MULU_QUEUE_URL": amqp_url,
                "MULU_QUEUE_NAME": queue,
                "MULU_LOG_LEVEL": "debug",
            },
            stderr=stream,
        )
    try:
        yield log
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def all_done(engines: Engines) -> bool:
    with engines.read.connect() as connection:
        return set(connection.scalars(select(orders.c.status))) == {"done"}


def test_an_order_is_carried_out_elsewhere_and_the_next_one_follows(
    database_url: str, engines: Engines, amqp_url: str, queue: str, tmp_path: Path
) -> None:
    installation = Installation(engines)
    city = installation.register_with_source("330100")
    installation.register("330000", "浙江省", Level.PROVINCIAL)
    installation.register("000000", "全国", Level.NATIONAL)
    province = installation.source("up-330100", "330000", location="330100", protocol=Protocol.REGISTER)
    installation.source("up-330000", "000000", location="330000", protocol=Protocol.REGISTER)
    installation.deliver(city, [live("a"), live("b")])
    now = datetime.now(UTC)
    ordering.order_harvest(engines.write, province, full=True, actor=Actor("test"), now=now)

    dispatcher = QueueDispatcher(celery_app(amqp_url, queue), engines, lambda: datetime.now(UTC))
    assert dispatcher.send() >= 1
    assert dispatcher.send() == 0
    with working(database_url, amqp_url, queue, tmp_path) as log:
        end = time.monotonic() + PATIENCE_SECONDS
        while not (all_done(engines) and installation.read("000000").mark) and time.monotonic() < end:
            time.sleep(0.1)
    assert installation.read("330000").entries == 2
    assert installation.read("000000").entries == 2
    assert all_done(engines)
    told = [line for line in log.read_text().splitlines() if "event=order.done" in line]
    assert len(told) == 2, "each order that a worker carried out stands in its log"
    assert "source=up-330000" in log.read_text()
    assert "event=canary.sent" in log.read_text(), "ahead of the orders"
    assert "event=canary.odd" not in log.read_text()


def test_a_broker_that_answers_is_told_from_one_that_does_not(amqp_url: str) -> None:
    assert unreachable(celery_app(amqp_url, "mulu.test"), 5) is None
    assert (
        "refused"
        in (unreachable(celery_app("amqp://guest:geheim@127.0.0.1:9/", "mulu.test"), 2) or "").lower()
    )
    host = amqp_url.rpartition("@")[2].removeprefix("amqp://")
    fault = unreachable(celery_app(f"amqp://nobody:geheim@{host}", "mulu.test"), 5)
    assert fault is not None
    assert "geheim" not in fault
