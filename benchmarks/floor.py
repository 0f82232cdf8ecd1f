"""The floor: the least that any harvester must do, as a straight-line script.

Fetch, parse, validate against the XSD, canonical bytes, SHA-256, upsert by SQLAlchemy Core in the same page size;
optionally the same bigram index. No approval, no staging, no history, no merge, no child.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import requests
from lxml import etree
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from benchmarks.corpus import NAMESPACE
from registry.store.document_index import tsvector
from registry.store.tokens import tokens_of
from schemas.xsd import CATALOGUE

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_metadata = MetaData()
_records = Table(
    "floor_records",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("identifier", Text, unique=True, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
_SEARCHED = [
    f"{{{NAMESPACE}}}{name}"
    for name in (
        [
            "resTitle",
            "abstract",
            "rpOrgName",
            "keyword",
            "cateName",
            "resID",
            "projectCode",
            "projectName",
            "partyName",
        ]
    )
]


def prepare(engine: Engine) -> None:
    """Make the floor's tables anew."""
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS floor_index"))
        _metadata.drop_all(connection)
        _metadata.create_all(connection)
        if engine.dialect.name == "sqlite":
            connection.execute(
                text("CREATE VIRTUAL TABLE floor_index USING fts5(tokens, content='', tokenize='ascii')")
            )
            connection.execute(
                text("INSERT INTO floor_index(floor_index, rank) VALUES ('hashsize', 8388608)")
            )
        else:
            connection.execute(text("CREATE TABLE floor_index (id bigint PRIMARY KEY, tokens tsvector)"))
            connection.execute(text("CREATE INDEX floor_index_tokens ON floor_index USING gin (tokens)"))


def harvest(engine: Engine, base_url: str, *, index: bool, since: str = "") -> int:
    """One harvest; returns how many records were new or changed."""
    changed = 0
    with requests.Session() as session:
        for page in _pages(session, base_url, since):
            changed += _store(engine, page, index)
    return changed


def _pages(session: requests.Session, base_url: str, since: str) -> Iterator[list[etree._Element]]:
    arguments = {"verb": "ListRecords", "metadataPrefix": "catalogue", **({"from": since} if since else {})}
    while True:
        root = etree.fromstring(session.get(base_url, params=arguments, timeout=60).content)
        yield root.findall(f".//{_OAI}record")
        token = root.findtext(f".//{_OAI}resumptionToken")
        if not token:
            return
        arguments = {"verb": "ListRecords", "resumptionToken": token}


def _store(engine: Engine, page: list[etree._Element], index: bool) -> int:
    rows: list[dict[str, Any]] = []
    for record in page:
        metadata = record.find(f"{_OAI}metadata/{{{NAMESPACE}}}record")
        assert metadata is not None
        CATALOGUE.assertValid(metadata)
        content = etree.tostring(metadata, method="c14n")
        identifier = record.findtext(f"{_OAI}header/{_OAI}identifier")
        rows.append(
            {
                "identifier": identifier,
                "digest": sha256(content).digest(),
                "content": content,
                "tree": metadata,
            }
        )
    with engine.begin() as connection:
        held = select(_records.c.identifier, _records.c.digest).where(
            _records.c.identifier.in_(bindparam("wanted", expanding=True))
        )
        known = dict(connection.execute(held, {"wanted": [row["identifier"] for row in rows]}).all())
        changed = [row for row in rows if known.get(row["identifier"]) != row["digest"]]
        if not changed:
            return 0
        dialect = sqlite if engine.dialect.name == "sqlite" else postgresql
        upsert = dialect.insert(_records)
        upsert = upsert.on_conflict_do_update(
            index_elements=["identifier"],
            set_={"digest": upsert.excluded.digest, "content": upsert.excluded.content},
        )
        connection.execute(
            upsert, [{name: row[name] for name in ("identifier", "digest", "content")} for row in changed]
        )
        if index:
            _index(connection, changed)
    return len(changed)


def _index(connection: Connection, changed: list[dict[str, Any]]) -> None:
    """The same tokens in the same kind of index; the floor's records are never indexed twice."""
    wanted = select(_records.c.identifier, _records.c.id).where(
        _records.c.identifier.in_([row["identifier"] for row in changed])
    )
    ids = {row.identifier: row.id for row in connection.execute(wanted)}
    texts = {
        ids[row["identifier"]]: "\n".join(element.text or "" for element in row["tree"].iter(*_SEARCHED))
        for row in changed
    }
    if connection.dialect.name == "sqlite":
        rows = [{"id": key, "tokens": " ".join(tokens_of(searched))} for key, searched in texts.items()]
        connection.execute(text("INSERT INTO floor_index (rowid, tokens) VALUES (:id, :tokens)"), rows)
        return
    with connection.connection.cursor().copy("COPY floor_index (id, tokens) FROM STDIN") as copy:
        for key, searched in texts.items():
            copy.write_row((key, tsvector(tokens_of(searched))))
