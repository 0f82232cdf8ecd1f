"""Deliveries in a folder of this installation: which is next, what documents it holds, and their bytes.

A delivery is a folder of its own below the source's location::

    <location>/<name of the delivery>/manifest.json     {"scope": "full" | "delta", "created": "2026-…Z"}
    <location>/<name of the delivery>/*.xml, *.zip      read in the order of their names

A manifest may also name records that are taken back (``withdrawn``: their identifiers). A delivery is there once its
manifest is: whoever delivers writes the manifest last. Names of deliveries grow with time. Links, hidden files and
files of other kinds are passed over (``harvester.overlooked`` tells which). Runs in the parent; parses no XML.
"""

from __future__ import annotations

import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from harvester.errors import FatalFailure, ProtocolFailure
from registry.model.issue import Text
from registry.model.run import Scope

MANIFEST = "manifest.json"
_MANIFEST_BYTES = 64 << 10
_PIECE = 1 << 16
_ENCRYPTED = 0x1

_NO_FOLDER = Text("目录 {path} 无法读取", "the folder {path} cannot be read")
_BAD_MANIFEST = Text("{path} 不是有效的批次说明", "{path} is no valid manifest")
_LOOSE = Text(
    "{path} 中的 {name} 不属于任何批次：请放入 {path}/<批次名>/，最后写入 manifest.json"
    "（见 docs/import.md），或用 mulu import 导入",
    "{name} in {path} belongs to no delivery: put it into {path}/<delivery>/ and write its manifest.json last "
    "(see docs/import.md), or use `mulu import`",
)
_GONE = Text("批次中的文件 {name} 已不存在", "the document {name} is no longer in the delivery")
_BAD_ZIP = Text("{name} 不是可读的 zip 文件", "{name} is no zip file that can be read")
_NAME = Text(
    "{path} 中有名称不是 UTF-8：{name}；请改名",
    "a name in {path} is not UTF-8: {name}; rename it",
)
_MANY = Text("批次中的文件超过 {limit} 个", "the delivery holds more than {limit} documents")
_LARGE = Text("{name} 超过 {limit} 字节", "{name} is longer than {limit} bytes")
_BOMB = Text("{name} 的压缩比超过 {limit}:1", "{name} inflates by more than {limit}:1")

_BROKEN_ZIP = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError, RuntimeError,
    ValueError,
)  # fmt: skip
"""What ``zipfile`` raises for files that are none, or broken ones; ``ValueError`` for names that are not UTF-8."""


class Manifest(msgspec.Struct, frozen=True):
    """What a delivery says of itself: whether it is a complete list, when it was made, and which records it takes
    back (their identifiers)."""

    scope: Scope
    created: datetime
    withdrawn: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryLimits:
    """``documents`` in one delivery (files, and members of zip files); bytes of one document, inflated; how
    far one may inflate (``ratio``:1) once ``ratio_grace_bytes`` are out."""

    documents: int = 10_000
    document_bytes: int = 2 << 30
    ratio: int = 100
    ratio_grace_bytes: int = 1 << 20


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery: its folder, whose name is its place in the order, and its manifest's words."""

    folder: Path
    scope: Scope
    created: datetime
    withdrawn: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.folder.name


def next_delivery(location: Path, after: str) -> Delivery | None:
    """The delivery to be read by one who has read ``after`` (empty: none yet); None where nothing is new.

    What came before the newest full delivery is passed over. Raises ``FatalFailure`` where the folder
    cannot be read, ``ProtocolFailure`` for a manifest or a name that cannot.
    """
    try:
        names = sorted(each.name for each in location.iterdir() if each.name > after and is_delivery(each))
    except OSError as error:
        raise FatalFailure(_NO_FOLDER.format(path=location)) from error
    _refuse_names(location, names)
    waiting = [find_delivery(location, name) for name in names]
    full = [index for index, each in enumerate(waiting) if each.scope is Scope.FULL]
    waiting = waiting[full[-1] :] if full else waiting
    return waiting[0] if waiting else None


def refuse_loose(location: Path) -> None:
    """Raises ``FatalFailure`` where documents lie in the folder itself, which nobody would ever read."""
    try:
        loose = min((each.name for each in location.iterdir() if is_document(each)), default="")
    except OSError as error:
        raise FatalFailure(_NO_FOLDER.format(path=location)) from error
    if loose:
        raise FatalFailure(_LOOSE.format(path=location, name=shown(loose)))


