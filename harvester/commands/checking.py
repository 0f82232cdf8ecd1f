"""Reading, parsing and checking a file as a harvest would, without a store: in the child, by the rules."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from harvester.deliver.delivery import KindRefused, Tabulate
from harvester.errors import HarvestFailure
from harvester.protocols import faults
from harvester.protocols.base import Envelope
from harvester.protocols.xml_document import element_named
from harvester.sandbox import AnswerReader, AnswerRefused, Reading
from harvester.tables.documents import TABLES
from registry.formats import FORMATS
from registry.model.delivery import FileKind
from registry.model.diff import Action
from registry.model.harvesting import RecordKey
from registry.model.issue import Issue, Severity, Text
from registry.model.record import CheckedRecord, Condition
from registry.model.source import Protocol, SourceDescription, SourceScope
from registry.services.ingest import repeats
from schemas.fault import Fault

_PIECE = 1 << 16
_NOBODY = SourceDescription(0, "", 0, "", Protocol.XML_DOCUMENT, "", "", "")

KINDS = (FileKind.XML, *sorted(TABLES))
"""Ends of the names of files that can be checked: all that can be imported, but for archives."""

_KIND = Text("不能校验 {file}：只校验 {kinds} 文件", "{file} cannot be checked: only {kinds} files are")

BROKEN = Fault(
    "answer-broken",
    Severity.ERROR,
    Text("文件未能读完：{reason}", "the file could not be read to its end: {reason}"),
)
"""Of ``mulu validate`` and ``mulu import``; a run that breaks off says so in its ending."""


@dataclass(slots=True)
class Checked:
    """What was found in one file. ``prefix``: the metadata format that its records have, empty where it
    holds none. ``issues``: (identifier, place, issue)."""

    file: str
    prefix: str = ""
    received: int = 0
    refused: int = 0
    issues: list[tuple[str, str, Issue]] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        """Whether a harvest would refuse something of it."""
        return any(issue.severity is Severity.ERROR for _, _, issue in self.issues)


@dataclass(frozen=True, slots=True)
class FileChecker:
    """Checks files as if they came from a source with this namespace and scope. ``prefix`` empty: the format
    is found out. ``scratch``: a folder for what tables are written into, by ``tabulate``."""

    reader: AnswerReader
    scratch: Path
    today: date
    namespace: str
    scope: SourceScope
    tabulate: Tabulate
    prefix: str = ""

    def check(self, file: Path) -> Checked:
        """Read, parse and check one file. Raises ``TableRefused`` for a table that cannot be read, ``KindRefused``
        for a file of another kind."""
        document = file
        if (kind := file.suffix.lower()) not in KINDS:
            raise KindRefused(_KIND.format(file=file, kinds=", ".join(KINDS)))
        if kind in TABLES:
            document = self.scratch / "table.xml"
            document.unlink(missing_ok=True)
            self.tabulate(file, document)
        prefixes = [self.prefix] if self.prefix else [p for p, each in FORMATS.items() if each.read]
        for prefix in prefixes:
            found = self._check_as(prefix, file, document)
            if found.received or not self._may_be_another(found):
                return found
        expected = " | ".join(element_named(FORMATS[prefix].record_tag) for prefix in prefixes)
        return Checked(str(file), issues=[("", "", faults.NO_RECORDS.issue(expected=expected))])

    def _may_be_another(self, found: Checked) -> bool:
        return any(issue.code == faults.NO_RECORDS.code for _, _, issue in found.issues)

    def _check_as(self, prefix: str, file: Path, document: Path) -> Checked:
        source = replace(
            _NOBODY, metadata_prefix=prefix, namespace=self.namespace, scope=self.scope, location=str(file)
        )
        reading = Reading(source, secrets.token_bytes(32), self.today)
        found = _Counting(Checked(str(file), prefix))
        batches = self.reader.read(reading, _pieces(document), _none_known)
        try:
            envelope = found.drain(batches)
            found.checked.issues += [("", "", issue) for issue in envelope.issues]
        except AnswerRefused as refused:
            found.checked.issues.append(("", "", refused.issue))
        except HarvestFailure as failure:
            broken = BROKEN.issue(reason=failure.text)
            found.checked.issues.append(("", "", broken))
        return found.checked


@dataclass(slots=True)
class _Counting:
    """Counts records, and rules on identifiers that come twice as a harvest does."""

    checked: Checked
    earlier: dict[str, repeats.Earlier] = field(default_factory=dict)

    def drain(self, batches: Iterator[list[CheckedRecord]]) -> Envelope:
        """Count every record; what the answer said of itself."""
        while True:
            try:
                batch = next(batches)
            except StopIteration as end:
                envelope: Envelope = end.value
                return envelope
            for record in batch:
                self._count(record)

    def _count(self, record: CheckedRecord) -> None:
        checked = self.checked
        checked.received += 1
        checked.issues += [(record.identifier, record.place, issue) for issue in record.issues]
        earlier = self.earlier.get(record.identifier) if record.identifier else None
        if earlier is None:
            self._accept(record)
            return
        ruling = repeats.judge(earlier, record)
        checked.issues.append((record.identifier, record.place, ruling.issue))
        if ruling.replaces:
            checked.refused -= earlier.action is Action.REFUSED
            self._accept(record)
        elif ruling.action is Action.REFUSED:
            checked.refused += 1 + ruling.refuses_earlier
            contradicted = earlier.refused() if ruling.refuses_earlier else earlier
            self.earlier[record.identifier] = replace(contradicted, also=(*earlier.also, record.place))

    def _accept(self, record: CheckedRecord) -> None:
        """The record counts, until a later one under its identifier says something else."""
        action = Action.REFUSED if record.condition is Condition.REFUSED else Action.CREATED
        self.checked.refused += action is Action.REFUSED
        if record.identifier:
            self.earlier[record.identifier] = repeats.Earlier.of(record, action)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _none_known(keys: Sequence[RecordKey]) -> Sequence[bool]:
    return [False] * len(keys)
