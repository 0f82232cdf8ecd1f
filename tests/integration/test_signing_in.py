"""Signing in: what a session is good for, when it ends, and what guessing meets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from registry.errors import Forbidden, Refused
from registry.model.throttle import ThrottleLimits
from registry.services import accounts as service
from registry.services import signing_in
from registry.services.accounts import NewAccount
from registry.services.signing_in import Identity, SignInLimits, Throttled
from registry.store import accounts, events, sessions
from registry.store.engine import Engines
from tests.factories import Installation
from tests.integration.people import ROOT, everything

WINDOW = timedelta(minutes=15)
LIMITS = SignInLimits(
    ThrottleLimits(3, WINDOW),
    ThrottleLimits(6, WINDOW),
    idle=timedelta(minutes=30),
    longest=timedelta(hours=8),
)
PASSWORD, ANOTHER = "plum-tree-7-梅", "pear-tree-8-梨"
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def installation(engines: Engines) -> Installation:
    """One account: ``li``, who chose the password itself."""
    installation = Installation(engines)
    new = NewAccount("li", password=PASSWORD, must_change=False)
    service.add_account(engines.write, new, actor=ROOT, now=installation.clock())
    return installation


def sign_in(on: Installation, name: str = "li", password: str = PASSWORD, address: str = "10.0.0.1") -> str:
    """Sign in; the token."""
    return signing_in.sign_in(
        on.engines.write, name, password, address=address, agent="test", limits=LIMITS, now=on.clock()
    ).token


def identity(on: Installation, token: str) -> Identity | None:
    return signing_in.identity_of(on.engines, token, address="10.0.0.1", limits=LIMITS, now=on.clock())


def present(on: Installation, token: str) -> Identity:
    found = identity(on, token)
    assert found is not None
    return found


def acts(on: Installation) -> list[str]:
    with on.engines.read.connect() as connection:
        return [each.action for _, each in reversed(events.of_subject(connection, "account:li"))]


def test_a_session_says_who_one_is_until_it_is_ended(installation: Installation) -> None:
    token = sign_in(installation, " LI ")
    found = present(installation, token)
    assert (found.account.name, found.actor.account) == ("li", found.account.id)
    assert (found.actor.name, found.actor.address) == ("li", "10.0.0.1")
    signing_in.sign_out(installation.engines.write, found, installation.clock())
    assert identity(installation, token) is None
    signing_in.sign_out(installation.engines.write, found, installation.clock())
    assert acts(installation) == ["add", "sign-in", "sign-out"]


def test_the_store_keeps_no_token_and_no_password(installation: Installation) -> None:
    token = sign_in(installation)
    kept = str(everything(installation.engines))
    assert token not in kept
    assert PASSWORD not in kept


def test_a_session_ends_unused_and_in_any_case(installation: Installation) -> None:
    token = sign_in(installation)
    installation.clock.now += LIMITS.idle - INSTANT
    assert identity(installation, token) is not None
    installation.clock.now += LIMITS.idle
    assert identity(installation, token) is None
    token = sign_in(installation)
    ends = installation.clock() + LIMITS.longest
    while installation.clock() + timedelta(minutes=20) < ends:
        installation.clock.advance(minutes=20)
        assert identity(installation, token) is not None
    installation.clock.now = ends - INSTANT
    assert identity(installation, token) is not None
    installation.clock.now = ends
    assert identity(installation, token) is None


@pytest.mark.parametrize("what", ["lock", "reset"])
def test_locking_and_another_s_password_end_all_sessions(installation: Installation, what: str) -> None:
    engine, now = installation.engines.write, installation.clock()
    tokens = [sign_in(installation), sign_in(installation)]
    if what == "lock":
        service.set_locked(engine, "li", locked=True, actor=ROOT, now=now)
        service.set_locked(engine, "li", locked=False, actor=ROOT, now=now)
    else:
        assert service.reset_password(engine, "li", ANOTHER, actor=ROOT, now=now).must_change
    assert [identity(installation, token) for token in tokens] == [None, None]


def test_a_locked_account_gets_in_by_nothing(installation: Installation) -> None:
    token = sign_in(installation)
    with installation.engines.write.begin() as connection:
        accounts.change(connection, present(installation, token).account.id, locked=True)
    assert identity(installation, token) is None
    with pytest.raises(Forbidden) as locked:
        sign_in(installation)
    with pytest.raises(Forbidden) as wrong:
        sign_in(installation, password=ANOTHER)
    with pytest.raises(Forbidden) as unknown:
        sign_in(installation, "nobody")
    assert locked.value.text == wrong.value.text == unknown.value.text


def test_choosing_another_password_ends_the_other_sessions(installation: Installation) -> None:
    here, there = sign_in(installation), sign_in(installation)
    engine, me = installation.engines.write, present(installation, here)

    def change(before: str, after: str) -> None:
        signing_in.change_password(engine, me, before, after, limits=LIMITS, now=installation.clock())

    with pytest.raises(Forbidden):
        change(ANOTHER, PASSWORD)
    for weak in ("short", PASSWORD):
        with pytest.raises(Refused):
            change(PASSWORD, weak)
    installation.clock.now += WINDOW
    change(PASSWORD, ANOTHER)
    assert identity(installation, here) is not None
    assert identity(installation, there) is None
    sign_in(installation, password=ANOTHER)
    with pytest.raises(Forbidden):
        sign_in(installation)


def test_guessing_an_account_has_to_wait(installation: Installation) -> None:
    for _ in range(2):
        with pytest.raises(Forbidden):
            sign_in(installation, password=ANOTHER)
    sign_in(installation)
    for number in range(3):
        with pytest.raises(Forbidden) as wrong:
            sign_in(installation, password=ANOTHER, address=f"10.0.1.{number}")
        assert not isinstance(wrong.value, Throttled)
    with pytest.raises(Throttled) as waits:
        sign_in(installation, address="10.0.2.1")
    assert waits.value.until == installation.clock() + WINDOW
    installation.clock.now += WINDOW - INSTANT
    with pytest.raises(Throttled):
        sign_in(installation)
    installation.clock.now += INSTANT
    sign_in(installation)
    assert acts(installation).count("sign-in-refused") == 5


def test_guessing_from_an_address_has_to_wait_for_any_account(installation: Installation) -> None:
    for number in range(6):
        with pytest.raises(Forbidden):
            sign_in(installation, f"nobody{number}")
    with pytest.raises(Throttled):
        sign_in(installation)
    sign_in(installation, address="10.0.0.2")


def test_success_does_not_wash_an_address_clean(installation: Installation) -> None:
    """Whoever has one account must not be able to guess others for ever."""
    for number in range(5):
        with pytest.raises(Forbidden):
            sign_in(installation, f"nobody{number}")
        sign_in(installation)
    with pytest.raises(Forbidden):
        sign_in(installation, "nobody")
    with pytest.raises(Throttled):
        sign_in(installation)


def test_guesses_at_the_same_time_count_before_they_are_judged(installation: Installation) -> None:
    def guess(number: int) -> str:
        try:
            return sign_in(installation, password=ANOTHER, address=f"10.0.3.{number}")
        except Forbidden as refused:
            return type(refused).__name__

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(guess, range(8)))
    assert outcomes == ["Forbidden"] * 3 + ["Throttled"] * 5


def test_attempts_are_forgotten_behind_their_window(installation: Installation) -> None:
    with pytest.raises(Forbidden):
        sign_in(installation, "nobody")
    installation.clock.now += WINDOW + INSTANT
    with pytest.raises(Forbidden):
        sign_in(installation, "somebody", address="10.0.0.9")
    with installation.engines.write.begin() as connection:
        assert sessions.failures(connection, "account:nobody").count == 0
        assert sessions.failures(connection, "account:somebody").count == 1


def test_an_identity_provider_opens_the_account_of_its_subject(installation: Installation) -> None:
    engine, now = installation.engines.write, installation.clock()
    new = NewAccount("wang", subject="https://id.example|42")
    service.add_account(engine, new, actor=ROOT, now=now)

    def enter(subject: str) -> str:
        return signing_in.sign_in_subject(
            engine, subject, address="10.0.0.1", agent="", limits=LIMITS, now=now
        ).account.name

    assert enter("https://id.example|42") == "wang"
    for stranger in ("https://id.example|43", "https://other.example|42", "https://id.example|42 ", "42", ""):
        with pytest.raises(Forbidden):
            enter(stranger)
    with pytest.raises(Forbidden):
        sign_in(installation, "wang", "")


def test_who_comes_back_from_a_provider_is_counted_and_comes_back_once(installation: Installation) -> None:
    engine = installation.engines.write

    def come_back(state: str, address: str = "10.0.0.1") -> None:
        signing_in.count_return(engine, state, address=address, limits=LIMITS, now=installation.clock())

    come_back("a")
    with pytest.raises(Forbidden) as again:
        come_back("a", "10.0.0.2")
    assert not isinstance(again.value, Throttled)
    for state in "bcdef":
        come_back(state)
    with pytest.raises(Throttled):
        come_back("g")
    come_back("g", "10.0.0.2")
    installation.clock.now += signing_in.ATTEMPT_LASTS - INSTANT
    with pytest.raises(Forbidden):
        sign_in(installation, password=ANOTHER, address="10.0.0.3")
    with pytest.raises(Forbidden):
        come_back("a", "10.0.0.3")
    with installation.engines.read.connect() as connection:
        kept = list(connection.exec_driver_sql("SELECT whom FROM sign_in_attempts").scalars())
    assert "attempt:a" not in kept and len([each for each in kept if each.startswith("attempt:")]) == 7


def test_many_who_come_back_at_once_with_one_attempt_are_one(installation: Installation) -> None:
    def come_back(_: int) -> bool:
        try:
            signing_in.count_return(
                installation.engines.write, "a", address="10.0.0.1", limits=LIMITS, now=installation.clock()
            )
        except Forbidden:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(come_back, range(8))) == 1


def test_guesses_are_not_forgiven_because_a_provider_vouches(installation: Installation) -> None:
    engine, now = installation.engines.write, installation.clock()
    service.set_subject(engine, "li", "https://id.example|42", actor=ROOT, now=now)
    with pytest.raises(Forbidden):
        sign_in(installation, password=ANOTHER)
    signing_in.sign_in_subject(
        engine, "https://id.example|42", address="10.0.0.9", agent="", limits=LIMITS, now=now
    )
    with engine.begin() as connection:
        assert sessions.failures(connection, "account:li").count == 1
