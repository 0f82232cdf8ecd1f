"""The real provider behind the real web application, begun anew every few answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from flask import Flask
from lxml import etree

from config.secrets import Keyring
from config.settings import Pages, Settings
from registry.model.datestamp import format_datestamp, parse_datestamp
from registry.model.document import digest_of
from registry.store import publications
from registry.store.engine import Engines
from registry.web import create_app
from schemas.oaipmh import OAI
from tests.crash.client import Answer, Header, register_at
from tests.crash.household import CITY

_METADATA = re.compile(rb"<metadata>(.*?)</metadata>", re.DOTALL)


@dataclass(slots=True)
class WebProvider:
    """Asks ``/oai/<city>`` for everything, or for one set; keys lie in ``home``. Each application answers
    three requests: the next one knows nothing of what it did."""

    engines: Engines
    register_id: int
    clock: Callable[[], datetime]
    home: Path
    set_spec: str = ""
    answers: int = 0
    app: Flask = field(init=False)

    def first(self, since: datetime | None) -> Answer:
        asked = {"metadataPrefix": "catalogue"}
        if self.set_spec:
            asked["set"] = self.set_spec
        if since is not None:
            asked["from"] = format_datestamp(since)
        return self._ask(asked)

    def next(self, token: str) -> Answer:
        return self._ask({"resumptionToken": token})

    def expected(self, mark: int) -> dict[str, bytes]:
        return register_at(self.engines, self.register_id, mark, self.set_spec)

    def _ask(self, arguments: dict[str, str]) -> Answer:
        if self.answers % 3 == 0:
            settings = Settings(home=self.home, pages=Pages(outlet=5))
            self.app = create_app(settings, self.engines, Keyring(self.home / "secrets", {}), self.clock)
        self.answers += 1
        moment = self.clock().replace(microsecond=0)
        with self.engines.read.connect() as connection:
            mark = publications.shown_at(connection, self.register_id, moment).through
        reply = self.app.test_client().get(f"/oai/{CITY}", query_string={"verb": "ListRecords", **arguments})
        assert reply.status_code == 200
        return _read(reply.data, mark)


def _read(body: bytes, mark: int) -> Answer:
    answer = etree.fromstring(body)
    dated = _moment(answer.findtext(f"{{{OAI}}}responseDate"))
    codes = [error.get("code") for error in answer.findall(f"{{{OAI}}}error")]
    assert codes in ([], ["noRecordsMatch"])
    contents = iter(_METADATA.findall(body))
    headers = [
        Header(
            header.findtext(f"{{{OAI}}}identifier", ""),
            _moment(header.findtext(f"{{{OAI}}}datestamp")),
            b"" if header.get("status") == "deleted" else digest_of(next(contents)),
        )
        for header in answer.iter(f"{{{OAI}}}header")
    ]
    token = answer.findtext(f".//{{{OAI}}}resumptionToken") or None
    return Answer(dated, headers, token, mark)


def _moment(text: str | None) -> datetime:
    assert text is not None
    return parse_datestamp(text)[0]