def find_delivery(location: Path, name: str) -> Delivery:
    """The delivery of that name. Raises ``ProtocolFailure`` where there is none."""
    folder = location / name
    if folder.parent != location or not is_delivery(folder):
        raise ProtocolFailure(_GONE.format(name=name))
    path = folder / MANIFEST
    try:
        with _opened(path) as stream:
            manifest = msgspec.json.decode(stream.read(_MANIFEST_BYTES), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise ProtocolFailure(_BAD_MANIFEST.format(path=path)) from error
    return Delivery(folder, manifest.scope, manifest.created, manifest.withdrawn)


def documents(delivery: Delivery, limits: DeliveryLimits, first: str = "") -> Iterator[str]:
    """Names of the documents from ``first`` on: ``list.xml``, or ``lists.zip/list.xml`` for a member. The manifest
    is one where it takes records back."""
    begin = first.partition("/")[0]
    told = [MANIFEST] if delivery.withdrawn else []
    files = sorted([*told, *(each.name for each in delivery.folder.iterdir() if is_document(each))])
    _refuse_names(delivery.folder, files)
    count = 0
    for name in files:
        if name < begin:
            continue
        for document in documents_in(delivery.folder / name, limits):
            count += 1
            if count > limits.documents:
                raise ProtocolFailure(_MANY.format(limit=limits.documents))
            if document >= first:
                yield document


def read_document(delivery: Delivery, document: str, limits: DeliveryLimits) -> Iterator[bytes]:
    """The bytes of one document in pieces. Raises ``ProtocolFailure`` past a limit, or where it is broken."""
    if document == MANIFEST:  # what it says is known
        return
    file, _, member = document.partition("/")
    path = delivery.folder / file
    if path.parent != delivery.folder:
        raise ProtocolFailure(_GONE.format(name=document))
    try:
        with _opened(path) as stream:
            if not member:
                yield from _limited(stream, document, limits, wire=None)
                return
            with zipfile.ZipFile(stream) as archive:
                entry = archive.getinfo(member)
                with archive.open(entry) as content:
                    yield from _limited(content, document, limits, entry.compress_size)
    except _BROKEN_ZIP as error:
        raise ProtocolFailure(_BAD_ZIP.format(name=document)) from error
    except (OSError, KeyError) as error:
        raise ProtocolFailure(_GONE.format(name=document)) from error


def _limited(stream: IO[bytes], name: str, limits: DeliveryLimits, wire: int | None) -> Iterator[bytes]:
    count = 0
    while piece := stream.read(_PIECE):
        count += len(piece)
        if count > limits.document_bytes:
            raise ProtocolFailure(_LARGE.format(name=name, limit=limits.document_bytes))
        if wire is not None and count > limits.ratio_grace_bytes and count > limits.ratio * wire:
            raise ProtocolFailure(_BOMB.format(name=name, limit=limits.ratio))
        yield piece


def documents_in(path: Path, limits: DeliveryLimits) -> list[str]:
    """The names of the documents in one file. Raises ``ProtocolFailure`` for an archive that cannot be read."""
    if path.suffix.lower() == ".xml" or path.name == MANIFEST:
        return [path.name]
    try:
        with _opened(path) as stream, zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except (OSError, *_BROKEN_ZIP) as error:
        raise ProtocolFailure(_BAD_ZIP.format(name=path.name)) from error
    if len(entries) > limits.documents:
        raise ProtocolFailure(_MANY.format(limit=limits.documents))
    members = [each.filename for each in entries if each.filename.lower().endswith(".xml")]
    if len(set(members)) != len(members) or any(each.flag_bits & _ENCRYPTED for each in entries):
        raise ProtocolFailure(_BAD_ZIP.format(name=path.name))
    return [f"{path.name}/{member}" for member in sorted(members)]


def shown(name: str) -> str:
    """A name of this file system as a text: bytes of it that are not UTF-8 as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _refuse_names(folder: Path, names: Sequence[str]) -> None:
    """Raises ``ProtocolFailure`` for the first name that no text can hold: to pass it over would be to lose a part."""
    for name in names:
        if shown(name) != name:
            raise ProtocolFailure(_NAME.format(path=shown(str(folder)), name=shown(name)))


def is_delivery(path: Path) -> bool:
    """Whether a path is that of a delivery: a folder whose manifest is there."""
    is_folder = path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
    return is_folder and (path / MANIFEST).is_file()


def is_document(path: Path) -> bool:
    """Whether a path is that of a file that would be read in a delivery."""
    named = path.suffix.lower() in (".xml", ".zip") and not path.name.startswith(".")
    return named and path.is_file() and not path.is_symlink()


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """A regular file, opened without following a link."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"not a regular file: {path}")
        yield stream
