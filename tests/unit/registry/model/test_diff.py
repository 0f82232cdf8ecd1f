"""One record in, one action out."""

from __future__ import annotations

import pytest

from registry.model.diff import CHANGING, Action, compare
from registry.model.record import CheckedRecord, Condition, Hop, KnownRecord

A, B = b"a" * 32, b"b" * 32


def known(
    digest: bytes = A, *, deleted: bool = False, route: tuple[str, ...] = ("",), stale: bool = False
) -> KnownRecord:
    return KnownRecord(1, "oai:x.cn:1", b"raw", 1, digest, deleted, 3, None, None, stale, None, route)


def checked(condition: Condition, digest: bytes = b"", *route: str) -> CheckedRecord:
    path = tuple(Hop(register, "http://x.cn/oai", "2024-01-01", "urn:x", "") for register in route or ("",))
    return CheckedRecord("oai:x.cn:1", condition, document_digest=digest, path=path)


LIVE, DELETED = Condition.LIVE, Condition.DELETED


@pytest.mark.parametrize(
    ("held", "came", "action"),
    [
        (None, checked(LIVE, A), Action.CREATED),
        (None, checked(DELETED), Action.UNCHANGED),
        (known(), checked(LIVE, A), Action.UNCHANGED),
        (known(), checked(LIVE, B), Action.UPDATED),
        (known(), checked(LIVE, A, "", "330100"), Action.UPDATED),
        (known(route=("", "330100")), checked(LIVE, A, "", "330100"), Action.UNCHANGED),
        (known(stale=True), checked(LIVE, A), Action.UNCHANGED),
        (known(), checked(DELETED), Action.DELETED),
        (known(deleted=True), checked(DELETED), Action.UNCHANGED),
        (known(deleted=True), checked(LIVE, A), Action.RESTORED),
        (known(deleted=True), checked(LIVE, B), Action.RESTORED),
        (None, checked(Condition.REFUSED), Action.REFUSED),
        (known(), checked(Condition.REFUSED), Action.REFUSED),
        (known(deleted=True), checked(Condition.REFUSED), Action.REFUSED),
        (known(), checked(Condition.KNOWN), Action.UNCHANGED),
    ],
)
def test_actions(held: KnownRecord | None, came: CheckedRecord, action: Action) -> None:
    assert compare(held, came) is action
    expected = Action.DECLINED if action in CHANGING else action
    assert compare(held, came, declined=True) is expected


def test_the_dates_of_a_way_do_not_make_it_another() -> None:
    later = CheckedRecord(
        "oai:x.cn:1", LIVE, document_digest=A,
        path=(Hop("", "http://elsewhere.cn/oai", "2025-01-01", "urn:y", "2025-01-02T00:00:00Z"),),
    )  # fmt: skip
    assert compare(known(), later) is Action.UNCHANGED


def test_what_changes_a_register() -> None:
    """Absences are noted, declines and loops are counted: none of them touches an entry."""
    assert set(Action) - set(CHANGING) == {
        Action.ABSENT, Action.UNCHANGED, Action.REFUSED, Action.REPEATED, Action.DECLINED, Action.LOOPED,
        Action.OUTDATED,
    }  # fmt: skip
