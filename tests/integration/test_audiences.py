"""Whatever an audience asks, nothing leaves that ``visible`` forbids it: by no format, set, history or token."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path
from random import Random

import pytest

from registry.model.brake import BrakeLimits
from registry.model.document import Facts, Sharing
from registry.model.register import Level, Policy
from registry.model.version import Version
from registry.model.visibility import Audience, day_of, visible
from registry.outlets import selection
from registry.outlets.oaipmh.provider import WRITTEN, Provider, Setting
from registry.outlets.selection import Listing, View, _terms
from registry.services.registration import create_register
from registry.store import log
from registry.store.engine import Engines, open_engines
from tests.databases import PostgresDatabase, SqliteTemplate
from tests.factories import SUBMITTER, Installation, catalogue_document, deleted, identifier_of, live

CODE = "330100"
ITEMS = ("1.1", "2.1", "2.2", "2.3")
EXPIRED, RUNNING = date(2024, 5, 1), date(2024, 12, 31)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens to one entry: a text on some terms, or its deletion."""

    key: str
    sharing: str
    is_open: bool
    item: str
    until: date | None
    deletes: bool


def drawn(rng: Random) -> list[Step]:
    """Three to eight steps, most of them of one entry: what matters is what follows upon what."""
    return [
        Step(
            rng.choice("aab"),
            rng.choice("1123"),
            rng.random() < 0.7,
            rng.choice(ITEMS),
            rng.choice((None, None, RUNNING, EXPIRED)),
            rng.random() < 0.25,
        )
        for _ in range(rng.randint(3, 8))
    ]


@dataclass(slots=True)
class Past:
    """What happened so far: every text with its facts, the newest of each entry, and tokens that were given."""

    installation: Installation
    provider: Provider
    source: str
    texts: dict[str, tuple[str, Facts]] = field(default_factory=dict)
    newest: dict[str, tuple[str, Facts]] = field(default_factory=dict)
    tokens: list[tuple[Audience, str, str]] = field(default_factory=list)

    def happen(self, step: Step) -> None:
        """Publish one step."""
        if step.deletes:
            self.installation.deliver(self.source, [deleted(step.key)])
            return
        marker = f"marker{len(self.texts)}x"
        document = catalogue_document(
            step.key, title=marker, sharing=step.sharing, openness=step.is_open, item=step.item,
            published_until=step.until,
        )  # fmt: skip
        self.texts[marker] = (step.key, document.facts)
        self.newest[step.key] = (marker, document.facts)
        self.installation.deliver(self.source, [live(step.key, document)])

    def allowed(self, audience: Audience) -> set[str]:
        """The texts that ``audience`` may see today: their own terms and those of the newest must allow it."""
        on = day_of(self.installation.clock())
        return {
            marker
            for marker, (key, facts) in self.texts.items()
            if visible(facts, audience, on) and visible(self.newest[key][1], audience, on)
        }

    def ask(self, audience: Audience, **arguments: str) -> bytes:
        """One answer; a token in it is kept, to be used later."""
        answer = self.provider.answer(CODE, list(arguments.items()), audience)
        if found := re.search(rb"<resumptionToken[^>]*>([^<]+)<", answer):
            self.tokens.append((audience, arguments["verb"], found[1].decode()))
        return answer

    def everything(self, audience: Audience) -> bytes:
        """All that ``audience`` can learn, old tokens included."""
        answers = [self.ask(audience, verb="ListSets"), self.ask(audience, verb="Identify")]
        sets = re.findall(r"<setSpec>([^<]+)<", answers[0].decode())
        for prefix in WRITTEN:
            for verb, spec in product(("ListRecords", "ListIdentifiers"), [*sets, *_all_sets()]):
                answers.append(self.ask(audience, verb=verb, metadataPrefix=prefix, set=spec))
            answers.append(self.ask(audience, verb="ListRecords", metadataPrefix=prefix))
            answers += [
                self.ask(audience, verb="GetRecord", metadataPrefix=prefix, identifier=identifier_of(key))
                for key in "abc"
            ]
        for given_to, verb, token in self.tokens:  # grows while it is walked
            answers.append(self.provider.answer(CODE, [("verb", verb), ("resumptionToken", token)], audience))
            if given_to is not audience:
                assert b"badResumptionToken" in answers[-1]
        return b"".join(answers) + self._histories_and_finds(audience)

    def _histories_and_finds(self, audience: Audience) -> bytes:
        register = self.installation.read(CODE)
        view = View(audience, day_of(self.installation.clock()))
        found = b""
        with self.installation.engines.read.connect() as connection:
            for key in "abc":
                history = selection.history(
                    connection, register.id, identifier_of(key), view, mark=register.mark
                )
                found += b"".join(version.content for version, shown in history if shown)
            for marker in self.texts:
                hits = selection.found(connection, register, marker, view, limit=5)
                found += "".join(hit.facts.title for hit in hits.versions if hit.facts).encode()
        return found


def _all_sets() -> list[str]:
    return [f"catalogue:project:{item}" for item in ITEMS]


