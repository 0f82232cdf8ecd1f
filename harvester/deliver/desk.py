"""What offices hand in through the console, as a walk reads it: kept in the store, made a folder for each answer.

A worker and the console need not share a disk. Tables become documents in a confined child, zip files are opened with
the limits of every delivery; what comes of it is answered as a folder answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

from harvester.deliver.delivery import Tabulate, deliver
from harvester.errors import ProtocolFailure
from harvester.protocols import folder
from harvester.protocols.base import Request
from harvester.protocols.deliveries import DeliveryLimits
from harvester.protocols.folder import FolderAnswer
from registry.model.delivery import Delivery, DeliveryReader
from registry.model.source import SourceDescription

_LIMITS = DeliveryLimits(documents=100)
"""Each document is an answer, for which the delivery is written down anew."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers the questions to sources of protocol CONSOLE. ``tabulate`` as in ``harvester.deliver.delivery``."""

    kept: DeliveryReader
    tabulate: Tabulate
    limits: DeliveryLimits = _LIMITS

    @contextmanager
    def open_answer(self, request: Request, source: SourceDescription) -> Iterator[FolderAnswer]:
        """Answer a request of ``harvester.protocols.folder.Folder``. Raises ``ProtocolFailure``; where a delivery as
        a whole cannot be read, its answer does, so that it counts as read."""
        query = parse_qs(urlsplit(request.url).query)
        after, token = query.get("after", [""])[0], query.get("token", [""])[0]
        found = self.kept.find(source, after, token.partition("/")[0])
        if found is None:
            yield FolderAnswer(304, {"ETag": after}, iter(()))
            return
        with TemporaryDirectory(prefix="mulu-delivery-") as path:
            location = Path(path) / "deliveries"
            try:
                self._write(found, Path(path), location)
            except ProtocolFailure as failure:
                yield folder.refusal(found.place, failure)
                return
            with folder.open_answer(request, replace(source, location=str(location)), self.limits) as answer:
                yield answer

    def _write(self, found: Delivery, work: Path, location: Path) -> None:
        files = []
        if found.size:
            file = work / _file_name(found)
            with file.open("xb") as stream:
                stream.writelines(self.kept.pieces(found))
            files.append(file)
        deliver(
            files, location, scope=found.scope, now=found.handed_in_at, tabulate=self.tabulate, name=found.place,
            withdrawn=found.withdrawn,
        )  # fmt: skip


def _file_name(found: Delivery) -> str:
    """A name that a file can have here: messages tell it."""
    stem = found.name[: -len(found.kind)] if found.name.lower().endswith(found.kind) else found.name
    kept = "".join(char if char.isalnum() or char in "-_" else "_" for char in stem)
    return f"{kept[:60] or '_'}{found.kind}"
