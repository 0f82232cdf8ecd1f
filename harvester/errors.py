"""Failures of the harvester, sorted by consequence: transport is retried, protocol restarts or ends the
window, fatal ends the run at once. Counted apart (``registry.model.run.Ending``)."""

from __future__ import annotations

from registry.model.issue import Text


class HarvestFailure(Exception):
    """Something ended a walk; ``text`` tells a person in both languages what, and the way out."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class TransportFailure(HarvestFailure):
    """The connection, the deadline or the server failed: try again, later if told so.

    ``retry_after``: seconds the server asked for (clamped), None where it did not.
    """

    def __init__(self, text: Text, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class GaveWay(TransportFailure):
    """The source stalled while others waited, and the walk left them its worker. It goes on at its checkpoint."""


class ProtocolFailure(HarvestFailure):
    """The answer is not what the protocol promises: asking the same again gives the same."""


class FatalFailure(HarvestFailure):
    """Nothing that trying again could mend: a forbidden address, a missing credential, a wrong setting."""
