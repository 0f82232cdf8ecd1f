"""Whatever an audience asks, nothing leaves that ``visible`` forbids it: by no format, set, history or token."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from registry.model.brake import BrakeLimits
from registry.model.document import Facts
from registry.model.register import Level, Policy
from registry.model.visibility import Audience, day_of, visible
from registry.outlets import selection
from registry.outlets.oaipmh.provider import WRITTEN, Provider, Setting
from registry.outlets.selection import View
from registry.services.registration import create_register
from registry.store import log
from registry.store.engine import Engines, open_engines
from tests.databases import SqliteTemplate
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


steps = st.builds(
    Step,
    st.sampled_from("abc"),
    st.sampled_from("1123"),
    st.sampled_from((True, True, False)),
    st.sampled_from(ITEMS),
    st.sampled_from((None, None, RUNNING, EXPIRED)),
    st.sampled_from((False, False, False, True)),
)


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


@given(st.lists(steps, min_size=2, max_size=7))
@example(
    [
        Step("b", "1", True, "2.1", None, False),
        Step("a", "2", True, "2.3", None, False),
        Step("a", "1", True, "1.1", None, True),
        Step("a", "3", True, "1.1", EXPIRED, False),
    ]
)
@settings(max_examples=12, phases=[Phase.explicit, Phase.generate])  # shrinking would take many minutes
def test_nothing_leaves_that_visible_forbids(sqlite_template: SqliteTemplate, happenings: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engines = open_engines(sqlite_template.copy_to(Path(folder)))
        town = past(engines)
        for step in happenings:
            town.happen(step)
            for audience in (Audience.PUBLIC, Audience.PEER):
                town.ask(audience, verb="ListRecords", metadataPrefix="catalogue")
        for audience in Audience:
            told = town.everything(audience)
            markers = set(re.findall(r"marker\d+x", told.decode()))
            assert markers <= town.allowed(audience)
            assert _standing(town) & town.allowed(audience) <= markers
            _check_sets(town, audience, told)
        engines.dispose()


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
