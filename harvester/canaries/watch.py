"""Whoever looks after the canaries: sends them, and stops publication once a wrong one was let in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from harvester.canaries.flight import Flight, Outcome, fly
from harvester.canaries.rows import CANARIES, Canary
from harvester.pipeline import Road
from registry.model.issue import Text
from registry.model.stop import Stop
from registry.services.stopping import stop_publication
from registry.store.engine import Engines

_log = structlog.get_logger(__name__)

_LET_IN = Text(
    zh="本机（{host}）接受了必须拒绝的应答：{zh}。",
    en="this machine ({host}) let in what must be refused: {en}.",
)


@dataclass(frozen=True, slots=True)
class Watch:
    """One process's watch. ``host`` names the machine and the process, ``road`` is the one harvests take."""

    engines: Engines
    host: str
    clock: Callable[[], datetime]
    road: Road
    canaries: Sequence[Canary] = CANARIES

    def look(self) -> list[Flight]:
        """Send every canary; stop publication where a wrong one was let in. Returns what became of them.

        Raises ``OSError`` where they cannot be sent at all.
        """
        flights = fly(self.road, self.canaries)
        let_in = [each.canary for each in flights if each.outcome is Outcome.LET_IN]
        odd = {each.canary.code: str(each.outcome) for each in flights if each.outcome is not Outcome.RIGHT}
        _log.debug("canary.sent", count=len(flights))
        if let_in:
            zh, en = (", ".join(getattr(each.text, name) for each in let_in) for name in ("zh", "en"))
            codes = tuple(each.code for each in let_in)
            _log.error("canary.let_in", canaries=",".join(codes))
            reason = _LET_IN.format(host=self.host, zh=zh, en=en)
            if stop_publication(self.engines.write, Stop(self.clock(), self.host, reason, codes)):
                _log.error("publication.stopped", canaries=",".join(codes))
        elif odd:
            _log.warning("canary.odd", **{code.replace("-", "_"): outcome for code, outcome in odd.items()})
        return flights

    def look_out(self) -> None:
        """The same for a clock: whatever fails is logged, and looked at again the next time."""
        try:
            self.look()
        except Exception:  # noqa: BLE001 (the clock must go on)
            _log.exception("canary.failed")

    def every(self, interval: timedelta) -> Callable[[], None]:
        """:meth:`look_out` for whoever comes by more often than once in ``interval``."""
        due = self.clock()

        def look_out_when_due() -> None:
            nonlocal due
            if (now := self.clock()) >= due:
                due = now + interval
                self.look_out()

        return look_out_when_due
