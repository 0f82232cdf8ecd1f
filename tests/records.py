"""Catalogue documents and checked records, made of whatever a test wants to say about them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import blake2b
from html import escape

from registry.formats.catalogue import document_of
from registry.model.document import Document
from registry.model.record import CheckedRecord, Condition, Hop, Raw
from schemas.xml import parse
from schemas.xsd import NAMESPACE

BEGINNING = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
ENDPOINT = "http://127.0.0.1:9999/hangzhou"


def catalogue_document(
    key: str = "1",
    *,
    title: str = "杭州市城北污水处理厂一期工程",
    abstract: str = "施工许可信息",
    body: str = "杭州市城乡建设委员会",
    catalogue: str = "project",
    item: str = "2.1",
    division: str = "330100",
    sharing: str = "1",
    openness: bool = True,
    published_from: date | None = None,
    published_until: date | None = None,
    updated_on: date | None = None,
) -> Document:
    """A valid document of the catalogue format; with ``published_until`` it carries a conduct record."""

    def element(name: str, value: object) -> str:
        return "" if value is None else f"<{name}>{escape(str(value), quote=False)}</{name}>"

    conduct = (
        "<conduct><conductKind>bad</conductKind>"
        f"{element('authority', body)}<decisionDate>2024-01-01</decisionDate>"
        f"{element('publicUntil', published_until)}<conductStatus>effective</conductStatus></conduct>"
        if published_until
        else ""
    )
    text = (
        f'<record xmlns="{NAMESPACE}">{element("mdId", key)}{element("resTitle", title)}'
        f"{element('pubDate', published_from)}{element('abstract', abstract)}"
        f"<IdPoC>{element('rpOrgName', body)}</IdPoC>"
        f"<TpCat><cateStd>gov</cateStd><cateName>城乡建设</cateName><cateCode>6</cateCode></TpCat>"
        f"{element('resID', f'{division}/{key}')}{element('mdDateUpd', updated_on)}"
        f"{element('catalogue', catalogue)}{element('item', item)}{element('division', division)}{conduct}"
        f"{element('sharing', sharing)}{element('openness', int(openness))}</record>"
    )
    return document_of(parse(text.encode()))


def identifier_of(key: str, namespace: str = "hangzhou.gov.cn") -> str:
    """The identifier that a source with this namespace mints for ``key``."""
    return f"oai:{namespace}:{key}"


def live(
    key: str,
    document: Document | None = None,
    *,
    path: tuple[Hop, ...] | None = None,
    datestamp: datetime = BEGINNING,
    namespace: str = "hangzhou.gov.cn",
) -> CheckedRecord:
    """An accepted record with ``document`` (default: a plain one under its key)."""
    document = document or catalogue_document(key)
    stamp = datestamp.strftime("%Y-%m-%dT%H:%M:%SZ")
    raw_digest = blake2b(document.content, digest_size=32).digest()
    return CheckedRecord(
        identifier_of(key, namespace),
        Condition.LIVE,
        raw_digest=raw_digest,
        raw=Raw(raw_digest, document.content),
        document=document,
        document_digest=document.digest,
        datestamp=datestamp,
        path=path if path is not None else (Hop("", ENDPOINT, stamp, NAMESPACE, ""),),
    )


def deleted(
    key: str, *, namespace: str = "hangzhou.gov.cn", datestamp: datetime = BEGINNING
) -> CheckedRecord:
    """A record that its source says is deleted."""
    return CheckedRecord(identifier_of(key, namespace), Condition.DELETED, datestamp=datestamp)
