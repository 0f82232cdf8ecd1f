"""What an account may be called, and what a password must be."""

from __future__ import annotations

import pytest

from registry.model.account import PASSWORD_LENGTH, PASSWORD_LIMIT, is_account_name, password_fault

GOOD = "plum-Tree 7 梅"


@pytest.mark.parametrize("name", ["li", "wang.fang", "bureau-2", "a_b", "9lives", "a" * 64])
def test_names_that_accounts_may_have(name: str) -> None:
    assert is_account_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "l", "Li", "王芳", "cli:root", "mulu:import", "li na", ".li", "-li", "a" * 65, "li\n", "schedule", "root",
     "canaries"],
)  # fmt: skip
def test_names_that_would_pass_for_something_else_are_refused(name: str) -> None:
    assert not is_account_name(name)


def test_the_length_of_a_password() -> None:
    fitting = (GOOD * 100)[:PASSWORD_LENGTH]
    assert password_fault(fitting, "li") is None
    assert password_fault(fitting[:-1], "li") is not None
    assert password_fault((GOOD * 100)[:PASSWORD_LIMIT], "li") is None
    assert password_fault((GOOD * 100)[: PASSWORD_LIMIT + 1], "li") is not None


@pytest.mark.parametrize(
    "password", ["passwordpassword", "PasswordPassword", "1234567890ab", "ababababababab", "qwertyuiop123"]
)
def test_passwords_that_everybody_tries_are_refused(password: str) -> None:
    assert len(password) >= PASSWORD_LENGTH
    assert password_fault(password, "li") is not None


def test_a_password_does_not_hold_the_name() -> None:
    assert password_fault("wang.fang-2026-07", "wang.fang") is not None
    assert password_fault("WANG.FANG-2026-07", "wang.fang") is not None
    assert password_fault("wang.fang-2026-07", "li.na") is None
