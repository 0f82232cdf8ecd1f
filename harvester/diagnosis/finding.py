"""What a check says: how it stands, what was found, and the way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from registry.model.issue import Text

NOTHING = Text("", "")


class State(StrEnum):
    """How something stands, from good to bad."""

    WELL = "well"
    SKIPPED = "skipped"  # it could not be looked at, for a reason that stands elsewhere
    WARNING = "warning"  # all works, but not for long, or not as well as it should
    FAILED = "failed"  # something does not work


class Check(StrEnum):
    """What is looked at."""

    SETTINGS = "settings"
    SECRETS = "secrets"
    CREDENTIALS = "credentials"
    MODES = "modes"
    DISK = "disk"
    DATABASE = "database"
    MIGRATIONS = "migrations"
    CLOCK = "clock"
    PUBLICATION = "publication"
    WORKERS = "workers"
    INDEX = "index"
    BROKER = "broker"
    CANARIES = "canaries"
    SOURCES = "sources"


TITLES: dict[Check, Text] = {
    Check.SETTINGS: Text("设置", "settings"),
    Check.SECRETS: Text("密钥", "secrets"),
    Check.CREDENTIALS: Text("来源凭据", "credentials"),
    Check.MODES: Text("文件权限", "file modes"),
    Check.DISK: Text("磁盘", "disk"),
    Check.DATABASE: Text("数据库", "database"),
    Check.MIGRATIONS: Text("库结构", "migrations"),
    Check.CLOCK: Text("时钟", "clock"),
    Check.PUBLICATION: Text("发布", "publication"),
    Check.WORKERS: Text("工作进程", "workers"),
    Check.INDEX: Text("检索索引", "search index"),
    Check.BROKER: Text("消息队列", "broker"),
    Check.CANARIES: Text("金丝雀", "canaries"),
    Check.SOURCES: Text("来源", "sources"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis. ``subject``: the source, file or canary that it is about, empty for none;
    ``way_out``: what a person can do, empty where there is nothing to do. ``blocks``: checks that need the store
    cannot be made behind this one."""

    check: Check
    state: State
    text: Text
    way_out: Text = NOTHING
    subject: str = ""
    blocks: bool = False


def worst(findings: Iterable[Finding]) -> State:
    """The worst state among ``findings``."""
    order = list(State)
    return max((each.state for each in findings), key=order.index, default=State.WELL)
