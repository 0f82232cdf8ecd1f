"""``mulu entry pin``, ``unpin`` and ``erase``: from the command line to what the registers show."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import Mulu, add_account


@pytest.fixture
def identifier(mulu: Mulu, source: str, province: str) -> str:
    """An entry that two registers hold."""
    mulu("harvest", source)
    mulu("harvest", "up")
    found: str = mulu.json("search", province, "工程")[0]["identifier"]
    return found


def reasons(mulu: Mulu, register: str, identifier: str) -> list[str]:
    return [each["reason"]["en"] for each in mulu.json("entry", "explain", register, identifier)]


def test_a_pin_is_explained_and_taken_out(mulu: Mulu, identifier: str) -> None:
    where = ("330800", identifier)
    mulu("entry", "pin", *where, "--source", "quzhou", code=1)
    mulu("entry", "pin", *where, "--source", "nobody", "--reason", "so", code=1)
    mulu("entry", "pin", *where, "--source", "quzhou", "--reason", "two bureaus agreed")
    assert "two bureaus agreed" in reasons(mulu, *where)[0]
    mulu("entry", "pin", *where, "--source", "quzhou", "--reason", "again", code=1)
    assert mulu.json("verify")
    mulu("entry", "unpin", *where, "--reason", "mended", "--as", "reviewer")
    assert reasons(mulu, *where) == ["stands for the entry"]
    mulu("entry", "unpin", *where, "--reason", "mended", code=1)


def test_two_persons_erase_an_entry_everywhere(mulu: Mulu, identifier: str, province: str) -> None:
    add_account(mulu, "other", "approver")
    where = ("330800", identifier)
    mulu("entry", "erase", *where, "--as", "reviewer", code=1)
    mulu("entry", "erase", *where, "--reason", "court order 12", "--as", "reviewer")
    assert "2" in mulu.said
    mulu("entry", "erase", *where, "--confirm", "--as", "other", code=2)
    mulu("entry", "erase", *where, "--confirm", "--yes", "--as", "reviewer", code=1)
    mulu("entry", "erase", *where, "--confirm", "--yes", "--as", "other")
    assert "备份" in mulu.said
    for register in ("330800", province):
        assert mulu.json("entry", "show", register, identifier)["deleted"] is True
        mulu("entry", "show", register, identifier, "--xml", code=1)
    mulu("harvest", "quzhou", "--full")
    assert mulu.json("entry", "show", "330800", identifier)["deleted"] is True
    mulu("verify")
    acts = [each["action"] for each in mulu.json("audit", "list", "--subject", "register:330800")]
    assert acts[:2] == ["erase", "ask-erasure"]


def test_a_request_is_taken_back(mulu: Mulu, identifier: str) -> None:
    where = ("330800", identifier)
    mulu("entry", "erase", *where, "--withdraw", code=1)
    mulu("entry", "erase", *where, "--reason", "wrong person", "--as", "reviewer")
    mulu("entry", "erase", *where, "--withdraw")
    mulu("entry", "erase", *where, "--confirm", "--yes", code=1)
    assert mulu.json("entry", "show", *where)["deleted"] is False
