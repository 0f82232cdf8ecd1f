"""Identifiers: minted once, never rewritten."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.model.identifier import MAX_LENGTH, comparable, is_identifier, is_namespace, mint, owner_prefix


@pytest.mark.parametrize(
    ("key", "identifier"),
    [
        ("3301-17", "oai:hangzhou.gov.cn:3301-17"),
        ("  3301 ", "oai:hangzhou.gov.cn:3301"),
        ("a b", "oai:hangzhou.gov.cn:a%20b"),
        ("杭州", "oai:hangzhou.gov.cn:%E6%9D%AD%E5%B7%9E"),
        ("100%", "oai:hangzhou.gov.cn:100%25"),
        ("a#b", "oai:hangzhou.gov.cn:a%23b"),
        ("a/b:c?d=e&f", "oai:hangzhou.gov.cn:a/b:c?d=e&f"),
        ('<"\\^`{|}>', "oai:hangzhou.gov.cn:%3C%22%5C%5E%60%7B%7C%7D%3E"),
    ],
)
def test_minted_from_a_local_key(key: str, identifier: str) -> None:
    assert mint("hangzhou.gov.cn", key) == identifier
    assert is_identifier(identifier)


@pytest.mark.parametrize(
    "key", ["oai:hangzhou.gov.cn:1", "oai:chunan.gov.cn:330127-P-1", " oai:undotted:a:b "]
)
def test_what_was_minted_at_its_origin_is_not_minted_again(key: str) -> None:
    assert mint("hangzhou.gov.cn", key) == key.strip()


@pytest.mark.parametrize("key", ["oai:2024:1", "oai:1", "oai:x.cn:", "xoai:x.cn:1", "OAI:x.cn:1"])
def test_what_only_resembles_an_identifier_is_a_key(key: str) -> None:
    assert mint("hangzhou.gov.cn", key) == f"oai:hangzhou.gov.cn:{key}"


@pytest.mark.parametrize("key", ["", "  ", "\n\t"])
def test_nothing_is_minted_from_nothing(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        mint("hangzhou.gov.cn", key)


@pytest.mark.parametrize(
    "namespace", ["", "hangzhou..cn", ".cn", "1.cn", "杭州.cn", "a b", "oai:x", "a.cn\n"]
)
def test_a_namespace_is_a_domain(namespace: str) -> None:
    assert not is_namespace(namespace)
    with pytest.raises(ValueError, match="namespace"):
        mint(namespace, "1")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(lambda key: key.strip()))
def test_different_keys_have_different_identifiers(key: str) -> None:
    """What was minted is a URI and still says its key."""
    minted = mint("x.cn", key)
    assert re.fullmatch(r"[\x21-\x7e]+", minted)
    assert unquote(minted.removeprefix("oai:x.cn:")) == key.strip()


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("oai:x.cn:1", True),
        ("http://x.cn/1", True),
        ("urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", True),
        ("oai:x.cn:杭州", True),
        ("no-scheme", False),
        ("oai:", False),
        ("1oai:x", False),
        ("oai:x.cn:a b", False),
        ("oai:x.cn:a\n", False),
        ("oai:x.cn:<a>", False),
        ("oai:x.cn:a\x00", False),
        ("oai:x.cn:𠮷\U0010fffd\ue000", True),
        ("oai:x.cn:\u202etxt.exe", False),
        ("oai:x.cn:1\u200b", False),
        ("oai:x.cn:1\u2066", False),
        ("oai:x.cn:\ufeff1", False),
        ("oai:x.cn:1\u00ad", False),
        ("oai:x.cn:1\ufdd0", False),
        ("oai:x.cn:1\U0001ffff", False),
        ("oai:x.cn:1\U0010fffe", False),
        ("oai:x.cn:1\U000e0041", False),
        ("", False),
    ],
)
def test_what_can_stand_as_an_identifier(text: str, good: bool) -> None:
    assert is_identifier(text) is good


@pytest.mark.parametrize(("length", "good"), [(MAX_LENGTH, True), (MAX_LENGTH + 1, False)])
def test_the_longest_identifier(length: int, good: bool) -> None:
    assert is_identifier("oai:x.cn:".ljust(length, "1")) is good


@pytest.mark.parametrize(
    ("prefixes", "owner"),
    [
        ((), None),
        (("oai:y.cn:",), None),
        (("oai:x.cn:",), "oai:x.cn:"),
        (("oai:x.cn:", "oai:x.cn:33"), "oai:x.cn:33"),
        (("oai:x.cn:33", "oai:x.cn:"), "oai:x.cn:33"),
        (("oai:x.cn:3301-17-18",), None),
    ],
)
def test_the_longest_prefix_owns(prefixes: tuple[str, ...], owner: str | None) -> None:
    assert owner_prefix("oai:x.cn:3301-17", prefixes) == owner


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("oai:x.cn:Ab-1", "oai:x.cn:Ab-1"),
        ("OAI:X.cn:Ab", "oai:x.cn:Ab"),
        ("oai:%58.cn:%41%7e", "oai:x.cn:A~"),
        ("oai:x.cn:%3a%2F%2541", "oai:x.cn:%3A%2F%2541"),
        ("oai:x.cn:杭", "oai:x.cn:%E6%9D%AD"),
        ("oai:x.cn:%e6%9d%ad", "oai:x.cn:%E6%9D%AD"),
        ("HTTP://Host.CN:80/A", "http://host.cn:80/A"),
        ("URN:Isbn:1", "urn:Isbn:1"),
        ("Oa", "oa"),
        ("oai:X", "oai:x"),
        ("a/B:C", "a/B:C"),
        ("", ""),
    ],
)
def test_as_it_is_compared(text: str, form: str) -> None:
    assert comparable(text) == comparable(form) == form
