"""A comparing sink that also keeps what people want to see: how often each rule found something, and some records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.model.document import Document
from registry.model.inspection import RECORDS_SHOWN, RuleCount
from registry.model.record import CheckedRecord, Page
from registry.model.run import Verdict, Walk
from registry.services.ingest.comparison import Comparison
from registry.services.ingest.trial import TrialSink
from registry.store.issues import FoundIssue


@dataclass(slots=True)
class Rules:
    """How often each issue was found, with the first one of its kind."""

    _first: dict[str, FoundIssue] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def count(self, found: Sequence[FoundIssue]) -> None:
        """Add some issues."""
        for each in found:
            code = each.issue.code
            self._first.setdefault(code, each)
            self._counts[code] = self._counts.get(code, 0) + 1

    def told(self) -> tuple[RuleCount, ...]:
        """The counts, the most frequent first."""
        by_count = sorted(self._counts.items(), key=lambda each: (-each[1], each[0]))
        return tuple(_told(self._first[code], count) for code, count in by_count)


def _told(first: FoundIssue, count: int) -> RuleCount:
    issue = first.issue
    return RuleCount(
        issue.code,
        issue.severity,
        count,
        issue.message,
        issue.hint,
        first.identifier,
        first.place,
        issue.path,
    )


class SampleSink(TrialSink):
    """A trial that counts the issues of every record by their rules, and keeps the first records that would be
    accepted: ``rules`` and ``samples``, identifiers with their documents."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.rules = Rules()
        self.samples: list[tuple[str, Document]] = []

    def take(self, pages: Sequence[Page]) -> list[int]:
        """Compare some pages."""
        for page in pages:
            for record in page.records:
                self.notice(record)
        return super().take(pages)

    def notice(self, record: CheckedRecord) -> None:
        """Keep of one record what is to be shown."""
        if record.document is not None and len(self.samples) < RECORDS_SHOWN:
            self.samples.append((record.identifier, record.document))

    def begin_anew(self) -> None:
        """Forget what was compared."""
        super().begin_anew()
        self.rules, self.samples = Rules(), []

    def finish(self, walk: Walk) -> Verdict:
        """The walk has ended; what was found of it as a whole is counted too."""
        before = len(self.issues)
        found = super().finish(walk)
        self.rules.count(self.issues[before:])
        return found

    def _remember(self, found: Comparison) -> None:
        self.rules.count(found.issues)
        super()._remember(found)
