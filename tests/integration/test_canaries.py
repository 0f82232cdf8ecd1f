"""Canaries on an installation: a wrong one that is let in stops publication, until it is refused again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from config.secrets import Keyring
from config.settings import Settings
from harvester.canaries import CANARIES, Outcome, Watch
from harvester.http import Fetcher, Policy, fetch
from harvester.pipeline import Road
from harvester.protocols.base import Answer, Request
from harvester.pulse import Pulse
from harvester.sandbox import InlineSandbox, Sandbox
from harvester.sandbox.process import COMMAND
from harvester.scheduler import Ticker
from registry.model.run import RunStatus
from registry.model.source import SourceDescription
from registry.services import stopping
from registry.store import stops
from registry.web import create_app
from tests.factories import APPROVER, Installation, live
from tests.gullible import command


@contextmanager
def watching(installation: Installation, child: tuple[str, ...] = COMMAND) -> Iterator[Watch]:
    """A watch on the installation, with this child."""
    settings = Settings(home=Path("/nowhere"))
    door = Fetcher(Policy(), settings.http, installation.clock)
    with Sandbox(command=child) as sandbox:
        road = Road(
            door.fetch, sandbox, installation.clock, lambda _: None, random.Random(1), archive_key=bytes(32)
        )
        yield Watch(installation.engines, "host-a", installation.clock, road)


def tick(installation: Installation, watch: Watch) -> None:
    """One tick of the schedule."""
    Ticker(
        installation.engines, "test", installation.clock, timedelta(seconds=30), "Asia/Shanghai", lambda: None,
        watch.look_out,
    ).tick()  # fmt: skip


def standing(installation: Installation) -> tuple[str, ...]:
    """The causes of the stop that stands; none where nothing is stopped."""
    with installation.engines.read.connect() as connection:
        stop = stops.standing(connection)
    return () if stop is None else stop.causes


def health(installation: Installation, folder: Path) -> str:
    app = create_app(
        Settings(home=folder), installation.engines, Keyring(folder / "secrets", {}), installation.clock
    )
    status: str = app.test_client().get("/healthz").get_json()["status"]
    return status


def test_where_all_is_well_nothing_is_stopped(city: Installation) -> None:
    with watching(city) as watch:
        tick(city, watch)
        tick(city, watch)
    assert standing(city) == ()
    assert city.harvest("hz", [live("1")]).status is RunStatus.PUBLISHED


def test_a_parser_that_resolves_entities_stops_publication(city: Installation, tmp_path: Path) -> None:
    with watching(city, command("resolve_entities")) as watch:
        tick(city, watch)
    assert "entity" in standing(city)
    assert health(city, tmp_path) == "publication stopped"
    run = city.harvest("hz", [live("1")])
    assert (run.status, city.read("330100").mark) == (RunStatus.SETTLING, 0)
    with watching(city) as watch:
        tick(city, watch)
    assert "entity" in standing(city), "that all is well again does not lift the stop: a person does"
    stopping.resume_publication(city.engines.write, actor=APPROVER, now=city.clock(), reason="mended")
    city.settle(run.register_id)
    assert (city.read_run(run.id).status, city.read("330100").mark) == (RunStatus.PUBLISHED, 1)
    assert health(city, tmp_path) == "ok"


def test_a_door_that_lets_a_redirect_through_stops_publication(
    city: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_may_redirect", lambda *_: True)
    with watching(city) as watch:
        tick(city, watch)
    assert standing(city) == ("redirect-elsewhere",)
    assert city.harvest("hz", [live("1")]).status is RunStatus.SETTLING


def test_a_stop_that_was_lifted_too_early_stands_again_at_the_next_tick(
    city: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_may_redirect", lambda *_: True)
    with watching(city) as watch:
        tick(city, watch)
        stopping.resume_publication(city.engines.write, actor=APPROVER, now=city.clock(), reason="hope")
        tick(city, watch)
    assert standing(city) == ("redirect-elsewhere",)


def test_canaries_that_cannot_be_sent_do_not_stop_the_clock(
    city: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("no loopback")

    monkeypatch.setattr("harvester.canaries.watch.fly", broken)
    with watching(city) as watch:
        tick(city, watch)
    assert standing(city) == ()


def test_many_ticks_use_one_warm_child(city: Installation) -> None:
    with watching(city) as watch:
        watch.look()
        sandbox = watch.road.reader
        assert isinstance(sandbox, Sandbox)
        first = sandbox.pid
        for _ in range(3):
            assert {each.outcome for each in watch.look()} == {Outcome.RIGHT}
        assert sandbox.pid == first


def test_whoever_comes_by_often_sends_them_once_in_an_interval(city: Installation) -> None:
    sent: list[str] = []
    look_out = Watch(city.engines, "a", city.clock, road_of(city, sent), CANARIES[:1]).every(
        timedelta(seconds=30)
    )
    for seconds in (0, 29, 1, 29, 1):
        city.clock.advance(seconds=seconds)
        look_out()
    assert len(sent) == 3


def road_of(installation: Installation, sent: list[str]) -> Road:
    """A road without a process that notes what is asked."""
    door = Fetcher(Policy(), Settings(home=Path("/nowhere")).http, installation.clock)

    def noting(request: Request, source: SourceDescription, pulse: Pulse) -> AbstractContextManager[Answer]:
        sent.append(source.code)
        return door.fetch(request, source, pulse)

    return Road(
        noting, InlineSandbox(), installation.clock, lambda _: None, random.Random(1), archive_key=bytes(32)
    )
