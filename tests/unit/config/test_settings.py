"""Settings and what they set agree: a limit is declared where it is enforced, with the same default."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest

from config.section import Section
from config.settings import Brake, Child
from harvester.sandbox.limits import SandboxLimits
from registry.model.brake import BrakeLimits


@pytest.mark.parametrize(("section", "limits"), [(Child(), SandboxLimits()), (Brake(), BrakeLimits())])
def test_a_section_has_the_limits_of_the_code_with_the_same_defaults(section: Section, limits: Any) -> None:
    assert msgspec.structs.asdict(section) == dataclasses.asdict(limits)
