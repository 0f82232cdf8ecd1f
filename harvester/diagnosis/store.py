"""The database: does it answer, has it the right shape, and do the clocks agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from config.secrets import without_password
from harvester.diagnosis.finding import Check, Finding, State
from harvester.diagnosis.patient import Patient
from registry.errors import Conflict
from registry.model.datestamp import format_datestamp
from registry.model.issue import Text
from registry.store import registers, stops
from registry.store.condition import OLDEST, Condition, condition_of

CLOCKS_APART = timedelta(seconds=1)
"""So far apart a web host and a worker may be before a harvester of ours can miss a record (docs/operations.md)."""

AHEAD = timedelta(seconds=3)
"""A publication is dated up to two seconds ahead; a second more is the clocks'."""

_NO_STORE = Text("没有目录库：{place}", "there is no store: {place}")
_INIT = Text("请先运行 mulu init", "run `mulu init` first")
_NO_ANSWER = Text("数据库无应答：{fault}", "the database does not answer: {fault}")
_CHECK_URL = Text(
    "请检查 database.url（{place}）、网络和数据库服务",
    "check database.url ({place}), the network and the server",
)
_ANSWERS = Text("{product} {version} 可读可写", "{product} {version} can be read and written")
_OLD = Text("{product} {version} 过旧", "{product} {version} is too old")
_NEWER_ONE = Text("请升级到 {version} 或更新版本", "upgrade to {version} or later")
_READ_ONLY = Text("数据库无法写入：{fault}", "the database cannot be written to: {fault}")
_PRIMARY = Text(
    "请检查文件权限、磁盘，或是否连到了只读副本",
    "check the file's mode and the disk, or whether this is a read-only replica",
)
_AT_HEAD = Text("库结构与程序一致", "the store has the shape that this version needs")
_BEHIND = Text("尚未执行的迁移：{revisions}", "migrations that have not been applied: {revisions}")
_DIFFERS = Text("库结构不符：{difference}", "the store differs: {difference}")
_UPGRADE = Text(
    "请运行 mulu db upgrade；如仍不符，见 mulu db check", "run `mulu db upgrade`, then `mulu db check`"
)
_NEWER_PROGRAM = Text(
    "请使用与目录库相配的程序版本", "use the version of the program that goes with the store"
)
_AGREE = Text("时钟与数据库一致，没有倒退", "the clocks agree, and have not gone back")
_APART = Text(
    "本机时钟比数据库{which} {seconds:.1f} 秒",
    "this machine's clock is {seconds:.1f} seconds {which} the database's",
)
_NTP = Text(
    "请用 NTP 校准所有机器；相差一秒以上时，下游可能漏采",
    "keep all machines in step by NTP: beyond a second, a harvester of ours can miss records",
)
_BACK = Text(
    "最新发布时间 {dated} 比本机时钟晚 {seconds:.0f} 秒：时钟曾倒退",
    "the newest publication is dated {dated}, {seconds:.0f} seconds ahead of this machine: a clock went back",
)
_WAIT = Text(
    "请校准时钟；在追上该时间之前，新发布的时间戳都不早于它",
    "set the clock; until it has caught up, nothing that is published is shown",
)
_PUBLISHES = Text("发布正常", "publication goes on")


def database(patient: Patient) -> Iterator[Finding]:
    """Does it answer, by both engines, and is it new enough?"""
    place = without_password(patient.settings.database_url)
    found = Condition() if patient.engines is None else condition_of(patient.engines)
    version = ".".join(str(part) for part in found.version)
    if found.fault:
        yield _blocking(Check.DATABASE, _NO_ANSWER.format(fault=found.fault), _CHECK_URL.format(place=place))
    elif found.revision is None:
        yield _blocking(Check.DATABASE, _NO_STORE.format(place=place), _INIT)
    elif found.not_writable:
        yield _blocking(Check.DATABASE, _READ_ONLY.format(fault=found.not_writable), _PRIMARY)
    elif found.is_old:
        oldest = ".".join(str(part) for part in OLDEST[found.product])
        text = _OLD.format(product=found.product, version=version)
        yield Finding(Check.DATABASE, State.FAILED, text, _NEWER_ONE.format(version=oldest))
    else:
        yield Finding(Check.DATABASE, State.WELL, _ANSWERS.format(product=found.product, version=version))


def _blocking(check: Check, text: Text, way_out: Text) -> Finding:
    """Without this, nothing else can be asked of the store."""
    return Finding(check, State.FAILED, text, way_out, blocks=True)


def migrations(patient: Patient) -> Iterator[Finding]:
    """Has the store the shape that this version of the program needs?"""
    from registry.store import upgrade  # loads Alembic: half a second

    assert patient.engines is not None
    try:
        missing = upgrade.missing(patient.engines.read)
    except Conflict as newer:
        yield _blocking(Check.MIGRATIONS, newer.text, _NEWER_PROGRAM)
        return
    if missing:
        yield _blocking(Check.MIGRATIONS, _BEHIND.format(revisions=", ".join(missing)), _UPGRADE)
        return
    differences = upgrade.check(patient.engines.read)
    for each in differences:
        yield Finding(Check.MIGRATIONS, State.FAILED, _DIFFERS.format(difference=each), _UPGRADE)
    if not differences:
        yield Finding(Check.MIGRATIONS, State.WELL, _AT_HEAD)


def clock(patient: Patient) -> Iterator[Finding]:
    """Against the database's own, and against what was published last."""
    assert patient.engines is not None
    before = patient.clock()
    condition = condition_of(patient.engines)
    now = patient.clock()
    with patient.engines.read.connect() as connection:
        dated = [each.published_at for each in registers.listed(connection) if each.published_at]
    findings = [*_against_server(condition, before, now)]
    ahead = max(dated, default=now) - now
    if ahead > AHEAD:
        text = _BACK.format(dated=format_datestamp(max(dated)), seconds=ahead.total_seconds())
        findings.append(Finding(Check.CLOCK, State.FAILED, text, _WAIT))
    yield from findings or [Finding(Check.CLOCK, State.WELL, _AGREE)]


def _against_server(condition: Condition, before: datetime, after: datetime) -> Iterator[Finding]:
    """The server told its time between ``before`` and ``after`` by our clock."""
    if condition.now is None or before - CLOCKS_APART <= condition.now <= after + CLOCKS_APART:
        return
    fast = condition.now < before
    seconds = abs(((before if fast else after) - condition.now).total_seconds())
    text = Text(
        _APART.zh.format(which="快" if fast else "慢", seconds=seconds),
        _APART.en.format(which="ahead of" if fast else "behind", seconds=seconds),
    )
    yield Finding(Check.CLOCK, State.FAILED, text, _NTP)


def publication(patient: Patient) -> Iterator[Finding]:
    """Is it stopped?"""
    assert patient.engines is not None
    with patient.engines.read.connect() as connection:
        stop = stops.standing(connection)
    if stop is None:
        yield Finding(Check.PUBLICATION, State.WELL, _PUBLISHES)
        return
    yield Finding(Check.PUBLICATION, State.FAILED, stop.told, stop.way_out, stop.set_by)
