"""The application around the outlets: statuses, headers, compression, load."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import etree

from config.secrets import Keyring
from config.settings import Settings, Web
from registry.store.engine import Engines, open_engines
from registry.web import create_app
from registry.web.oai import RETRY_AFTER_SECONDS
from tests.databases import SqliteTemplate
from tests.factories import Installation, live

IDENTIFY = "/oai/330100?verb=Identify"


@pytest.fixture(scope="module")
def engines(sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """A store with one register."""
    opened = open_engines(sqlite_template.copy_to(tmp_path_factory.mktemp("web")))
    installation = Installation(opened)
    installation.deliver(installation.register_with_source("330100"), [live("1"), live("2")])
    yield opened
    opened.dispose()


class Gate:
    """A clock that makes whoever asks it wait until it is opened."""

    def __init__(self) -> None:
        self.opened, self.reached = threading.Event(), threading.Event()
        self.opened.set()

    def __call__(self) -> datetime:
        self.reached.set()
        assert self.opened.wait(30)
        return datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def client(engines: Engines, gate: Gate, tmp_path: Path) -> FlaskClient:
    settings = Settings(home=tmp_path, web=Web(threads=2, request_bytes=2000))
    return create_app(settings, engines, Keyring(tmp_path / "secrets", {}), gate).test_client()


def test_health(client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.get_json() == {"status": "ok", "registers": 1, "publication_stopped_since": None}


def test_health_fails_where_the_store_cannot_be_read(tmp_path: Path, gate: Gate) -> None:
    engines = open_engines(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    app = create_app(Settings(home=tmp_path), engines, Keyring(tmp_path / "secrets", {}), gate)
    assert app.test_client().get("/healthz").status_code == 500
    engines.dispose()


@pytest.mark.parametrize("path", ["/healthz", IDENTIFY, "/schemas/catalogue.xsd", "/nothing"])
def test_every_answer_is_guarded(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/oai/420100?verb=Identify", 404),
        ("GET", "/oai/330100/x", 404),
        ("GET", "/schemas/..%2fxsd.py", 404),
        ("GET", "/schemas/nothing.xsd", 404),
        ("PUT", "/oai/330100", 405),
        ("POST", "/healthz", 405),
    ],
)
def test_failures_are_told_in_both_languages(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    response = client.open(path, method=method)
    assert response.status_code == status
    assert response.mimetype == "text/plain"
    chinese, english = response.get_data(as_text=True).splitlines()
    assert not chinese.isascii() and english.isascii()
    assert ("Allow" in response.headers) == (status == 405)


def test_a_form_has_a_size_it_may_not_exceed(client: FlaskClient) -> None:
    form = "application/x-www-form-urlencoded"
    fitting = client.post("/oai/330100", data="verb=Identify&x=" + "a" * 1984, content_type=form)
    too_long = client.post("/oai/330100", data="verb=Identify&x=" + "a" * 1985, content_type=form)
    assert (fitting.status_code, too_long.status_code) == (200, 413)


@pytest.mark.parametrize(
    ("content_type", "data", "code"),
    [
        ("application/x-www-form-urlencoded", "verb=Identify", None),
        ("application/x-www-form-urlencoded; charset=UTF-8", "verb=Identify", None),
        ("text/plain", "verb=Identify", "badVerb"),
        ("application/x-www-form-urlencoded", "verb=Identify" + "&x=1" * 100, "badVerb"),
        ("application/x-www-form-urlencoded", "verb=%ff%fe", "badVerb"),
        ("application/x-www-form-urlencoded", b"\xff\xfe=\xff", "badVerb"),
    ],
)
def test_forms(client: FlaskClient, content_type: str, data: str | bytes, code: str | None) -> None:
    root = etree.fromstring(client.post("/oai/330100", data=data, content_type=content_type).data)
    errors = [each.get("code") for each in root.iter("{*}error")]
    assert errors == ([code] if code else [])


def test_query_and_form_are_one_request(client: FlaskClient) -> None:
    form = {"verb": "ListRecords"}
    found = client.post("/oai/330100?metadataPrefix=oai_dc", data=form)
    assert len(list(etree.fromstring(found.data).iter("{*}record"))) == 2
    twice = client.post("/oai/330100?verb=ListRecords", data=form)
    assert b'code="badVerb"' in twice.data


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip", True),
        ("deflate, gzip;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("br", False),
        ("", False),
    ],
)
def test_answers_are_compressed_for_whoever_accepts_it(
    client: FlaskClient, accepted: str, compressed: bool
) -> None:
    path = "/oai/330100?verb=ListRecords&metadataPrefix=catalogue"
    plain = client.get(path)
    response = client.get(path, headers={"Accept-Encoding": accepted})
    assert response.headers["Vary"] == plain.headers["Vary"] == "Authorization, Accept-Encoding"
    assert (response.headers.get("Content-Encoding") == "gzip") == compressed
    assert int(response.headers["Content-Length"]) == len(response.data)
    assert (gzip.decompress(response.data) if compressed else response.data) == plain.data


def test_small_answers_are_not_compressed(client: FlaskClient) -> None:
    response = client.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers


def test_head_has_no_body(client: FlaskClient) -> None:
    response = client.head(IDENTIFY)
    assert (response.status_code, response.data) == (200, b"")


def test_the_schema_files_are_served(client: FlaskClient) -> None:
    for name in ("catalogue.xsd", "core.xsd", "construction.xsd", "values.xsd"):
        response = client.get(f"/schemas/{name}")
        assert etree.fromstring(response.data).tag == "{http://www.w3.org/2001/XMLSchema}schema"


def test_under_load_whoever_comes_is_asked_to_come_again(client: FlaskClient, gate: Gate) -> None:
    gate.opened.clear()
    answers: list[int] = []
    busy = threading.Thread(
        target=lambda: answers.append(client.application.test_client().get(IDENTIFY).status_code)
    )
    busy.start()
    assert gate.reached.wait(30)
    refused = client.get(IDENTIFY)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, str(RETRY_AFTER_SECONDS))
    assert client.get("/healthz").status_code == 200
    gate.opened.set()
    busy.join()
    assert answers == [200]
    assert client.get(IDENTIFY).status_code == 200
