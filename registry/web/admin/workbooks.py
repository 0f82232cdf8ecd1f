"""Workbooks as answers: each is written as a whole before the first byte of it is sent."""

from __future__ import annotations

from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import Response, send_file

_IN_MEMORY = 1 << 20
"""A larger one lies on the disk meanwhile."""
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook_of(name: str, write: Callable[[IO[bytes]], None]) -> Response:
    """The workbook that ``write`` writes, to be saved under this name. Raises what ``write`` raises."""
    kept: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 (closed with the answer)
    try:
        write(kept)
        kept.seek(0)
        return send_file(kept, mimetype=_KIND, as_attachment=True, download_name=name)
    except BaseException:
        kept.close()
        raise
