"""What the tests of the HTTP door share: a fetcher, a source, a question and its answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from config.settings import Http
from harvester.http import Answer, Fetcher, Policy
from harvester.http.access import Secret, no_secrets
from harvester.protocols.base import Request
from registry.model.source import Protocol, SourceDescription
from tests.endpoint import Endpoint

PATIENT = Http(page_wire_bytes=1 << 20, page_inflated_bytes=4 << 20)
HASTY = Http(gap_seconds=0.6, headers_seconds=0.8, rate_window_seconds=0.3)
HASTE_NEEDED = ("silent", "header-trickle", "body-trickle", "stalled")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LOOPBACK = ("127.0.0.0/8",)


def fetcher(
    policy: Policy | None = None,
    secret: Secret = no_secrets,
    limits: Http = PATIENT,
) -> Fetcher:
    return Fetcher(policy or Policy(LOOPBACK), limits, lambda: NOW, secret)


def source(location: str = "", **others: Any) -> SourceDescription:
    return SourceDescription(
        id=1,
        code=others.pop("code", "hangzhou"),
        register_id=1,
        register_code="330100",
        protocol=Protocol.OAI_PMH,
        location=location,
        metadata_prefix="oai_dc",
        namespace="endpoint.test",
        **others,
    )


def get(url: str, asking: Fetcher | None = None, **described: Any) -> tuple[Answer, bytes]:
    """One answer and its whole body."""
    asking = asking or fetcher()
    with asking.fetch(Request(url), source(url, **described)) as answer:
        return answer, b"".join(answer.chunks())


def identify(endpoint: Endpoint) -> str:
    return f"{endpoint.oai_url}?verb=Identify"
