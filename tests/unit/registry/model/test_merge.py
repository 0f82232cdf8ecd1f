"""The merge: a total order over contents; who wins, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.model.document import Catalogue, Facts, Sharing
from registry.model.merge import AuthorityPolicy, AuthorityRule, explain, winner
from registry.model.record import HeldRecord, Hop

RECEIVED = datetime(2024, 5, 6, 7, tzinfo=UTC)
NOBODY = AuthorityPolicy()


def facts(
    updated_on: date | None = None, *, division: str = "330100", item: str = "6.2", body: str = "住建局"
) -> Facts:
    return Facts(
        "项目", Catalogue.CREDIT, item, division, body, Sharing.UNCONDITIONAL, True, updated_on=updated_on
    )


def way(*registers: str, entered: str = "") -> tuple[Hop, ...]:
    """A way through registers (empty: the origin); ``entered``: when the first of them received it."""
    first, *others = registers
    return (
        Hop(first, "http://x.cn/oai", "2024-01-01", "urn:x", entered),
        *(Hop(register, "http://x.cn/oai", "2024-01-01", "urn:x", "") for register in others),
    )


def record(
    source: str = "a",
    digest: bytes = b"d",
    *,
    deleted: bool = False,
    said: Facts | None = None,
    path: tuple[Hop, ...] | None = None,
    received: datetime = RECEIVED,
    divisions: tuple[str, ...] = (),
    owned: bool = False,
    retired: bool = False,
) -> HeldRecord:
    path = way("") if path is None else path
    said = said or facts()
    key = ord(source[0])
    return HeldRecord(key, source, digest, deleted, said, path, received, divisions, retired, owned)


def rule(source: str, division: str = "", category: str = "", body: str = "") -> AuthorityPolicy:
    return AuthorityPolicy((AuthorityRule(source, division, category, body),))


def wins(better: HeldRecord, worse: HeldRecord, policy: AuthorityPolicy = NOBODY) -> bool:
    return winner([worse, better], policy) == winner([better, worse], policy) == better


def test_nothing_and_one() -> None:
    assert winner([], NOBODY) is None
    assert winner([record(deleted=True)], NOBODY) == record(deleted=True)


def test_authority_comes_first() -> None:
    old, new = record("a", said=facts(date(2020, 1, 1))), record("b", said=facts(date(2024, 1, 1)))
    assert wins(new, old)
    assert wins(old, new, rule("a"))


def test_an_origins_tombstone_with_authority_beats_the_living() -> None:
    gone, standing = record("a", deleted=True), record("b")
    assert wins(standing, gone)
    assert wins(gone, standing, rule("a"))


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_retired_source_has_no_authority(is_deleted: bool) -> None:
    held = record("a", b"z", deleted=is_deleted)
    left, other = held._replace(retired=True), record("b", b"0")
    assert wins(held, other, rule("a"))
    assert wins(other, left, rule("a"))
    assert explain([left, other], rule("a"))[1].authority == 0
    assert winner([left], rule("a")) == left


def test_what_a_register_no_longer_lists_has_no_authority() -> None:
    gone = record("a", deleted=True, path=way("", "330100"))
    assert wins(record("b"), gone, rule("a"))
    assert wins(record("a", path=way("", "330100")), record("b", b"0"), rule("a"))


@pytest.mark.parametrize(
    ("policy", "covered"),
    [
        (rule("a"), True),
        (rule("b"), False),
        (rule("a", division="330100"), True),
        (rule("a", division="330000"), True),  # above it, by path
        (rule("a", division="330200"), False),
        (rule("a", division="3301"), False),  # never by the digits
        (rule("a", category="credit"), True),
        (rule("a", category="project"), False),
        (rule("a", category="credit:6.2"), True),
        (rule("a", category="credit:6"), True),
        (rule("a", category="credit:6.20"), False),
        (rule("a", category="credit:6.2.1"), False),
        (rule("a", body="住建局"), True),
        (rule("a", body="住建"), False),
        (rule("a", "330000", "credit:6.2", "住建局"), True),
        (rule("a", "330000", "credit:6.2", "别局"), False),
    ],
)
def test_what_a_rule_covers(policy: AuthorityPolicy, covered: bool) -> None:
    found = policy.authority(record("a", divisions=("330000", "330100")))
    assert (found > 0) is covered


def test_the_more_specific_rule_weighs_more() -> None:
    weights = [
        rule("a", *fields).authority(record("a"))
        for fields in [("", "", ""), ("330100", "", ""), ("", "credit", ""), ("330100", "credit", ""),
                       ("", "", "住建局"), ("330100", "credit", "住建局")]
    ]  # fmt: skip
    assert weights == sorted(set(weights))
    both = AuthorityPolicy((AuthorityRule("a", division="330100"), AuthorityRule("b", body="住建局")))
    assert wins(record("b"), record("a"), both)


def test_a_record_without_facts_has_no_authority() -> None:
    held = HeldRecord(1, "a", b"", True, None, way(""), RECEIVED)
    assert rule("a").authority(held) == 0


@pytest.mark.parametrize(
    "ignored",
    [
        pytest.param(facts(None), id="absent"),
        pytest.param(facts(date(2024, 5, 7)), id="later than its receipt"),
        pytest.param(facts(date(9999, 12, 31)), id="far later"),
    ],
)
def test_a_date_that_cannot_be_counts_as_oldest(ignored: Facts) -> None:
    assert wins(record("b", b"z", said=facts(date(1990, 1, 1))), record("a", b"a", said=ignored))


def test_the_day_of_receipt_is_one_of_shanghai() -> None:
    on_time = record("a", said=facts(date(2024, 5, 7)), received=datetime(2024, 5, 6, 16, tzinfo=UTC))
    assert wins(on_time, record("b", b"0", said=facts(date(2024, 5, 6))))


def test_the_receipt_that_counts_is_where_the_record_entered() -> None:
    """The levels above read later: a date that was not yet possible does not become so on the way."""
    entered = way("", "330100", entered="2024-05-06T07:00:00Z")
    above = record("a", said=facts(date(2024, 5, 8)), path=entered, received=datetime(2024, 5, 9, tzinfo=UTC))
    assert wins(record("b", b"z", said=facts(date(2024, 1, 1))), above)


@pytest.mark.parametrize("claimed", ["2099-01-01T00:00:00Z", "no date"])
def test_a_path_cannot_claim_a_later_receipt(claimed: str) -> None:
    late = record("a", said=facts(date(2024, 6, 1)), path=way("", entered=claimed))
    assert wins(record("b", b"z", said=facts(date(2024, 1, 1))), late)


def test_ties_go_to_the_smaller_digest_the_shorter_way_the_first_code() -> None:
    assert wins(record("b", b"1"), record("a", b"2"))
    assert wins(record("b", path=way("")), record("a", path=way("", "330100")))
    assert wins(record("a"), record("b"))


def test_explain_tells_why_each_stands_where_it_stands() -> None:
    held = [
        record("e", b"1", said=facts(date(2024, 1, 1))),
        record("a"),
        record("b", b"2", said=facts(date(2024, 1, 1))),
        record("d", deleted=True),
        record("f", b"1", said=facts(date(2024, 1, 1)), path=way("", "330100")),
        record("g", b"1", said=facts(date(2024, 1, 1))),
    ]
    ranked = explain(held, rule("a"))
    assert [each.record.source_code for each in ranked] == ["a", "e", "g", "f", "b", "d"]
    assert [each.reason.en.split(";")[0].split(" (")[0] for each in ranked] == [
        "stands for the entry", "less authority", "same content", "came a longer way", "larger digest",
        "deleted at its source",
    ]  # fmt: skip
    assert ranked[0].authority == 1 and ranked[0].updated_on is None
    assert ranked[1].updated_on == date(2024, 1, 1)
    assert all(each.reason.zh for each in ranked)
    assert explain(held[::-1], rule("a")) == ranked


def test_an_owner_stands_before_authority_and_dates() -> None:
    old, new = facts(date(2024, 1, 1)), facts(date(2024, 3, 1))
    owner = record("a", said=old, owned=True)
    assert wins(owner, record("b", said=new), rule("b"))
    assert wins(record("a", said=old, deleted=True, owned=True), record("b", said=new))
    assert wins(record("b", b"e", said=new, owned=True), owner)  # both own it: they report together
    told = explain([record("b", said=new), owner], NOBODY)
    assert [each.record.source_code for each in told] == ["a", "b"]
    assert "approved for another source" in told[1].reason.en


def test_an_owner_that_is_gone_stands_for_nothing() -> None:
    other = record("b", said=facts(date(2024, 1, 1)))
    assert wins(other, record("a", deleted=True, owned=True, retired=True))
    assert wins(other, record("a", deleted=True, owned=True, path=way("", "330100")))


# The order of candidates is total and looks at contents only.

HELD = st.builds(
    record,
    source=st.sampled_from("abc"),
    digest=st.sampled_from([b"1", b"2"]),
    deleted=st.booleans(),
    said=st.builds(
        facts,
        st.sampled_from([None, date(2024, 1, 1), date(2024, 2, 1), date(2099, 1, 1)]),
        division=st.sampled_from(["330100", "330200"]),
        body=st.sampled_from(["住建局", "发改委"]),
    ),
    path=st.sampled_from([way(""), way("", "330100"), way("", "330200")]),
    divisions=st.sampled_from([(), ("330000", "330100")]),
    owned=st.booleans(),
    retired=st.booleans(),
)
POLICIES = st.builds(
    lambda rules: AuthorityPolicy(tuple(rules)),
    st.lists(
        st.builds(
            AuthorityRule,
            st.sampled_from("abc"),
            st.sampled_from(["", "330100", "330000"]),
            st.sampled_from(["", "credit"]),
            st.sampled_from(["", "住建局"]),
        ),
        max_size=3,
    ),
)
MANY = st.lists(HELD, min_size=1, max_size=6, unique_by=lambda each: each.source_code)


def combine(one: HeldRecord, other: HeldRecord, policy: AuthorityPolicy) -> HeldRecord:
    best = winner([one, other], policy)
    assert best is not None
    return best


@given(MANY, POLICIES, st.randoms(use_true_random=False))
def test_commutative(held: list[HeldRecord], policy: AuthorityPolicy, chance: Random) -> None:
    shuffled = list(held)
    chance.shuffle(shuffled)
    assert winner(shuffled, policy) == winner(held, policy)
    assert explain(shuffled, policy) == explain(held, policy)


@given(HELD, HELD, HELD, POLICIES)
def test_associative(a: HeldRecord, b: HeldRecord, c: HeldRecord, policy: AuthorityPolicy) -> None:
    left = combine(combine(a, b, policy), c, policy)
    right = combine(a, combine(b, c, policy), policy)
    assert _rank(left) == _rank(right) == _rank(winner([a, b, c], policy))


@given(MANY, POLICIES)
def test_idempotent(held: list[HeldRecord], policy: AuthorityPolicy) -> None:
    assert winner([*held, *held], policy) == winner(held, policy)


@given(MANY, POLICIES, st.data())
def test_any_partition_gives_the_same_winner(
    held: Sequence[HeldRecord], policy: AuthorityPolicy, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(held)))
    best = [found for part in (held[:cut], held[cut:]) if (found := winner(part, policy)) is not None]
    assert winner(best, policy) == winner(held, policy)


def _rank(held: HeldRecord | None) -> object:
    """What the public can tell apart of a winner (records of one source may differ in nothing that counts)."""
    return held and (held.source_code, held.digest, held.deleted, len(held.path))
