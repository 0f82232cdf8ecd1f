"""Installations for hostile data: the command line on both databases."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import prepared

pytest.register_assert_rewrite("tests.hostile.outlets")

__all__ = ["prepared"]
