"""The floor: the least that any harvester must do, as a straight-line script.

Fetch, parse, validate against the XSD, canonical bytes, SHA-256, upsert by SQLAlchemy Core in the same page size;
optionally the same bigram index. No approval, no staging, no history, no merge, no child.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import requests
from lxml import etree
from sqlalchemy import Column, Engine, Integer, LargeBinary, MetaData, Table, Text, bindparam, select, text
from sqlalchemy.dialects import postgresql, sqlite

from benchmarks.corpus import NAMESPACE
from registry.store.search import tokens
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
_SEARCHED = [f"{{{NAMESPACE}}}{name}" for name in ("resTitle", "abstract", "rpOrgName", "keyword", "partyName")]


def prepare(engine: Engine) -> None:
    """Make the floor's tables anew."""
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS floor_index"))
        _metadata.drop_all(connection)
        _metadata.create_all(connection)
        if engine.dialect.name == "sqlite":
            connection.execute(text("CREATE VIRTUAL TABLE floor_index USING fts5(tokens, content='')"))
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
    rows = []
    for record in page:
        metadata = record.find(f"{_OAI}metadata/{{{NAMESPACE}}}record")
        assert metadata is not None
        CATALOGUE.assertValid(metadata)
        content = etree.tostring(metadata, method="c14n")
        identifier = record.findtext(f"{_OAI}header/{_OAI}identifier")
        rows.append(
            {"identifier": identifier, "digest": sha256(content).digest(), "content": content, "tree": metadata}
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


def _index(connection: object, changed: list[dict[str, object]]) -> None:
    ids = dict(
        connection.execute(  # type: ignore[attr-defined]
            select(_records.c.identifier, _records.c.id).where(
                _records.c.identifier.in_([row["identifier"] for row in changed])
            )
        ).all()
    )
    rows = []
    for row in changed:
        found = row["tree"].iter(*_SEARCHED)  # type: ignore[attr-defined]
        searched = "\n".join(element.text or "" for element in found)
        rows.append({"id": ids[row["identifier"]], "tokens": tokens(searched)})
    if connection.dialect.name == "sqlite":  # type: ignore[attr-defined]
        statement = "INSERT OR REPLACE INTO floor_index (rowid, tokens) VALUES (:id, :tokens)"
    else:
        statement = (
            "INSERT INTO floor_index VALUES (:id, to_tsvector('simple', :tokens)) "
            "ON CONFLICT (id) DO UPDATE SET tokens = excluded.tokens"
        )
    connection.execute(text(statement), rows)  # type: ignore[attr-defined]
