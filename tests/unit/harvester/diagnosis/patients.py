"""Installations for the doctor: well unless a test makes them ill."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.secrets import Keyring
from config.settings import Settings
from harvester.diagnosis import Check, Finding, Patient, State, examine
from harvester.errors import FatalFailure
from harvester.protocols.base import Answer, Request
from harvester.pulse import Pulse
from registry.model.issue import Text
from registry.model.source import SourceDescription
from registry.store.engine import Engines
from tests.factories import Clock


def nowhere(_request: Request, _source: SourceDescription, _pulse: Pulse) -> AbstractContextManager[Answer]:
    """A door that leads nowhere."""
    raise FatalFailure(Text("不通", "no way"))


def patient(home: Path, engines: Engines | None = None, **others: Any) -> Patient:
    """An installation in ``home`` with its keys; ``others`` are fields of ``Patient``."""
    keyring = Keyring(home / "secrets", {})
    settings = Settings(home=home)
    for reference in settings.secrets.references:
        keyring.key(reference)
    home.chmod(0o700)
    made = Patient(
        settings=settings,
        keyring=keyring,
        engines=engines,
        watch=None,
        door=nowhere,
        broker=lambda _: None,
        temporary=home,
        source_code="",
        clock=Clock(),
        rng=random.Random(1),
        monotonic=time.monotonic,
        left=lambda: 60.0,
    )
    return replace(made, **others)


def look(
    check: Check, looked_at: Patient, begun: Callable[[Check], object] = lambda _: None
) -> list[Finding]:
    """What one check finds."""
    return list(examine(looked_at, begun, [check]))


def states(findings: list[Finding]) -> list[State]:
    return [each.state for each in findings]


def bad(findings: list[Finding]) -> list[Finding]:
    """Those findings that are not well, each of which must tell a way out in both languages."""
    found = [each for each in findings if each.state is not State.WELL]
    for each in found:
        assert each.text.en.isascii() or each.subject
        assert not each.text.zh.isascii()
    return found
