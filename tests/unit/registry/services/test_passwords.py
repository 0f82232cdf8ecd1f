"""Passwords that are made for somebody."""

from __future__ import annotations

import secrets

import pytest

from registry.model.account import password_fault
from registry.services import passwords


def test_what_is_made_is_taken_whatever_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """By chance the letters of a short name stand in it: then another one is made."""
    drawn = iter(["xxLixxQ7-_abcdefghij", "Zq8-Rk2_Vm5tYw9sBn4d"])
    monkeypatch.setattr(secrets, "token_urlsafe", lambda _bytes: next(drawn))
    made = passwords.generated("li")
    assert made == "Zq8-Rk2_Vm5tYw9sBn4d"
    assert password_fault(made, "li") is None
