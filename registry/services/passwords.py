"""Passwords at rest: argon2id, as ``argon2-cffi`` sets it up (about a tenth of a second and 64 MiB each)."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registry.errors import Refused
from registry.model.account import PASSWORD_LIMIT, password_fault

_HASHER = PasswordHasher()


def hashed(password: str, name: str) -> str:
    """The hash of a new password of the account ``name``. Raises ``Refused`` for a weak one."""
    fault = password_fault(password, name)
    if fault is not None:
        raise Refused(fault)
    return _HASHER.hash(password)


def matches(password: str, password_hash: str) -> bool:
    """Whether ``password`` is the one behind the hash. Takes as long where there is none (an empty hash)."""
    try:
        _HASHER.verify(password_hash or _nobodys(), password[: PASSWORD_LIMIT + 1])
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe())


def generated(name: str) -> str:
    """A password for the account ``name``, to be changed at the first sign-in; one that :func:`hashed` takes."""
    while password_fault(made := secrets.token_urlsafe(15), name) is not None:
        pass  # by chance it holds the name
    return made
