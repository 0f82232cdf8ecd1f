"""Answers that a run could not read, for people who want to see what came."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from registry.commands.output import column, print_json, remark
from registry.commands.session import Session
from registry.errors import NotFound
from registry.model.issue import Text
from registry.store import raw
from registry.store.engine import Connection

PAGES = (
    column("digest", "保留的应答", "kept answer"),
    column("bytes", "字节", "bytes", right=True),
    column("place", "位置", "place"),
    column("identifier", "标识符", "identifier"),
    column("code", "问题", "issue"),
)
_NONE = Text(
    zh="运行 {run} 没有以 {digest} 开头的保留应答；用 mulu run show {run} 查看。",
    en="run {run} kept no answer whose digest begins with {digest}; see `mulu run show {run}`.",
)
_TERMINAL = Text(
    zh="内容来自外部，不直接显示在终端上；请用 --output 指定文件。",
    en="these bytes come from strangers and are not sent to a terminal; name a file with --output",
)
_WRITTEN = Text(zh="已写入 {file}({size} 字节)。", en="wrote {file} ({size} bytes).")


def page_rows(connection: Connection, run_id: int) -> list[dict[str, Any]]:
    """The answers that a run kept, as ``--json`` tells them."""
    return [
        {
            "digest": each.digest,
            "bytes": each.size,
            "place": each.place,
            "identifier": each.identifier,
            "code": each.code,
        }
        for each in raw.pages_of(connection, run_id)
    ]


def write_page(session: Session, run_id: int, digest: str, output: Path | None, *, as_json: bool) -> None:
    """Hand out the bytes of one answer: into a file, or to what reads standard output. Raises ``NotFound``."""
    if output is None and not as_json and sys.stdout.isatty():
        raise click.UsageError(session.say(_TERMINAL))
    with session.engines.read.connect() as connection:
        rows = [each for each in page_rows(connection, run_id) if each["digest"].hex().startswith(digest)]
        if not rows:
            raise NotFound(_NONE.format(run=run_id, digest=digest))
        pieces = raw.page_pieces(connection, rows[0]["digest"])
        if as_json:
            print_json({**rows[0], "content": b64encode(b"".join(pieces)).decode()})
            return
        if output is None:
            _pour(pieces, sys.stdout.buffer)
            return
        with output.open("wb") as file:
            _pour(pieces, file)
    remark(session, _WRITTEN.format(file=output, size=rows[0]["bytes"]))


def _pour(pieces: Iterator[bytes], target: BinaryIO) -> None:
    target.writelines(pieces)
    target.flush()
