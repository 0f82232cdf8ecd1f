"""The sample's server over a real socket, and as a process of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from lxml import etree

from demo.oaipmh import OAI
from demo.places import PLACES, place
from demo.process import running_sample
from demo.server import SampleServer


@pytest.fixture(scope="module")
def server() -> Iterator[SampleServer]:
    with SampleServer(0, lambda: datetime(2026, 1, 1, tzinfo=UTC)) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_every_place_answers_below_its_path(server: SampleServer) -> None:
    overview = requests.get(server.url, timeout=10).text
    assert len(overview.splitlines()) == len(PLACES)
    for line in overview.splitlines():
        answer = requests.get(line.split()[-1], params={"verb": "Identify"}, timeout=10)
        assert answer.status_code == 200
        assert etree.fromstring(answer.content) is not None


def test_get_and_post_answer_alike(server: SampleServer) -> None:
    url = server.url + place("330800").path
    arguments = {"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "credit"}
    got = requests.get(url, params=arguments, timeout=10)
    posted = requests.post(url, data=arguments, timeout=10)
    assert got.content == posted.content
    root = etree.fromstring(got.content)
    assert root.findtext(f"{{{OAI}}}request") == url
    assert root.find(f".//{{{OAI}}}record") is not None


def test_lists_answer_conditional_requests(server: SampleServer) -> None:
    url = server.url + place("420200").path
    first = requests.get(url, timeout=10)
    assert first.headers["Last-Modified"] == "Mon, 30 Jun 2025 00:00:00 GMT"
    again = requests.get(url, headers={"If-None-Match": first.headers["ETag"]}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(("method", "path"), [("GET", "/c/999999/oai"), ("POST", "/c/420200/list.xml")])
def test_other_paths_are_not_found(server: SampleServer, method: str, path: str) -> None:
    assert (
        requests.request(method, server.url + path, data={"verb": "Identify"}, timeout=10).status_code == 404
    )


def test_large_forms_are_refused(server: SampleServer) -> None:
    url = server.url + place("330800").path
    assert requests.post(url, data={"verb": "x" * 5000}, timeout=10).status_code == 413


def test_a_process_runs_as_long_as_the_block() -> None:
    with running_sample(0) as url:
        assert requests.get(url, timeout=10).status_code == 200
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), running_sample(port):
            pass
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)
