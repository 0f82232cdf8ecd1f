"""Which addresses may be connected to."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from harvester.http.addresses import AddressPolicy, Refusal

PUBLIC = ("8.8.8.8", "114.114.114.114", "2400:3200::1", "2606:4700::1111", "172.15.255.255", "172.32.0.0")
RESERVED = (
    "10.0.0.0", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255",
    "172.16.0.0", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.0.0", "192.168.255.255",
    "198.18.0.0", "198.19.255.255", "198.51.100.7", "203.0.113.7", "240.0.0.1", "::1", "fc00::1", "fdff::1",
    "fec0::1", "2001:db8::1", "3fff::1", "100::1", "4000::1",
)  # fmt: skip
NEVER = (
    "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.255", "255.255.255.255", "169.254.169.254",
    "100.100.100.200", "168.63.129.16", "::", "ff02::1", "fd00:ec2::254", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:1::1", "::ffff:169.254.169.254", "169.254.0.0", "169.254.255.255",
    "fe80::1", "fe80::1%eth0", "fe80::a9fe:a9fe", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42", "100.96.0.96",
    "192.0.0.192", "::ffff:0:127.0.0.1", "fe80::5efe:7f00:1", "2400:3200::5efe:8.8.8.8", "2400:3200::200:5efe:808:808",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    assert AddressPolicy().refusal(address) is None


@pytest.mark.parametrize("address", RESERVED)
def test_reserved_addresses_do_not_pass_unless_allowed(address: str) -> None:
    assert AddressPolicy().refusal(address) is Refusal.RESERVED
    plain = address.partition("%")[0]
    width = 128 if ":" in plain else 32
    assert AddressPolicy.of([f"{plain}/{width}"]).refusal(address) is None


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_never_pass(address: str) -> None:
    assert AddressPolicy.of(["0.0.0.0/0", "::/0"]).refusal(address) is Refusal.NEVER


@pytest.mark.parametrize("address", ["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.1.2.3"])
def test_a_mapped_address_is_judged_as_what_it_maps(address: str) -> None:
    assert AddressPolicy().refusal(address) is Refusal.RESERVED
    assert AddressPolicy.of(["127.0.0.0/8"], ["10.0.0.0/8"]).refusal(address) is None
    assert AddressPolicy().refusal("::ffff:8.8.8.8") is None


def test_an_allowed_range_ends_where_it_ends() -> None:
    policy = AddressPolicy.of(["10.20.0.0/16"])
    assert policy.refusal("10.20.0.0") is None
    assert policy.refusal("10.20.255.255") is None
    assert policy.refusal("10.19.255.255") is Refusal.RESERVED
    assert policy.refusal("10.21.0.0") is Refusal.RESERVED


def test_what_is_no_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        AddressPolicy.of(["10.0.0.1/8"])


EDGES = {
    "0.0.0.0/8": Refusal.NEVER, "169.254.0.0/16": Refusal.NEVER, "224.0.0.0/4": Refusal.NEVER,
    "10.0.0.0/8": Refusal.RESERVED, "100.64.0.0/10": Refusal.RESERVED, "127.0.0.0/8": Refusal.RESERVED,
    "172.16.0.0/12": Refusal.RESERVED, "192.0.0.0/24": Refusal.RESERVED, "192.0.2.0/24": Refusal.RESERVED,
    "192.88.99.0/24": Refusal.RESERVED, "192.168.0.0/16": Refusal.RESERVED, "198.18.0.0/15": Refusal.RESERVED,
    "198.51.100.0/24": Refusal.RESERVED, "203.0.113.0/24": Refusal.RESERVED, "2001:db8::/32": Refusal.RESERVED,
    "3fff::/20": Refusal.RESERVED, "2002::/16": Refusal.NEVER, "2001::/32": Refusal.NEVER,
}  # fmt: skip
"""Ranges with the refusal of their first and last address; both neighbours are judged otherwise."""


@pytest.mark.parametrize("network", EDGES)
def test_a_range_begins_and_ends_where_it_is_said_to(network: str) -> None:
    edges = ip_network(network)
    refusal, policy = EDGES[network], AddressPolicy()
    assert policy.refusal(str(edges[0])) is policy.refusal(str(edges[-1])) is refusal
    for neighbour in (int(edges[0]) - 1, int(edges[-1]) + 1):
        if neighbour >= 0:
            beside = type(edges[0])(neighbour)
            assert policy.refusal(str(beside)) is not refusal, beside
