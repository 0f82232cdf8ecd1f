"""What a source's credentials are is told to the source, and to nobody else: not in logs, errors, the database, or
what commands print."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from sqlalchemy import MetaData, create_engine, select

from tests.acceptance.conftest import Mulu
from tests.endpoint import Endpoint, sample_records

SECRET = "hz:geheim-7f3a9c"
BASIC = base64.b64encode(SECRET.encode()).decode()
TRACES = ("geheim-7f3a9c", BASIC, base64.b64encode(b"geheim-7f3a9c").decode().rstrip("="))


@pytest.fixture
def guarded(mulu: Mulu) -> Iterator[tuple[Mulu, Endpoint]]:
    """An installation with an approved source ``hz`` that needs a password, and its endpoint."""
    mulu.environ.update(HZ_SECRET=SECRET, MULU_LOG_LEVEL="debug", MULU_HTTP_RETRIES="0")
    with Endpoint(sample_records(3)) as endpoint:
        mulu("source", "add", "hz", "--register", "330800", "--name", "hz", "--protocol", "oai-pmh", "--prefix",
             "oai_dc", "--namespace", "endpoint.test", "--location", endpoint.oai_url, "--credentials",
             "env:HZ_SECRET", "--allow-network", "127.0.0.1/32")  # fmt: skip
        mulu("source", "submit", "hz")
        mulu("source", "approve", "hz", "--as", "reviewer")
        yield mulu, endpoint


def everything_said(mulu: Mulu, endpoint: Endpoint) -> str:
    """What commands print and log around harvests that go well and that fail."""
    said: list[str] = []

    def call(*arguments: str, code: int = 0) -> None:
        said.append(mulu(*arguments, code=code))
        said.append(mulu.said)

    call("harvest", "hz", "--json", code=3)
    call("source", "probe", "hz", "--json", code=3)
    call("doctor", "--json")
    for fault in ("unauthorised", "redirect-elsewhere", "reset", "login-page"):
        endpoint.faults = [fault]
        call("harvest", "hz", "--full", "--json", code=1)
        call("doctor", "--source", "hz", code=0 if fault == "login-page" else 1)
    mulu.environ["HZ_SECRET"] = None
    call("harvest", "hz", "--json", code=1)
    call("doctor", "--json", code=1)
    call("source", "show", "hz", "--json")
    call("source", "list", "--json")
    call("run", "list", "--json")
    call("run", "show", "2", "--json")
    return "\n".join(said)


def stored(mulu: Mulu) -> str:
    """Every value of every table."""
    engine = create_engine(mulu.environ["MULU_DATABASE_URL"] or f"sqlite:///{mulu.home / 'mulu.sqlite3'}")
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        rows = [
            str(tuple(row)) for table in metadata.tables.values() for row in connection.execute(select(table))
        ]
    engine.dispose()
    return "\n".join(rows)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_credentials_are_told_to_their_source_only(guarded: tuple[Mulu, Endpoint]) -> None:
    mulu, endpoint = guarded
    said = everything_said(mulu, endpoint)
    assert endpoint.visits[0].headers["authorization"] == f"Basic {BASIC}"
    assert "env:HZ_SECRET" in said, "the reference is told"
    kept = stored(mulu)
    assert "env:HZ_SECRET" in kept
    for trace in TRACES:
        assert trace not in said
        assert trace not in kept
