"""Registers of three levels with a past, served as OAI-PMH repositories, and a reader that judges every answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Flask
from lxml import etree
from werkzeug.serving import make_server

from config.secrets import Keyring
from config.settings import Pages, Settings, Web
from registry.model.brake import BrakeLimits
from registry.model.record import CheckedRecord
from registry.model.register import Level, Policy
from registry.model.source import Protocol
from registry.services.registration import create_register
from registry.web import create_app
from schemas.oaipmh import OAI
from tests.factories import SUBMITTER, Installation, catalogue_document, deleted, live
from tests.oai_schema import valid_answer

CITY, PROVINCE, NATION = "330100", "330000", "000000"
REGISTERS = (CITY, PROVINCE, NATION)
PREFIXES = ("catalogue", "oai_dc")
PUBLIC_URL = "http://mulu.example"
EXPIRES = date(2024, 6, 30)


def application(installation: Installation, home: Path, *, page_size: int = 3) -> Flask:
    """The web application over an installation's store; its keys lie in ``home``."""
    settings = Settings(home=home, pages=Pages(outlet=page_size), web=Web(public_url=PUBLIC_URL))
    return create_app(settings, installation.engines, Keyring(home / "secrets", {}), installation.clock)


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """Serve ``app`` on a free port of this machine; gives its URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(slots=True)
class Town:
    """A municipal register with two sources, a province over it, and the nation over that."""

    installation: Installation
    sources: tuple[str, ...] = ()
    upward: dict[str, str] = field(default_factory=dict)

    def found(self) -> None:
        """Make the registers and their sources."""
        registered = self.installation
        named = ((CITY, "杭州市目录", Level.MUNICIPAL), (PROVINCE, "浙江省目录 <1>", Level.PROVINCIAL),
                 (NATION, "全国目录 & co", Level.NATIONAL))  # fmt: skip
        for code, name, level in named:
            create_register(
                registered.engines.write, code=code, name=name, level=level, division=code, actor=SUBMITTER,
                now=registered.clock(), policy=Policy(brake=BrakeLimits(vanish_floor=100)),
            )  # fmt: skip
        self.sources = (
            registered.source("committee", CITY, "hangzhou.gov.cn"),
            registered.source("bureau", CITY, "jw.hangzhou.gov.cn"),
        )
        for above, below in ((PROVINCE, CITY), (NATION, PROVINCE)):
            self.upward[above] = registered.source(
                f"{above}-over-{below}", above, "", below, Protocol.REGISTER
            )

    def publish(self, *records: CheckedRecord, source: int = 0) -> None:
        """Harvest records from a source."""
        self.installation.deliver(self.sources[source], records)

    def rise(self) -> None:
        """Bring what the city published up to the nation."""
        for source_code in self.upward.values():
            self.installation.read_upward(source_code)

    def grow(self) -> None:
        """A past: entries of all kinds, some changed, moved, hidden, deleted, restored, expired."""
        numbers = [str(number) for number in range(7)]
        self.publish(*(live(number) for number in numbers))
        self.publish(
            live(
                "a&b'c", catalogue_document("a&b", title="甲 & 乙 <丙> ]]>"), namespace="jw.hangzhou.gov.cn"
            ),
            live("%E7%9B%AE/é", catalogue_document("目"), namespace="jw.hangzhou.gov.cn"),
            live(
                "7",
                catalogue_document("7", catalogue="credit", item="6.2", published_until=EXPIRES),
                namespace="jw.hangzhou.gov.cn",
            ),
            source=1,
        )
        self.rise()
        self.publish(
            live("1", catalogue_document("1", item="2.2")),
            live("2", catalogue_document("2", sharing="3")),
            live("8", catalogue_document("8", sharing="2")),
            live("9", catalogue_document("9", division="330106")),
        )
        self.publish(deleted("3"))
        self.publish(deleted("4"))
        self.rise()
        self.publish(live("4"))
        self.rise()


class Entry(NamedTuple):
    """A header or record as it came."""

    identifier: str
    datestamp: str
    deleted: bool
    sets: tuple[str, ...]
    metadata: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A valid answer: the codes of its errors, its entries, its token (None: no element)."""

    root: etree._Element
    errors: tuple[str, ...]
    entries: tuple[Entry, ...]
    token: str | None
    cursor: int | None

    @property
    def dated(self) -> str:
        return self.root.findtext(f"{{{OAI}}}responseDate") or ""


class Reader:
    """Asks an application by GET or POST; every answer must be valid."""

    def __init__(self, app: Flask, *, posts: bool = False) -> None:
        self._client, self._posts = app.test_client(), posts

    def ask(
        self, register: str, verb: str = "", pairs: Sequence[tuple[str, str]] = (), **arguments: str
    ) -> Answer:
        """One request: ``since`` stands for ``from``; ``pairs`` come behind the rest, as they are."""
        named = [("from" if name == "since" else name, value) for name, value in arguments.items()]
        return self.ask_raw(register, urlencode([*([("verb", verb)] if verb else []), *named, *pairs]))

    def ask_raw(self, register: str, query: str) -> Answer:
        """One request with an encoded query."""
        if self._posts:
            response = self._client.post(
                f"/oai/{register}", data=query, content_type="application/x-www-form-urlencoded"
            )
        else:
            response = self._client.get(f"/oai/{register}?{query}")
        assert (response.status_code, response.content_type) == (200, "text/xml; charset=utf-8")
        return read(response.data)

    def follow(self, register: str, verb: str, token: str | None) -> list[Answer]:
        """The answers from a token on."""
        answers = []
        while token:
            answers.append(self.ask(register, verb, resumptionToken=token))
            token = answers[-1].token
        return answers

    def walk(self, register: str, verb: str = "ListRecords", **arguments: str) -> list[Answer]:
        """All answers of a list; a single one with errors where there is none."""
        first = self.ask(register, verb, (), **arguments)
        return [first, *self.follow(register, verb, first.token)]

    def entries(self, register: str, verb: str = "ListRecords", **arguments: str) -> list[Entry]:
        """All entries of a list."""
        walk = self.walk(register, verb, **arguments)
        return [entry for answer in walk for entry in answer.entries]


def read(content: bytes) -> Answer:
    """An answer, once it is known to be valid."""
    root = valid_answer(content)
    token = root.find(f".//{{{OAI}}}resumptionToken")
    return Answer(
        root,
        tuple(error.get("code", "") for error in root.iter(f"{{{OAI}}}error")),
        tuple(_entry(header) for header in root.iter(f"{{{OAI}}}header")),
        None if token is None else (token.text or ""),
        None if token is None else int(token.get("cursor", "-1")),
    )


def _entry(header: etree._Element) -> Entry:
    record = header.getparent()
    metadata = None if record is None else record.find(f"{{{OAI}}}metadata/*")
    return Entry(
        header.findtext(f"{{{OAI}}}identifier") or "",
        header.findtext(f"{{{OAI}}}datestamp") or "",
        header.get("status") == "deleted",
        tuple(spec.text or "" for spec in header.iterfind(f"{{{OAI}}}setSpec")),
        b"" if metadata is None else etree.tostring(metadata, encoding="utf-8"),
    )
