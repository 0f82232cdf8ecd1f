"""The table of checks, and the one who goes through it: each check has its time, and all together have a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from harvester.diagnosis import files, intake, store, survey, work
from harvester.diagnosis.finding import Check, Finding, State
from harvester.diagnosis.patient import Patient
from registry.errors import RegistryError
from registry.model.issue import Text

SECONDS = 55.0
"""For all checks together."""

_LATE = Text("{seconds:.0f} 秒内没有完成", "not done within {seconds:.0f} seconds")
_BUSY = Text("请检查网络，以及本机是否过于繁忙", "check the network, and whether this machine is too busy")
_BROKE = Text("检查未能完成（{reason}）", "the check itself failed ({reason})")
_LOOK_AT_LOG = Text("请报告此问题并附上日志", "please report this, with the log")
_NEEDS = Text("因数据库不可用而跳过", "skipped: the database is not usable")

Looking = Callable[[Patient], Iterator[Finding]]


class Row(NamedTuple):
    """One check: who looks, for how long at most, and whether the database must be there for it."""

    look: Looking
    seconds: float
    needs_store: bool


CHECKS: Mapping[Check, Row] = MappingProxyType(
    {
        Check.SETTINGS: Row(files.settings, 5, needs_store=False),
        Check.DATABASE: Row(store.database, 10, needs_store=False),
        Check.MIGRATIONS: Row(store.migrations, 10, needs_store=True),
        Check.SECRETS: Row(files.keys, 5, needs_store=False),
        Check.CREDENTIALS: Row(files.credentials, 5, needs_store=True),
        Check.MODES: Row(files.modes, 5, needs_store=False),
        Check.DISK: Row(files.disk, 5, needs_store=False),
        Check.CLOCK: Row(store.clock, 5, needs_store=True),
        Check.WORKERS: Row(work.workers, 5, needs_store=True),
        Check.INDEX: Row(work.index, 5, needs_store=True),
        Check.BROKER: Row(work.broker, 8, needs_store=False),
        Check.CANARIES: Row(intake.canaries, 25, needs_store=True),
        Check.PUBLICATION: Row(store.publication, 5, needs_store=True),
        Check.SOURCES: Row(survey.reach, survey.ALL_SECONDS + survey.SECONDS + 1, needs_store=True),
    }
)
"""In the order in which they are gone through. A new check: a member, a title, a function, a row."""


def examine(
    patient: Patient,
    begun: Callable[[Check], object] = lambda _: None,
    checks: Sequence[Check] = tuple(CHECKS),
) -> Iterator[Finding]:
    """Go through ``checks``; ``begun`` hears of each before it begins. Never raises for what is wrong."""
    usable = True
    for check in checks:
        row = CHECKS[check]
        begun(check)
        if row.needs_store and not usable:
            yield Finding(check, State.SKIPPED, _NEEDS)
            continue
        found = _within(min(row.seconds, patient.left()), check, row.look, patient)
        usable = usable and not any(each.blocks for each in found)
        yield from found


def _within(seconds: float, check: Check, look: Looking, patient: Patient) -> list[Finding]:
    """What a check finds within its time. One that takes longer is left behind, with what it found by then."""
    found: list[Finding] = []

    def run() -> None:
        try:
            found.extend(look(patient))
        except RegistryError as error:
            found.append(Finding(check, State.FAILED, error.text))
        except Exception as error:  # noqa: BLE001 (the other checks are made all the same)
            reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
            found.append(Finding(check, State.FAILED, _BROKE.format(reason=reason), _LOOK_AT_LOG))

    thread = threading.Thread(target=run, name=f"mulu-doctor-{check}", daemon=True)
    thread.start()
    thread.join(max(seconds, 0.1))
    if thread.is_alive():
        blocks = check is Check.DATABASE
        return [*found, Finding(check, State.FAILED, _LATE.format(seconds=seconds), _BUSY, blocks=blocks)]
    return found
