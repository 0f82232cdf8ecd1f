"""A harvest that is cancelled while it runs: told as such, nothing of it enters, and the next one brings all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from registry.model.event import Actor
from registry.services import cancelling
from tests.acceptance.conftest import Mulu, add_source
from tests.acceptance.test_source_verbs import store_of
from tests.endpoint import Endpoint
from tests.endpoint.exchange import Reply, Visit
from tests.endpoint.records import catalogue_records

THIRD = 3


@dataclass(slots=True)
class Meanwhile(Endpoint):
    """An endpoint at whose third answer something else happens first."""

    happens: Callable[[], object] = lambda: None

    def reply(self, visit: Visit) -> Reply:
        if visit.number == THIRD:
            self.happens()
        return Endpoint.reply(self, visit)


def test_a_harvest_is_cancelled_while_it_runs(mulu: Mulu) -> None:
    with Meanwhile(catalogue_records(25, division="330800")) as office:
        office.provider.prefix = "catalogue"
        source = add_source(mulu, office.oai_url)
        with store_of(mulu) as engines:
            office.happens = lambda: cancelling.cancel(
                engines.write, source, actor=Actor("cli:other"), now=datetime.now(UTC), reason="wrong window"
            )
            (outcome,) = mulu.json("harvest", source, code=1)
        assert outcome["status"] == "cancelled"
        assert mulu.json("register", "show", "330800")["entries"] == 0
        asked = len(office.visits)
        (told,) = mulu.json("harvest", source)
        assert (told["status"], told["accepted"]) == ("published", 25)
        assert len(office.visits) > asked
    mulu("verify")


def test_a_harvest_that_waits_is_cancelled_by_hand(mulu: Mulu, source: str) -> None:
    mulu("source", "cancel", source, "--reason", "no", code=1)
    assert source in mulu.said
