"""The address policy at scale: no way to write an address leads to one outside the policy, directly or by redirect.

The criterion is the number of connections that listeners accept outside the policy: none. With the policy switched
off, most of the same forms do reach them, or would leave the machine if the tests had no wall around them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.settings import Http
from harvester.errors import FatalFailure, HarvestFailure, ProtocolFailure, TransportFailure
from harvester.http import Fetcher, Policy, fetch
from harvester.http.addresses import AddressPolicy
from harvester.http.decoy import Decoy
from tests.endpoint import Endpoint, Visit
from tests.endpoint.exchange import Reply
from tests.endpoint.tls import authority_pem
from tests.unit.harvester.http.asking import NOW, get
from tests.unit.harvester.http.forms import FORMS, NAMES, all_forms
from tests.unit.harvester.http.wall import Listener, Wall, wall

HASTY = Http(connect_seconds=1, gap_seconds=1, headers_seconds=1)


def door(policy: Policy | None = None) -> Fetcher:
    return Fetcher(policy or Policy(), HASTY, lambda: NOW)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listening:
        yield listening


def ask(url: str, asking: Fetcher, **described: object) -> type[HarvestFailure] | None:
    """What asking ends with; None for an answer."""
    try:
        get(url, asking, **described)
    except HarvestFailure as failure:
        return type(failure)
    finally:
        asking.close()
    return None


def test_the_table_is_large_enough() -> None:
    forms = all_forms()
    assert len(set(forms)) == len(forms) >= 150


@pytest.mark.parametrize("kind", FORMS)
def test_no_form_leads_outside_the_policy(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    with wall(monkeypatch, NAMES) as tried:
        ended = {form: ask(form.replace("{port}", str(listener.port)), door()) for form in FORMS[kind]}
    assert (listener.accepted, tried.attempts) == ([], [])
    assert {form: kind for form, kind in ended.items() if kind not in (FatalFailure, TransportFailure)} == {}


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("hops", [1, 2])
def test_no_redirect_leads_outside_the_policy(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, kind: str, hops: int
) -> None:
    """The endpoint itself may be asked (its source is allowed 127.0.0.1), what it redirects to may not."""
    for form in FORMS[kind]:
        with wall(monkeypatch, NAMES) as tried, redirecting(form, listener.port, hops) as decoy:
            location = f"http://127.0.0.1:{decoy.port}/hop-1"
            ended = ask(location, door(), allowed_networks=("127.0.0.1/32",))
        assert listener.accepted == [], form
        assert set(tried.attempts) == {("127.0.0.1", decoy.port)}, form
        assert ended is not None, form


def redirecting(form: str, port: int, hops: int) -> Decoy:
    """An endpoint that redirects ``hops`` times: to itself, and at last to the form. What stands in the header
    stands there as raw bytes, but for line ends, which would end it."""
    target = form.replace("{port}", str(port)).replace("\r", "").replace("\n", "")

    def reply(asked: str, own_port: int) -> bytes:
        hop = int(asked.rpartition("-")[2])
        place = target if hop == hops else f"http://127.0.0.1:{own_port}/hop-{hop + 1}"
        return f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()

    return Decoy(reply)


def live_forms(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[tuple[str, int]]]:
    """The forms by which a door without a policy connects to something."""
    monkeypatch.setattr(AddressPolicy, "refusal", lambda *_: None)
    found: dict[str, list[tuple[str, int]]] = {}
    for form in all_forms():
        with wall(monkeypatch, NAMES) as tried:
            ask(form.replace("{port}", str(listener.port)), door())
        if tried.attempts:
            found[form] = tried.attempts
    return found


def test_without_the_policy_the_listeners_are_reached(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positive control: the listeners see what the policy keeps from them."""
    found = live_forms(listener, monkeypatch)
    assert len(found) >= 140, "forms that are dangerous without a policy"
    assert len(listener.accepted) >= 50, "connections that were accepted then"
    assert {"127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254"} <= set(listener.accepted)


