"""Which addresses may be connected to: explicit ranges, decided on the address itself, never on a spelling.

Sources: the IANA special-purpose address registries (RFC 6890), the metadata services of common clouds.
``ipaddress.is_private`` and ``is_global`` are not asked: they miss carrier-grade NAT and every form that
embeds an IPv4 address in an IPv6 one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Refusal(StrEnum):
    """Why an address may not be connected to."""

    NEVER = "never"  # no endpoint can live there, or a machine's own secrets do
    RESERVED = "reserved"  # not public; an operator or an approver may allow it


def _networks(*ranges: str) -> tuple[Network, ...]:
    return tuple(ip_network(each) for each in ranges)


NEVER = _networks(
    "0.0.0.0/8",  # this network
    "169.254.0.0/16",  # link-local: instance metadata and credentials of nearly every cloud
    "224.0.0.0/4",  # multicast
    "255.255.255.255/32",  # broadcast
    "100.96.0.96/32",  # instance metadata (Volcengine)
    "100.100.100.200/32",  # instance metadata (Alibaba)
    "168.63.129.16/32",  # platform service (Azure)
    "192.0.0.192/32",  # instance metadata (Oracle)
    "::/128",  # unspecified
    "fe80::/10",  # link-local
    "ff00::/8",  # multicast
    "fd00:ec2::/32",  # instance metadata, credentials, clock and names (AWS)
    "fd00:42::42/128",  # instance metadata (Scaleway)
    "fd20:ce::254/128",  # instance metadata (Google)
    "::/96",  # IPv4-compatible, withdrawn: a second spelling of any IPv4 address
    "::ffff:0:0:0/96",  # IPv4-translated (RFC 7915): the same
    "64:ff9b::/96",  # NAT64: the same
    "64:ff9b:1::/48",  # NAT64, local use: the same
    "2002::/16",  # 6to4: the same
    "2001::/32",  # Teredo: the same
)

RESERVED = _networks(
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # carrier-grade NAT
    "127.0.0.0/8",  # loopback
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # protocol assignments
    "192.0.2.0/24",  # documentation
    "192.88.99.0/24",  # 6to4 relay
    "192.168.0.0/16",  # private
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "240.0.0.0/4",  # future use
)

PUBLIC_IPV6 = ip_network("2000::/3")  # everything else in IPv6 is reserved
RESERVED_IPV6 = _networks("2001::/23", "2001:db8::/32", "3fff::/20")
LOOPBACK_IPV6 = ip_address("::1")
_ISATAP = (0x00005EFE, 0x02005EFE)
"""The upper half of an interface identifier whose lower half is an IPv4 address (RFC 5214): a spelling of that."""


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What one source may be reached at: public addresses, and the ``allowed`` ranges beyond them."""

    allowed: tuple[Network, ...] = ()

    @classmethod
    def of(cls, *lists: Iterable[str]) -> AddressPolicy:
        """A policy from lists of CIDR ranges (of the installation, of the source).

        Raises ``ValueError`` for what is no range.
        """
        return cls(tuple(ip_network(each) for each in sorted({each for one in lists for each in one})))

    def refusal(self, address: str) -> Refusal | None:
        """Why ``address`` (numeric, an IPv6 zone is ignored) may not be connected to; None where it may.

        An IPv4 address mapped into IPv6 is judged as the IPv4 address it is.
        """
        judged = _plain(ip_address(address.partition("%")[0]))
        if judged != LOOPBACK_IPV6 and (_within(judged, NEVER) or _is_isatap(judged)):
            return Refusal.NEVER
        if not _is_reserved(judged) or _within(judged, self.allowed):
            return None
        return Refusal.RESERVED


def _plain(address: Address) -> Address:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_isatap(address: Address) -> bool:
    return address.version == 6 and int(address) >> 32 & 0xFFFFFFFF in _ISATAP


@lru_cache(maxsize=4096)
def _is_reserved(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return _within(address, RESERVED)
    return address not in PUBLIC_IPV6 or _within(address, RESERVED_IPV6)


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
