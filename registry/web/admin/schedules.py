"""How often a source is harvested, in words: the choices that a form offers, and what a page says of any schedule."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from registry.model.issue import Text

SCHEDULES: Mapping[str, Text] = MappingProxyType(
    {
        "": Text("仅在要求时采集", "only on demand"),
        "every 1h": Text("每小时", "every hour"),
        "every 6h": Text("每 6 小时", "every 6 hours"),
        "every 12h": Text("每 12 小时", "every 12 hours"),
        "0 2 * * *": Text("每天 02:00", "daily at 02:00"),
        "0 2 * * mon": Text("每周一 02:00", "Mondays at 02:00"),
    }
)
"""What a form offers. Others are set on the command line (a cron line, or ``every 30m``), and kept."""

_OWN = Text("按计划“{schedule}”", "by the schedule “{schedule}”")


def schedule_told(schedule: str) -> Text:
    """A schedule in words; one that no form offers as it is written."""
    return SCHEDULES.get(schedule) or _OWN.format(schedule=schedule)
