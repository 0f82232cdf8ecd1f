"""Documents: the canonical, masked bytes of one record's metadata, and the facts read from them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple


class Catalogue(StrEnum):
    """The two catalogues of the construction sector (公开共享规范(试行))."""

    PROJECT = "project"  # 项目信息公开目录
    CREDIT = "credit"  # 信用信息共享目录


class Sharing(StrEnum):
    """共享类型 of the 2017 compilation guide: the code on the wire is the value."""

    UNCONDITIONAL = "1"  # 无条件共享
    CONDITIONAL = "2"  # 有条件共享
    NOT_SHARED = "3"  # 不予共享


class Facts(NamedTuple):
    """What the registry must know about a document without parsing it.

    ``division`` is a six-digit GB/T 2260 code, ``item`` a guidance-catalogue category (``2.1``),
    ``body`` the publishing body's name (发布机构 / 来源部门), ``published_from`` and ``published_until``
    the first and last day on which the document may be shown (None: no bound), ``updated_on``
    元数据更新日期.
    """

    title: str
    catalogue: Catalogue
    item: str
    division: str
    body: str
    sharing: Sharing
    open: bool
    published_from: date | None = None
    published_until: date | None = None
    updated_on: date | None = None


class Document(NamedTuple):
    """Canonical metadata: ``content`` is one UTF-8 XML element without declaration, masked, in the
    ``catalogue`` format; ``digest`` its SHA-256; ``search_text`` what a person may search for."""

    digest: bytes
    content: bytes
    facts: Facts
    search_text: str


def digest_of(content: bytes) -> bytes:
    """SHA-256 of canonical bytes (32 bytes)."""
    return sha256(content).digest()
