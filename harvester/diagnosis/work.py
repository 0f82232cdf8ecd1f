"""Is somebody at work: are orders carried out, is the search index fed, does the broker answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from harvester.diagnosis.finding import Check, Finding, State
from harvester.diagnosis.patient import Patient
from registry.model.datestamp import format_datestamp
from registry.model.issue import Text
from registry.services import ordering
from registry.store import orders, registers, sources

OVERDUE = timedelta(minutes=10)
"""Whoever is at work takes over what another left within a poll, and feeds the index right behind a publication."""

DUE_LONG_AGO = timedelta(hours=1)
_BROKER_SECONDS = 5.0

_LAPSED = Text(
    "{count} 个任务的工作进程已消失，最早的自 {since} 起无人接手",
    "{count} orders have lost their worker, and nobody has taken over since {since}",
)
_WAITING = Text(
    "{count} 个任务在等待，最早的始于 {since}，没有工作进程",
    "{count} orders wait, the oldest since {since}, and no worker is alive",
)
_START = Text("请启动 mulu serve（多机：mulu work）", "start `mulu serve` (on many machines: `mulu work`)")
_BUSY = Text(
    "任务积压：{count} 个等待，最早的始于 {since}",
    "work is piling up: {count} orders wait, the oldest since {since}",
)
_MORE = Text("请增加工作进程，或降低采集频率", "start more workers, or harvest less often")
_NO_CLOCK = Text(
    "{count} 个来源早该采集（最早 {since}），却没有 mulu serve 在运行",
    "{count} sources have been due since {since}, and no `mulu serve` is running",
)
_AT_WORK = Text(
    "没有积压：{alive} 个任务进行中，{waiting} 个等待", "{alive} orders are under way, {waiting} wait"
)
_BEHIND = Text(
    "登记册 {register} 的检索索引落后 {count} 个版本",
    "the search index of the register {register} is {count} versions behind",
)
_FEED = Text(
    "下一次发布时会补上；若仍落后，请查看工作进程日志", "the next publication feeds it; see the workers' log"
)
_FED = Text("索引与登记册一致", "the search index has everything that is published")
_NO_BROKER = Text(
    "未设置 queue.url，由 mulu serve 自行采集", "queue.url is not set: `mulu serve` harvests by itself"
)
_BROKER_ANSWERS = Text("消息队列可连接", "the broker answers")
_CHECK_BROKER = Text("请检查 queue.url、网络和 RabbitMQ", "check queue.url, the network and RabbitMQ")


def workers(patient: Patient) -> Iterator[Finding]:
    """Are there claims that nobody took over, orders that nobody takes, sources that nobody looks for?"""
    assert patient.engines is not None
    now = patient.clock()
    with patient.engines.read.connect() as connection:
        backlog = orders.backlog(connection, now)
        due = sources.due(connection, now - DUE_LONG_AGO, 10_000)
    found = [*_backlog(backlog, now)]
    if due and not ordering.is_scheduled(patient.engines.read, now):
        since = format_datestamp(min(each.due_at for each in due if each.due_at))
        text = _NO_CLOCK.format(count=len(due), since=since)
        found.append(Finding(Check.WORKERS, State.WARNING, text, _START))
    if not found:
        text = _AT_WORK.format(alive=backlog.alive, waiting=backlog.waiting)
        found.append(Finding(Check.WORKERS, State.WELL, text))
    yield from found


def _backlog(backlog: orders.Backlog, now: datetime) -> Iterator[Finding]:
    late = now - OVERDUE
    if backlog.lapsed_since is not None and backlog.lapsed_since <= late:
        text = _LAPSED.format(count=backlog.lapsed, since=format_datestamp(backlog.lapsed_since))
        state, way_out = (State.WARNING, _MORE) if backlog.alive else (State.FAILED, _START)
        yield Finding(Check.WORKERS, state, text, way_out)
    if backlog.waiting_since is not None and backlog.waiting_since <= late:
        since = format_datestamp(backlog.waiting_since)
        if backlog.alive:
            text = _BUSY.format(count=backlog.waiting, since=since)
            yield Finding(Check.WORKERS, State.WARNING, text, _MORE)
        else:
            text = _WAITING.format(count=backlog.waiting, since=since)
            yield Finding(Check.WORKERS, State.FAILED, text, _START)


def index(patient: Patient) -> Iterator[Finding]:
    """Does the search index hold what was published a while ago?"""
    assert patient.engines is not None
    late = patient.clock() - OVERDUE
    behind = False
    with patient.engines.read.connect() as connection:
        for each in registers.listed(connection):
            missing = each.mark - registers.indexed_through(connection, each.id)
            if missing > 0 and each.published_at is not None and each.published_at <= late:
                behind = True
                text = _BEHIND.format(register=each.code, count=missing)
                yield Finding(Check.INDEX, State.WARNING, text, _FEED, each.code)
    if not behind:
        yield Finding(Check.INDEX, State.WELL, _FED)


def broker(patient: Patient) -> Iterator[Finding]:
    """Where one is set: does it answer?"""
    if not patient.settings.queue.url:
        yield Finding(Check.BROKER, State.WELL, _NO_BROKER)
        return
    fault = patient.broker(_BROKER_SECONDS)
    if fault is None:
        yield Finding(Check.BROKER, State.WELL, _BROKER_ANSWERS)
    else:
        yield Finding(Check.BROKER, State.FAILED, fault, _CHECK_BROKER)
