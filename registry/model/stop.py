"""A stop: nothing is published in the whole installation until a person lifts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from registry.model.datestamp import format_datestamp
from registry.model.issue import Text

_TOLD = Text(
    zh="自 {since} 起全部停止发布：{reason}", en="nothing is published anywhere since {since}: {reason}"
)
_WAY_OUT = Text(
    zh="请修复后由人工恢复：mulu doctor --resume-publication --reason …",
    en="when it is mended, a person resumes publication: mulu doctor --resume-publication --reason …",
)


@dataclass(frozen=True, slots=True)
class Stop:
    """Since when nothing is published, which process found what.

    ``causes``: the codes of the canaries that were let in.
    """

    since: datetime
    set_by: str
    reason: Text
    causes: tuple[str, ...] = ()

    @property
    def told(self) -> Text:
        """What is wrong, for whoever waits for something to be published."""
        since = format_datestamp(self.since)
        return Text(
            _TOLD.zh.format(since=since, reason=self.reason.zh),
            _TOLD.en.format(since=since, reason=self.reason.en),
        )

    @property
    def way_out(self) -> Text:
        """What a person can do."""
        return _WAY_OUT

    @property
    def text(self) -> Text:
        """Both in one."""
        return Text(f"{self.told.zh}{self.way_out.zh}", f"{self.told.en} {self.way_out.en}")