def test_without_the_rule_for_redirects_the_address_is_still_judged(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two guards stand there. With one of them gone, only what the source is allowed can be reached."""
    monkeypatch.setattr(fetch, "_may_redirect", lambda *_: True)
    forms = (*FORMS["loopback, spelled out"], *FORMS["metadata services"], *FORMS["names"])
    reached: set[str] = set()
    for form in forms:
        with wall(monkeypatch, NAMES) as tried, redirecting(form, listener.port, 1) as decoy:
            ask(f"http://127.0.0.1:{decoy.port}/hop-1", door(), allowed_networks=("127.0.0.1/32",))
        reached |= {address for address, _ in tried.attempts}
    assert reached == {"127.0.0.1", "::ffff:127.0.0.1"}, "the same, mapped"
    assert set(listener.accepted) == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("https://127.0.0.1:{own}/", "http://127.0.0.1:{own}/", "a weaker scheme"),
        ("http://127.0.0.1:{own}/", "http://127.0.0.1:{port}/", "another port"),
        ("http://127.0.0.1:{own}/", "http://127.0.0.2:{own}/", "another address"),
        ("http://127.0.0.1:{own}/", "http://localhost:{own}/", "another name of the same address"),
        ("http://127.0.0.1:{own}/", "https://127.0.0.1:{port}/", "another port on the way up"),
    ],
)
def test_redirects_stay_where_they_are(before: str, after: str, reason: str) -> None:
    own, other = 8341, 9341
    first, second = (fetch._place(each.format(own=own, port=other), 4096) for each in (before, after))
    assert first is not None and second is not None
    assert not fetch._may_redirect(first, second), reason


class Redirecting(Endpoint):
    """Redirects to ``target`` (``{own}``: its own port), whatever it is asked."""

    target: str = ""

    def reply(self, visit: Visit) -> Reply:
        return Reply(302, [("Location", self.target.replace("{own}", str(self.port)))], b"")


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{own}/oai", "http://127.0.0.1:{port}/oai", "http://127.0.0.1/oai", "https://127.0.0.1:{port}/oai",
        "//127.0.0.1:{port}/oai", "https://127.0.0.2:{own}/oai", "https://localhost:{own}/oai", "HTTP://127.0.0.1:{port}/",
        "https://u:p@127.0.0.1:{own}/oai", "ftp://127.0.0.1:{port}/", "https://127.0.0.1.:{own}/",
        "https:\\\\127.0.0.1:{own}/",
    ],
)  # fmt: skip
def test_from_https_nothing_leads_down_or_elsewhere(listener: Listener, target: str) -> None:
    with Redirecting(faults=["tls"]) as endpoint:
        endpoint.target = target.replace("{port}", str(listener.port))
        asking = Fetcher(Policy(), HASTY, lambda: NOW, lambda _: authority_pem())
        url = f"{endpoint.oai_url}?verb=Identify"
        ended = ask(url, asking, allowed_networks=("127.0.0.0/8",), ca_bundle="file:ca.pem")
        assert (ended, endpoint.connections, listener.accepted) == (ProtocolFailure, 1, [])


def test_a_chain_is_followed_only_so_far(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    with wall(monkeypatch, NAMES) as tried, redirecting("http://127.0.0.1:1/", listener.port, 99) as decoy:
        ended = ask(f"http://127.0.0.1:{decoy.port}/hop-1", door(), allowed_networks=("127.0.0.1/32",))
    assert (ended, len(tried.attempts)) == (ProtocolFailure, 4)


def rebinding(address: str) -> dict[str, tuple[str, ...]]:
    """What a name server says of its name, once."""
    return {"rebinding.test": (address,)}


def test_a_name_that_changes_its_mind_is_connected_to_where_it_was_judged(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: public when it is judged, loopback right after."""
    with wall(monkeypatch, rebinding("8.8.8.8"), rebinding("127.0.0.1")) as tried:
        ended = ask(f"http://rebinding.test:{listener.port}/oai", door())
    assert ended is TransportFailure
    assert (tried.asked, tried.attempts) == (["rebinding.test"], [("8.8.8.8", listener.port)])
    assert listener.accepted == []


def test_every_new_connection_is_judged_anew(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = door()
    answers = [rebinding(each) for each in ("8.8.8.8", "127.0.0.1", "::1", "::ffff:127.0.0.1")]
    with wall(monkeypatch, *answers) as tried:
        ended = [ask(f"http://rebinding.test:{listener.port}/oai", asking) for _ in range(4)]
    assert ended == [TransportFailure, FatalFailure, FatalFailure, FatalFailure]
    assert tried.attempts == [("8.8.8.8", listener.port)]
    assert listener.accepted == []


MIXED = {
    "bad first": ("127.0.0.1", "8.8.8.8"),
    "bad last": ("8.8.8.8", "127.0.0.1"),
    "bad between": ("8.8.8.8", "10.0.0.1", "169.254.169.254", "2400:3200::1"),
    "bad in IPv6": ("::1", "fd00:ec2::254", "8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::1"),
    "the same twice": ("127.0.0.1", "8.8.8.8", "127.0.0.1", "8.8.8.8"),
}


@pytest.mark.parametrize("mixture", MIXED)
def test_of_several_addresses_only_good_ones_are_tried(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, mixture: str
) -> None:
    with wall(monkeypatch, {"mixed.test": MIXED[mixture]}) as tried:
        ended = ask(f"http://mixed.test:{listener.port}/oai", door())
    assert ended is TransportFailure
    assert {address for address, _ in tried.attempts} <= {"8.8.8.8", "2400:3200::1"}
    assert tried.attempts
    assert listener.accepted == []


def test_a_name_with_very_many_addresses_is_tried_a_few_times(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = tuple(f"8.8.{number // 250}.{number % 250 + 1}" for number in range(1000))
    with wall(monkeypatch, {"many.test": many}) as tried:
        assert ask(f"http://many.test:{listener.port}/oai", door()) is TransportFailure
    assert len(tried.attempts) == 4


def test_what_is_allowed_is_allowed_for_the_installation_or_for_one_source(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = door(Policy(("127.0.0.2/32",)))

    def tried_for(address: str, *own: str) -> bool:
        with wall(monkeypatch, NAMES) as tried:
            ask(f"http://{address}:{listener.port}/oai", asking, code=f"to {own}", allowed_networks=own)
        return bool(tried.attempts)

    assert tried_for("127.0.0.2")
    assert tried_for("127.0.0.2", "127.1.2.3/32")
    assert tried_for("127.1.2.3", "127.1.2.3/32")
    assert not tried_for("127.1.2.3")
    assert not tried_for("127.0.0.1", "127.1.2.3/32")
    assert not tried_for("127.0.0.3", "127.0.0.4/31")
    assert set(listener.accepted) == {"127.0.0.2", "127.1.2.3"}


def test_what_is_never_allowed_is_not_for_anybody(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = door(Policy(("0.0.0.0/0", "::/0")))
    hosts = (
        "0.0.0.0",
        "169.254.169.254",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::1]",
        "[fe80::1]",
    )
    with wall(monkeypatch, NAMES) as tried:
        ended = [ask(f"http://{host}:{listener.port}/oai", everything) for host in hosts]
    assert (set(ended), tried.attempts, listener.accepted) == ({FatalFailure}, [], [])


def test_the_wall_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests would let out is counted and stays inside."""
    with wall(monkeypatch, NAMES) as tried:
        assert ask("http://8.8.8.8:80/oai", door()) is TransportFailure
    assert tried == Wall([("8.8.8.8", 80)], [])
