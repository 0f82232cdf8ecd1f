"""What is under way in the demonstration: what waits for approval, what fails, what the brake holds, and what an office
without an endpoint has handed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from harvester.commands.bridge import tabulator
from harvester.commands.demo_people import acting_as
from harvester.commands.demo_sample import Sample, SampleSource, Situations, described
from harvester.commands.waiting import carry_out
from harvester.deliver.delivery import deliver
from harvester.errors import FatalFailure
from harvester.worker import Worker
from registry.commands.session import Session
from registry.errors import NotFound
from registry.model.contact import ContactKind, ContactPerson
from registry.model.delivery import FileKind, Origin
from registry.model.event import Actor
from registry.model.health import FAILING_AFTER
from registry.model.issue import Text
from registry.model.lifecycle import SourceAction
from registry.model.run import Scope
from registry.services import contacts, delivering, ordering, registration
from registry.services.delivering import HandedIn, Room
from registry.store import deliveries, runs, sources

_OFFICE = ContactPerson("吴帆", "0573-5550100", "wu.fan@jiaxing.example", "嘉兴市住房和城乡建设局")
_SPOKEN = Text(
    "已电话核对目录范围，发布端将于审核后开放。",
    "spoke about what the catalogue covers; the endpoint opens once it is approved.",
)


class Stage:
    """Brings the situations about in an installation, once: what was done before is left as people left it."""

    def __init__(self, session: Session, sample: Sample, url: str) -> None:
        self._session, self._sample, self._url = session, sample, url
        self._situations: Situations = sample.situations()

    def prepare(self) -> list[str]:
        """Have the officer submit what waits, have approved what fails, and deliver for the first time. The codes of
        what is to be harvested for the first time."""
        waiting, delivering = self._situations.waiting, self._situations.delivering
        failing = self._situations.failing
        officer = acting_as(self._session, self._sample.officer)
        if not self._is_there(waiting):
            self._submit(waiting, self._url + waiting.location, officer)
            self._speak_about(waiting, officer)
        if not self._is_there(failing):
            submitter = acting_as(self._session, self._sample.submitter)
            self._submit(failing, self._url + failing.location, submitter)
            self._approve(failing)
        if not self._is_there(self._situations.handing_in):
            self._submit(self._situations.handing_in, "", officer)
            self._approve(self._situations.handing_in)
        if self._is_there(delivering):
            return []
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._submit(delivering, str(self._folder), officer)
        self._approve(delivering)
        self._deliver(self._situations.deliveries[0])
        return [delivering.code]

    def perform(self, worker: Worker) -> None:
        """Harvest in vain what fails, have the brake hold what is delivered next, and hand in what is looked at."""
        self._hand_in(worker)
        failing, delivering = self._situations.failing, self._situations.delivering
        if self._was_harvested(failing):
            return
        for document in self._situations.deliveries[1:]:
            self._deliver(document)
            self._harvest(worker, delivering)
        for _ in range(FAILING_AFTER):
            self._harvest(worker, failing)

    def _hand_in(self, worker: Worker) -> None:
        source, (name, content) = self._situations.handing_in, self._situations.table
        engines, limits = self._session.engines, self._session.settings.deliveries
        with engines.read.connect() as connection:
            stated = sources.get(connection, source.code).description
            if deliveries.of_source(connection, stated.id, before=None, limit=1):
                return
        what = HandedIn(name, FileKind.CSV, Origin.FILE, pieces=(content,))
        delivery_id = delivering.hand_in(
            engines.write,
            source.code,
            what,
            room=Room(limits.file_bytes, limits.waiting),
            actor=acting_as(self._session, self._sample.officer),
            now=self._session.clock(),
        )
        with engines.read.connect() as connection:
            order = deliveries.get(connection, delivery_id).order_id
        if order is not None:
            _carry_out(worker, order)

    def _is_there(self, source: SampleSource) -> bool:
        with self._session.engines.read.connect() as connection:
            try:
                sources.get(connection, source.code)
            except NotFound:
                return False
        return True

    def _was_harvested(self, source: SampleSource) -> bool:
        with self._session.engines.read.connect() as connection:
            found = sources.get(connection, source.code)
            return bool(runs.listed(connection, source=found.code, limit=1))

    def _submit(self, source: SampleSource, location: str, actor: Actor) -> None:
        engine, now = self._session.engines.write, self._session.clock()
        registration.add_source(engine, described(source, location), actor=actor, now=now)
        registration.act(engine, source.code, SourceAction.SUBMIT, actor=actor, now=now)

    def _approve(self, source: SampleSource) -> None:
        engine, now = self._session.engines.write, self._session.clock()
        approver = acting_as(self._session, self._sample.approver)
        registration.act(engine, source.code, SourceAction.APPROVE, actor=approver, now=now)

    def _speak_about(self, source: SampleSource, actor: Actor) -> None:
        engine, now = self._session.engines.write, self._session.clock()
        spoken = self._session.say(_SPOKEN)
        contacts.set_person(engine, source.code, _OFFICE, actor=actor, now=now)
        contacts.note(engine, source.code, ContactKind.CALL, spoken, actor=actor, now=now)

    @property
    def _folder(self) -> Path:
        return self._session.settings.home / "deliveries" / self._situations.delivering.code

    def _deliver(self, document: bytes) -> None:
        with _as_file(document) as file:
            deliver(
                [file],
                self._folder,
                scope=Scope.FULL,
                now=self._session.clock(),
                tabulate=tabulator(self._session),
            )

    def _harvest(self, worker: Worker, source: SampleSource) -> None:
        engine, now = self._session.engines.write, self._session.clock()
        operator = acting_as(self._session, self._sample.operator)
        order = ordering.order_harvest(engine, source.code, full=False, actor=operator, now=now)
        _carry_out(worker, order)


def _carry_out(worker: Worker, order_id: int) -> None:
    """Carry out one order. Raises ``FatalFailure`` where something of ours failed."""
    ended = carry_out(worker, [order_id], threads=1, tell=lambda _outcome: None)
    broken = next((each.message for each in ended if each.is_ours), None)
    if broken is not None:
        raise FatalFailure(broken)


@contextmanager
def _as_file(document: bytes) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "catalogue.xml"
        file.write_bytes(document)
        yield file
