"""Documents and the ways that they came."""

from __future__ import annotations

from hashlib import sha256

from registry.model.document import digest_of
from registry.model.record import Hop, route_of


def test_a_document_is_known_by_the_digest_of_its_bytes() -> None:
    assert digest_of("目录".encode()) == sha256("目录".encode()).digest()
    assert digest_of(b"") != digest_of(b" ")


def test_a_route_is_what_it_passed_whatever_the_dates() -> None:
    origin = Hop("", "http://hz.cn/oai", "2024-01-01", "urn:x", "")
    city = Hop("330100", "http://mulu.cn/oai/330100", "2024-01-02", "urn:x", "2024-01-03T00:00:00Z")
    assert route_of(()) == ()
    assert route_of((origin, city)) == ("", "330100")
    assert route_of((city, origin)) != route_of((origin, city))
