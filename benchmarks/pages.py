"""How long a page of the console takes for one visitor, over a large store: at rest, and while a harvest is settled in
the same process."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from itertools import cycle
from typing import TYPE_CHECKING

from flask.testing import FlaskClient

from benchmarks import corpus, crowd, product
from harvester.worker import Worker
from registry.model.role import Role
from registry.services import accounts
from registry.store import runs, sources
from registry.web.app import create_app

if TYPE_CHECKING:
    from benchmarks.scenarios import Run

_ROUNDS = 20
_NAME, _PASSWORD = "bench.approver", "correct horse battery staple"
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_AFTER = re.compile(r'href="([^"]*[?&]after=[^"]*)"')


def run_console(run: Run) -> None:
    """Fill a store, multiply it, and ask for every page again and again."""
    size = run.case.records
    run.state(size=size, revision=0, touched=0)
    opened = product.installation(run.url(), run.folder, run.base_url, run.clock, index=True)
    with opened as worker:
        product.harvest(worker, "city", full=True, now=run.clock())
        crowd.gather(worker.engines, size, run.clock())
        client = _open(run, worker)
        paths = _paths(worker, client, size)
        for name, path in paths.items():
            _time(client, path)  # what is read for the first time is read from the disk
            run.tell_times(f"at rest: {name}", [_time(client, path) for _ in range(_ROUNDS)])
        run.next_day()
        _sign_in(client)
        run.state(revision=1, touched=size // 5)
        run.tell_times("while a harvest is settled", list(_meanwhile(run, worker, client, paths)))


def _meanwhile(run: Run, worker: Worker, client: FlaskClient, paths: dict[str, str]) -> Iterator[float]:
    def work() -> None:
        product.harvest(worker, "city", full=False, now=run.clock())

    settling = threading.Thread(target=work)
    settling.start()
    for path in cycle(paths.values()):
        if not settling.is_alive():
            return
        yield _time(client, path)


def _time(client: FlaskClient, path: str) -> float:
    """Seconds until the whole page is there."""
    began = time.perf_counter()
    response = client.get(path)
    took = time.perf_counter() - began
    if response.status_code != 200:
        raise RuntimeError(f"{path}: {response.status}")
    return took


def _open(run: Run, worker: Worker) -> FlaskClient:
    """The console, in which an approver of everything is signed in."""
    accounts.add_account(
        worker.engines.write,
        accounts.NewAccount(_NAME, password=_PASSWORD, must_change=False),
        role=Role.APPROVER,
        actor=product.SUBMITTER,
        now=run.clock(),
    )
    settings = product.settings_of(run.url(), run.folder)
    app = create_app(settings, worker.engines, product.keyring_of(run.folder), run.clock)
    client = app.test_client()
    _sign_in(client)
    return client


def _sign_in(client: FlaskClient) -> None:
    found = _CSRF.search(client.get("/admin/sign-in").text)
    assert found is not None
    form = {"name": _NAME, "password": _PASSWORD, "csrf_token": found[1]}
    response = client.post("/admin/sign-in", data=form)
    if response.status_code != 303:
        raise RuntimeError(f"not signed in: {response.status}")


def _paths(worker: Worker, client: FlaskClient, size: int) -> dict[str, str]:
    """The pages that a person opens, the second page of long lists among them."""
    with worker.engines.read.connect() as connection:
        run = runs.listed(connection, source="city", limit=1)[0].id
        assert sources.get(connection, "city").live == size
    register = f"/admin/registers/{product.CITY}"
    found = {
        "home": "/admin/",
        "inbox": "/admin/inbox",
        "sources": "/admin/sources",
        "sources, by text": "/admin/sources?text=42",
        "source": "/admin/sources/city",
        "registers": "/admin/registers",
        "register": register,
        "entries": f"{register}/entries",
        "entries, by a word that all have": f"{register}/entries?text=工程",
        "entries, by a word that few have": f"{register}/entries?text=第4242标段",
        "entry": f"{register}/entry?identifier={corpus.identifier(1)}",
        "runs": "/admin/runs",
        "run": f"/admin/runs/{run}",
        "changes": f"/admin/runs/{run}/changes",
        "issues": f"/admin/runs/{run}/issues",
    }
    for name in ("sources", "entries", "runs", "issues"):
        onward = _AFTER.search(client.get(found[name]).text)
        if onward is not None:
            found[f"{name}, on"] = onward[1].replace("&amp;", "&")
    return found
