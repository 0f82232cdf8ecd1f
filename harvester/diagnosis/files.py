"""Keys that are there, files that nobody else may read, and room on the disk."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from config.load import FILE_NAME
from config.secrets import SecretError, without_password
from harvester.diagnosis.finding import Check, Finding, State
from harvester.diagnosis.patient import Patient
from registry.model.issue import Text
from registry.model.source import SourceStatus
from registry.store import sources

MB = 1 << 20
LEAST_FREE, FREE_ENOUGH = 200 * MB, 2048 * MB
"""Below the first nothing can be written before long; below the second somebody should look."""

_READABLE = Text("设置可读：{home}", "the settings can be read: {home}")
_NOT_WRITABLE = Text("无法写入 {home}", "{home} cannot be written to")
_NO_HOME = Text("没有文件夹 {home}", "there is no folder {home}")
_INIT = Text("请先运行 mulu init，或用 --home 指明所在", "run `mulu init` first, or say where with --home")
_OWNER = Text("请把该文件夹交给运行本程序的用户", "give the folder to the user that runs this program")
_KEYS = Text("{count} 个密钥可读", "{count} keys can be read")
_CREDENTIALS = Text(
    "来源引用的 {count} 项凭据和证书可读", "{count} credentials and certificates of sources can be read"
)
_REMAKE = Text(
    "若曾有过该密钥，请从备份恢复；否则运行 mulu init 生成（见 docs/operations.md“Keys”）",
    "where there was one, restore it from a backup; else `mulu init` makes it (docs/operations.md, Keys)",
)
_SOURCE_SECRET = Text("来源 {source}：{sentence}", "source {source}: {sentence}")
_SET_IT = Text("请在运行采集的每台机器上提供它", "provide it on every machine that harvests")
_OTHERS_READ = Text("其他用户可以读取 {path}（权限 {mode}）", "others may read {path} (mode {mode})")
_CHMOD = Text("chmod {mode} {path}", "chmod {mode} {path}")
_PRIVATE = Text("密钥和目录库只有本用户可读", "keys and store are readable by their owner only")
_FREE = Text("{path} 剩余 {free} MB", "{free} MB are free at {path}")
_MAKE_ROOM = Text(
    "请清理或扩大该磁盘；写满后采集与发布都会停止",
    "make room there: when it is full, harvesting and publishing stop",
)


def settings(patient: Patient) -> Iterator[Finding]:
    """They could be read (or nobody would be here); can the home folder be written to?"""
    home = patient.settings.home
    if not home.is_dir():
        yield Finding(Check.SETTINGS, State.FAILED, _NO_HOME.format(home=home), _INIT, str(home))
        return
    yield Finding(Check.SETTINGS, State.WELL, _READABLE.format(home=home))
    if not os.access(home, os.W_OK | os.X_OK):
        yield Finding(Check.SETTINGS, State.FAILED, _NOT_WRITABLE.format(home=home), _OWNER, str(home))


def keys(patient: Patient) -> Iterator[Finding]:
    """The keys of the installation."""
    count = 0
    for reference in patient.settings.secrets.references:
        try:
            patient.keyring.key(reference, make=False)
            count += 1
        except SecretError as error:
            state = State.WARNING if _is_yet_to_be_made(patient, reference) else State.FAILED
            yield Finding(Check.SECRETS, state, Text(error.zh, error.en), _REMAKE, reference)
        except OSError as error:
            yield Finding(Check.SECRETS, State.FAILED, _unreadable(reference, error), _OWNER, reference)
    yield Finding(Check.SECRETS, State.WELL, _KEYS.format(count=count))


def credentials(patient: Patient) -> Iterator[Finding]:
    """What approved sources refer to."""
    assert patient.engines is not None
    with patient.engines.read.connect() as connection:
        named = sources.references(connection, [SourceStatus.APPROVED])
    count = 0
    for source, reference in named:
        try:
            patient.keyring.credential(reference)
            count += 1
        except (SecretError, OSError) as error:
            told = (
                Text(error.zh, error.en) if isinstance(error, SecretError) else _unreadable(reference, error)
            )
            sentence = Text(
                _SOURCE_SECRET.zh.format(source=source, sentence=told.zh),
                _SOURCE_SECRET.en.format(source=source, sentence=told.en),
            )
            yield Finding(Check.CREDENTIALS, State.FAILED, sentence, _SET_IT, source)
    yield Finding(Check.CREDENTIALS, State.WELL, _CREDENTIALS.format(count=count))


def _unreadable(reference: str, error: OSError) -> Text:
    return Text(f"{reference} 无法读取（{error.strerror}）", f"{reference} cannot be read ({error.strerror})")


def _is_yet_to_be_made(patient: Patient, reference: str) -> bool:
    """Whether a key is a file that is not there: whoever needs it first makes one."""
    scheme, _, name = reference.partition(":")
    return scheme == "file" and not (patient.keyring.folder / name).exists()


def modes(patient: Patient) -> Iterator[Finding]:
    """Nobody but the owner reads keys, nor the store, which holds what is masked elsewhere."""
    home = patient.settings.home
    secrets = patient.keyring.folder
    private = [path for path in (secrets, *_within(secrets)) if path.exists()]
    if home.is_dir() and not _is_private(home):
        own = [home / FILE_NAME] if _has_password(patient) else []
        private += [path for path in (*home.glob("mulu.sqlite3*"), *own) if path.is_file()]
    exposed = [path for path in private if not _is_private(path)]
    for path in exposed:
        mode = "700" if path.is_dir() else "600"
        text = _OTHERS_READ.format(path=path, mode=f"{stat.S_IMODE(path.stat().st_mode):o}")
        state = State.FAILED if path.is_relative_to(secrets) else State.WARNING
        yield Finding(Check.MODES, state, text, _CHMOD.format(mode=mode, path=path), str(path))
    if not exposed:
        yield Finding(Check.MODES, State.WELL, _PRIVATE)


def _has_password(patient: Patient) -> bool:
    """Whether a password stands among the settings."""
    chosen = patient.settings
    urls = (chosen.database.url, chosen.queue.url, chosen.http.proxy)
    return any(without_password(url) != url for url in urls)


def _within(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _is_private(path: Path) -> bool:
    return not stat.S_IMODE(path.stat().st_mode) & 0o077


def disk(patient: Patient) -> Iterator[Finding]:
    """Room at home, and where temporary files go."""
    home = patient.settings.home
    for path in dict.fromkeys((home if home.is_dir() else home.parent, patient.temporary)):
        free = shutil.disk_usage(path).free
        state = State.WELL
        if free < FREE_ENOUGH:
            state = State.FAILED if free < LEAST_FREE else State.WARNING
        way_out = Text("", "") if state is State.WELL else _MAKE_ROOM
        yield Finding(Check.DISK, state, _FREE.format(path=path, free=free // MB), way_out, str(path))
