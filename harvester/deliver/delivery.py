"""The folder of one delivery, as ``harvester.protocols.deliveries`` reads it: documents first, the manifest last."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from harvester.errors import FatalFailure
from harvester.protocols.deliveries import MANIFEST, DeliveryLimits, Manifest, documents_in
from harvester.tables.documents import TABLES
from registry.model.delivery import FileKind, file_kind
from registry.model.issue import Text
from registry.model.run import Scope

_KIND = Text(
    "不能导入 {file}：只接受 {kinds} 文件", "{file} cannot be imported: only {kinds} files are accepted"
)
_NO_FILE = Text("无法读取 {file}：{reason}", "{file} cannot be read: {reason}")


class KindRefused(FatalFailure):
    """A file is of a kind that cannot be delivered."""


Tabulate = Callable[[Path, Path], int]
"""Writes the records of a table into a new file, as ``harvester.sandbox.Tabulator``."""


def deliver(
    files: Sequence[Path],
    location: Path,
    *,
    scope: Scope,
    now: datetime,
    tabulate: Tabulate,
    name: str = "",
    withdrawn: tuple[str, ...] = (),
) -> Path:
    """Put ``files`` into a new delivery below ``location``, as :func:`drafted` does, at once; returns its folder."""
    with drafted(
        files, location, scope=scope, now=now, tabulate=tabulate, name=name, withdrawn=withdrawn
    ) as hand_over:
        return hand_over()


@contextmanager
def drafted(
    files: Sequence[Path],
    location: Path,
    *,
    scope: Scope,
    now: datetime,
    tabulate: Tabulate,
    name: str = "",
    withdrawn: tuple[str, ...] = (),
) -> Iterator[Callable[[], Path]]:
    """A new delivery of ``files`` below ``location``, which is there once it is handed over; gives what does that.

    Tables are written as documents (``tabulate``), other files copied. ``scope``: whether they are the complete list;
    ``withdrawn``: identifiers of records that are taken back. Its ``name`` grows with time where none is given.
    Raises ``TableRefused``, ``KindRefused``, ``FatalFailure`` and, for an archive that cannot be read (delivered, it
    would be in the way of all that follow), ``ProtocolFailure``; then, as where it is not handed over, nothing is
    delivered, and a ``location`` that was not there is gone again.
    """
    is_new = not location.exists()
    location.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = name or now.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    draft = location / f".{name}"
    draft.mkdir(mode=0o700)
    try:
        for number, file in enumerate(files, 1):
            _put(file, draft / f"{number:04d}-{_stem(file)}", tabulate)
        _write(draft / MANIFEST, msgspec.json.encode(Manifest(scope, now, withdrawn)))
        yield lambda: draft.rename(location / name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if is_new:
            with suppress(OSError):  # what was delivered stays
                location.rmdir()


def _put(file: Path, target: Path, tabulate: Tabulate) -> None:
    kind = file.suffix.lower()
    if file_kind(kind) is None:
        raise KindRefused(_KIND.format(file=file, kinds=", ".join(FileKind)))
    try:
        if kind in TABLES:
            tabulate(file, target.with_suffix(".xml"))
        else:
            documents_in(shutil.copyfile(file, target.with_suffix(kind)), DeliveryLimits())
    except OSError as error:
        raise FatalFailure(_NO_FILE.format(file=file, reason=error.strerror)) from error


def _stem(file: Path) -> str:
    """The name of a file without what may not stand in a name here; the number before it keeps it apart."""
    kept = "".join(char if char.isalnum() or char in "-_" else "_" for char in file.stem)
    return f"{kept[:60]}.x"


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
