"""Accounts: the people, and the systems downstream, that may act or read; and what a password must be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from registry.model.issue import Text
from registry.model.role import Permission

PASSWORD_LENGTH = 12
PASSWORD_LIMIT = 1024
"""Characters: longer ones are refused before they are hashed."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}", re.ASCII)
_RESERVED = frozenset(
    {"calendar", "canaries", "delivery", "installation", "mulu", "publication", "root", "schedule", "system"}
)
_WIDELY_USED = """
    000000000000 111111111111 121212121212 123123123123 123456123456 123456654321 123456789000 123456789012
    1234567890ab 123456789abc 1234567890qwe 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc aaaaaaaaaaaa abc123456789
    abcd12345678 abcdefghijkl adminadmin12 administrator administrator1 asdfghjkl123 changemechangeme
    correcthorsebatterystaple iloveyou1234 letmeinletmein mulumulumulu password1234 password12345 password123456
    passwordpassword qazwsxedcrfv qwer12345678 qwertyuiop12 qwertyuiop123 qwertyuiop[] welcome12345 woaini1314520
    woaini520520 zxcvbnm12345 zhongguo1234 zhongguo123456
"""
_KNOWN = frozenset(_WIDELY_USED.split())

_SHORT = Text(zh="密码至少 {count} 个字符。", en="a password has at least {count} characters.")
_LONG = Text(zh="密码至多 {count} 个字符。", en="a password has at most {count} characters.")
_COMMON = Text(
    zh="这个密码人所共知或过于单调，请另选。",
    en="this password is known to everybody or monotonous; choose another.",
)
_NAMED = Text(zh="密码不能含有账号名。", en="a password does not contain the name of its account.")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may be granted roles. Accounts are never deleted: their names stand in the book of acts.

    ``name``: what is typed to sign in, lower case; ``full_name``: what people see. ``subject``: who this is at
    an external identity provider (``issuer|subject``), empty for none. ``mails``: notifications also go to
    ``email``. ``must_change``: the password was set by somebody else.
    """

    id: int
    name: str
    full_name: str
    email: str
    language: str
    mails: bool
    subject: str
    has_password: bool
    must_change: bool
    locked: bool
    created_at: datetime
    signed_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class Limits:
    """What an API key narrows its account's rights to: these permissions, on this register (its id; None: on
    any) and beneath it."""

    permissions: frozenset[Permission]
    register_id: int | None


def is_account_name(name: str) -> bool:
    """Whether a new account may have this name. Colons never stand in one: those are actors of other kinds."""
    return _NAME.fullmatch(name) is not None and name not in _RESERVED


def password_fault(password: str, name: str) -> Text | None:
    """Why this cannot be the password of the account ``name``; None where it can."""
    if len(password) < PASSWORD_LENGTH:
        return _SHORT.format(count=PASSWORD_LENGTH)
    if len(password) > PASSWORD_LIMIT:
        return _LONG.format(count=PASSWORD_LIMIT)
    folded = password.casefold()
    if folded in _KNOWN or len(set(folded)) < 4:
        return _COMMON
    return _NAMED if name.casefold() in folded else None
