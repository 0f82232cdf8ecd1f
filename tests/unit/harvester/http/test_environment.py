"""The environment has no say: proxies, passwords, authorities and key logs named there are not used by the door.

Each test shows first that a plain ``requests`` does use them.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import requests

from harvester.errors import FatalFailure
from tests.endpoint import Endpoint, sample_records
from tests.endpoint.tls import authority_pem
from tests.unit.harvester.http.asking import fetcher, get, identify
from tests.unit.harvester.http.proxies import Proxy

PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
NETRC = base64.b64encode(b"netrc-user:netrc-word").decode()


def test_no_proxy_of_the_environment_is_asked(city: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy(answer=b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n") as proxy:
        for name in PROXIES:
            monkeypatch.setenv(name, proxy.url())
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        assert requests.get(identify(city), timeout=5).status_code == 204
        told = len(proxy.heads)
        assert told == 1
        assert get(identify(city))[0].status == 200
        assert len(proxy.heads) == told


def test_nobody_is_excepted_from_the_proxy_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.unit.harvester.http.test_proxy import ALLOWED, door

    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "*")
    with Endpoint(faults=["tls"]) as endpoint, Proxy(("127.0.0.1", endpoint.port)) as proxy:
        get(identify(endpoint), door(proxy.url()), **ALLOWED)
        assert len(proxy.heads) == 1


def test_no_password_is_taken_from_netrc(
    city: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = "machine 127.0.0.1 login netrc-user password netrc-word\ndefault login netrc-user password netrc-word\n"
    for name in (".netrc", "_netrc"):
        (tmp_path / name).write_text(entries)
        (tmp_path / name).chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    requests.get(identify(city), timeout=5)
    assert city.visits[-1].headers["authorization"] == f"Basic {NETRC}"
    get(identify(city))
    assert "authorization" not in city.visits[-1].headers


def test_no_authority_of_the_environment_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text(authority_pem())
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(bundle))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with Endpoint(sample_records(1), faults=["tls"]) as endpoint:
        assert requests.get(identify(endpoint), timeout=5).status_code == 200
        with pytest.raises(FatalFailure, match="does not verify"):
            get(identify(endpoint))


def test_no_key_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, bundle = tmp_path / "keys.log", tmp_path / "ca.pem"
    bundle.write_text(authority_pem())
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    with Endpoint(sample_records(1), faults=["tls"]) as endpoint:
        asking = fetcher(secret=lambda _: authority_pem())
        assert get(identify(endpoint), asking, ca_bundle="file:ca.pem")[0].status == 200
        assert not log.exists()
        requests.get(identify(endpoint), timeout=5, verify=str(bundle))
        assert log.exists()