def past(engines: Engines) -> Past:
    """A register with one source, and nothing in it."""
    installation = Installation(engines, index=True)
    create_register(
        engines.write, code=CODE, name="杭州市", level=Level.MUNICIPAL, division=CODE, actor=SUBMITTER,
        now=installation.clock(), policy=Policy(brake=BrakeLimits(vanish_floor=100)),
    )  # fmt: skip
    provider = Provider(
        engines, Setting("http://mulu.example", "a@b.example", 1), bytes(32), installation.clock
    )
    return Past(installation, provider, installation.source("source", CODE))


NARROWED = [
    Step("a", "1", True, "1.1", None, False),
    Step("a", "2", True, "2.1", None, False),
    Step("b", "2", False, "2.2", None, False),
    Step("b", "3", False, "2.3", None, False),
]
"""What all might see is for peers, what peers might see is for nobody."""

Stores = Callable[[], AbstractContextManager[Engines]]
"""Opens an empty store."""


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def stores(request: pytest.FixtureRequest) -> Stores:
    """An empty store for each example, on each database."""

    @contextmanager
    def opened() -> Iterator[Engines]:
        with tempfile.TemporaryDirectory() as folder:
            if request.param == "sqlite":
                template: SqliteTemplate = request.getfixturevalue("sqlite_template")
                engines = open_engines(template.copy_to(Path(folder)))
            else:
                database: PostgresDatabase = request.getfixturevalue("postgres_database")
                database.empty()
                engines = open_engines(database.url)
            try:
                yield engines
            finally:
                engines.dispose()

    return opened


HELD_BACK = [
    Step("b", "1", True, "2.1", None, False),
    Step("a", "2", True, "2.3", None, False),
    Step("a", "1", True, "1.1", None, True),
    Step("a", "3", True, "1.1", EXPIRED, False),
]
"""A text that was shown is deleted, and the next one may not be shown."""


def nothing_leaves(stores: Stores, seed: str, examples: int) -> None:
    """Draw that many pasts, and ask for everything; raises at the first text that should not have left."""
    rng = Random(seed)
    for happenings in (HELD_BACK, NARROWED, *(drawn(rng) for _ in range(examples))):
        with stores() as engines:
            _ask_for_everything(past(engines), happenings)


def _ask_for_everything(town: Past, happenings: Sequence[Step]) -> None:
    for step in happenings:
        town.happen(step)
        for audience in (Audience.PUBLIC, Audience.PEER):
            town.ask(audience, verb="ListRecords", metadataPrefix="catalogue")
    for audience in Audience:
        told = town.everything(audience)
        markers = set(re.findall(r"marker\d+x", told.decode()))
        assert markers <= town.allowed(audience), happenings
        assert _standing(town) & town.allowed(audience) <= markers
        _check_sets(town, audience, told)


@pytest.mark.parametrize(
    "examples", [12, pytest.param(200, marks=[pytest.mark.full, pytest.mark.timeout(3600)])]
)
def test_nothing_leaves_that_visible_forbids(stores: Stores, seed: str, examples: int) -> None:
    nothing_leaves(stores, seed, examples)


def _show_what_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """An old token shows a text whatever has become of its entry since."""
    monkeypatch.setattr(selection, "_withdrawn", lambda *_: set())


def _show_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page does not ask who reads it."""
    monkeypatch.setattr(View, "allows", lambda view, line: visible(_terms(line), Audience.PEER, view.on))


def _show_without_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Histories and searches show whatever has a text."""

    def careless(version: Version, *_: object) -> Listing:
        return Listing.DELETED if version.deleted else Listing.RECORD

    monkeypatch.setattr(selection, "listing", careless)


def _name_every_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets are named in which nothing was ever shown."""
    everything = [(str(sharing), is_open) for sharing in Sharing for is_open in (True, False)]
    monkeypatch.setattr(selection, "shown_terms", lambda _: everything)


@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "plant", [_show_what_is_replaced, _show_everybody, _show_without_asking, _name_every_set]
)
def test_an_outlet_that_does_not_ask_is_found(
    stores: Stores, seed: str, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        nothing_leaves(stores, seed, 50)


def _standing(town: Past) -> set[str]:
    """The texts that stand: the newest of each entry that is not deleted."""
    register = town.installation.read(CODE)
    with town.installation.engines.read.connect() as connection:
        everybody = [
            log.entry(connection, register.id, identifier_of(key), mark=register.mark) for key in town.newest
        ]
    return {each.facts.title for each in everybody if each is not None and not each.deleted and each.facts}


def _check_sets(town: Past, audience: Audience, told: bytes) -> None:
    """No answer names a set in which nothing was ever shown (the ones that only we asked for are no answer)."""
    shown = {
        f"catalogue:project:{facts.item}"
        for _, facts in town.texts.values()
        if facts.published_until != EXPIRED and visible(facts, audience, day_of(town.installation.clock()))
    }
    named = set(re.findall(r"<setSpec>(catalogue:project:[^<]+)<", told.decode()))
    assert named <= shown
