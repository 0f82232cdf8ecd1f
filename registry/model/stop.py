"""A stop: nothing is published in the whole installation until a person lifts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from registry.model.issue import Text

_SENTENCE = Text(
    zh="自 {since} 起停止发布:{reason}处理后由人工恢复:mulu doctor --resume-publication --reason …",
    en="nothing is published since {since}: {reason} When that is mended, a person resumes it: "
    "mulu doctor --resume-publication --reason …",
)


@dataclass(frozen=True, slots=True)
class Stop:
    """Since when nothing is published, who found what, and on which machine.

    ``causes``: the codes of the canaries that were let in.
    """

    since: datetime
    set_by: str
    reason: Text
    causes: tuple[str, ...] = ()

    @property
    def text(self) -> Text:
        """What to tell whoever waits for something to be published, with the way out."""
        since = self.since.strftime("%Y-%m-%dT%H:%M:%SZ")
        return Text(
            _SENTENCE.zh.format(since=since, reason=self.reason.zh),
            _SENTENCE.en.format(since=since, reason=self.reason.en),
        )
