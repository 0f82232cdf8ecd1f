"""The installation that is looked at, with everything that a look needs. Nothing in it is opened before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from config.secrets import Keyring
from config.settings import Settings
from harvester.canaries import Watch
from harvester.pipeline import OpenAnswer
from harvester.pulse import Monotonic
from registry.model.issue import Text
from registry.store.engine import Engines


@dataclass(frozen=True, slots=True)
class Patient:
    """``engines`` are None where there is no store. ``door``: how sources are asked, with the limits of a short
    look. ``broker(seconds)``: why the broker does not answer, None where it does. ``temporary``: where temporary
    files go. ``source_code``: the only source to look at, empty for all. ``left()``: the seconds that all checks
    still have."""

    settings: Settings
    keyring: Keyring
    engines: Engines | None
    watch: Watch | None
    door: OpenAnswer
    broker: Callable[[float], Text | None]
    temporary: Path
    source_code: str
    clock: Callable[[], datetime]
    rng: Random
    monotonic: Monotonic
    left: Callable[[], float]
