"""Recorded data that is not part of the project: real answers, official schemas, hostile files.

They lie beside the repository in ``../shared`` or under ``MULU_SHARED``. Where they are missing, tests that
need them are skipped and counted; a run with ``CI=true`` does not even begin (``tests/conftest.py``).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("MULU_SHARED") or Path(__file__).parents[2] / "shared")

needs_shared = pytest.mark.skipif(
    not (SHARED / "data").is_dir(), reason=f"recorded data are missing: {SHARED} (set MULU_SHARED)"
)
