"""The HTTP door: credentials by reference, TLS and certificates."""

from __future__ import annotations

import base64
import traceback

import pytest

from harvester.errors import FatalFailure, HarvestFailure
from tests.endpoint import Endpoint
from tests.endpoint.tls import authority_pem, certificate_pem
from tests.unit.harvester.http.asking import (
    fetcher,
    get,
    identify,
)

SECRET = "hz:机密口令"


@pytest.mark.parametrize(
    ("held", "sent"),
    [
        (SECRET, "Basic " + base64.b64encode(SECRET.encode()).decode()),
        ("bearer abc.def", "Bearer abc.def"),
    ],
)
def test_credentials_come_by_reference(city: Endpoint, held: str, sent: str) -> None:
    asking = fetcher(secret={"env:HANGZHOU": held}.__getitem__)
    get(identify(city), asking, credentials="env:HANGZHOU")
    assert city.visits[0].headers["authorization"] == sent
    assert "机密" not in repr(vars(asking))
    assert "abc" not in repr(vars(asking))


def test_credentials_that_are_missing_are_named_and_nothing_is_asked(city: Endpoint) -> None:
    with pytest.raises(FatalFailure, match="env:HANGZHOU"):
        get(identify(city), credentials="env:HANGZHOU")
    assert city.visits == []


def test_credentials_that_were_rejected_are_read_again(city: Endpoint) -> None:
    held = {"env:HANGZHOU": "hz:old"}
    asking = fetcher(secret=held.__getitem__)
    city.faults = ["unauthorised"]
    with pytest.raises(FatalFailure):
        get(identify(city), asking, credentials="env:HANGZHOU")
    held["env:HANGZHOU"], city.faults = "bearer new", []
    get(identify(city), asking, credentials="env:HANGZHOU")
    assert city.visits[-1].headers["authorization"] == "Bearer new"


def test_tls_is_verified_against_the_bundle_of_the_source() -> None:
    with Endpoint(faults=["tls"]) as endpoint:
        with pytest.raises(FatalFailure, match="does not verify"):
            get(identify(endpoint))
        asking = fetcher(secret=lambda _: authority_pem())
        assert get(identify(endpoint), asking, ca_bundle="file:ca.pem")[0].status == 200


def test_a_client_shows_its_certificate() -> None:
    held = {"file:ca.pem": authority_pem(), "file:client.pem": certificate_pem("127.0.0.1")}
    asking = fetcher(secret=held.__getitem__)
    with Endpoint(faults=["tls-client"]) as endpoint:
        answer, _ = get(identify(endpoint), asking, ca_bundle="file:ca.pem", credentials="file:client.pem")
        assert answer.status == 200
        assert "authorization" not in endpoint.visits[0].headers


@pytest.mark.parametrize("reference", ["ca_bundle", "credentials"])
def test_a_broken_certificate_is_named_by_its_reference(city: Endpoint, reference: str) -> None:
    asking = fetcher(secret=lambda _: "-----BEGIN CERTIFICATE-----\nTk9ORQ==\n-----END CERTIFICATE-----\n")
    with pytest.raises(FatalFailure, match="file:broken") as caught:
        get(identify(city), asking, **{reference: "file:broken"})
    assert "Tk9ORQ" not in str(caught.value)


def test_the_authorities_of_one_source_are_not_believed_for_another() -> None:
    asking = fetcher(secret=lambda _: authority_pem())
    with Endpoint(faults=["tls"]) as endpoint:
        assert get(identify(endpoint), asking, ca_bundle="file:ca.pem")[0].status == 200
        with pytest.raises(FatalFailure, match="does not verify"):
            get(identify(endpoint), asking, code="other")
        assert len(endpoint.visits) == 1


def test_the_certificate_of_one_source_is_not_shown_for_another() -> None:
    held = {"file:ca.pem": authority_pem(), "file:client.pem": certificate_pem("127.0.0.1")}
    asking = fetcher(secret=held.__getitem__)
    with Endpoint(faults=["tls-client"]) as endpoint:
        get(identify(endpoint), asking, ca_bundle="file:ca.pem", credentials="file:client.pem")
        with pytest.raises(HarvestFailure):
            get(identify(endpoint), asking, ca_bundle="file:ca.pem", code="other")
        assert len(endpoint.visits) == 1


def test_the_password_of_one_source_is_not_sent_for_another(city: Endpoint) -> None:
    asking = fetcher(secret={"env:HANGZHOU": SECRET}.__getitem__)
    get(identify(city), asking, credentials="env:HANGZHOU")
    get(identify(city), asking, code="other")
    assert "authorization" not in city.visits[-1].headers


@pytest.mark.parametrize(
    ("fault", "described"),
    [
        ("unauthorised", {}),
        ("redirect-elsewhere", {}),
        ("redirect-loop", {}),
        ("refused", {}),
        ("reset", {}),
        ("header-flood", {}),
        ("tls", {}),
        ("tls-expired", {"ca_bundle": "env:CA"}),
        ("tls-wrong-name", {"ca_bundle": "env:CA"}),
    ],
)
def test_no_failure_repeats_a_password(fault: str, described: dict[str, str]) -> None:
    """Neither in its text nor in what it was made from: all of that may come into a log."""
    held = {"env:HZ": "hz:geheim", "env:CA": authority_pem()}
    with Endpoint(faults=[fault]) as endpoint, pytest.raises(HarvestFailure) as caught:
        get(identify(endpoint), fetcher(secret=held.__getitem__), credentials="env:HZ", **described)
    told = "".join(traceback.format_exception(caught.value)) + caught.value.text.zh + caught.value.text.en
    assert "geheim" not in told
    assert base64.b64encode(b"hz:geheim").decode() not in told
