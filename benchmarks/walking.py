"""What the provider costs: a full walk, against reading the same bytes from the database with the same pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask.testing import FlaskClient
from sqlalchemy import select

from benchmarks import product
from harvester.worker import Worker
from registry.store import registers
from registry.store.tables import documents, versions
from registry.web.app import create_app

if TYPE_CHECKING:
    from benchmarks.scenarios import Run

_TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)</resumptionToken>")
_PAGES_TIMED = 20


def measure(run: Run, worker: Worker) -> None:
    """Tell the cost of the floor, of the walk, and of its first and last pages."""
    size = run.case.records
    settings = product.settings_of(run.url(), run.folder)
    page_size = settings.pages.outlet
    with worker.engines.read.connect() as connection:
        register = registers.get(connection, product.CITY)
    run.measure("reading the bytes", lambda: _read(worker, register.id, register.mark, page_size), size)
    client = create_app(settings, worker.engines, product.keyring_of(run.folder), run.clock).test_client()
    first = f"/oai/{product.CITY}?verb=ListRecords&metadataPrefix=catalogue"
    tokens = [first]
    run.measure("walk", lambda: tokens.extend(_walk(client, first)), size)
    count = min(_PAGES_TIMED, len(tokens))
    run.measure("first pages", lambda: [client.get(url) for url in tokens[:count]], count)
    run.measure("last pages", lambda: [client.get(url) for url in tokens[-count - 1 : -1]], count)


def _read(worker: Worker, register_id: int, mark: int, page_size: int) -> int:
    """Read every current document once, in pages by key, as the provider must at the least."""
    after = total = 0
    with worker.engines.read.connect() as connection:
        while True:
            query = (
                select(versions.c.sequence, versions.c.identifier, documents.c.content)
                .join_from(versions, documents, documents.c.id == versions.c.document_id)
                .where(versions.c.register_id == register_id, versions.c.sequence > after)
                .where(versions.c.sequence <= mark, versions.c.superseded_by == 0)
                .order_by(versions.c.sequence)
                .limit(page_size)
            )
            rows = connection.execute(query).all()
            if not rows:
                return total
            after = rows[-1].sequence
            total += sum(len(row.content) for row in rows)


def _walk(client: FlaskClient, url: str) -> list[str]:
    """Walk to the end; the URLs of the pages behind the first."""
    found: list[str] = []
    while True:
        body = client.get(url).data
        match = _TOKEN.search(body)
        if match is None:
            return found
        url = f"/oai/{product.CITY}?verb=ListRecords&resumptionToken={match[1].decode()}"
        found.append(url)
