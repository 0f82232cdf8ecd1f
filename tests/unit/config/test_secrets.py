"""Keys: made once, readable by their owner only, never shown."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.secrets import KEY_BYTES, Keyring, SecretError, without_password


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "secrets", {})
    key = ring.key("file:token.key")
    assert len(key) == KEY_BYTES
    assert ring.key("file:token.key") == key
    assert ring.key("file:archive.key") != key
    assert sorted(path.name for path in (tmp_path / "secrets").iterdir()) == ["archive.key", "token.key"]


def test_looking_makes_no_key(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "secrets", {})
    with pytest.raises(SecretError):
        ring.key("file:token.key", make=False)
    assert not (tmp_path / "secrets").exists()
    made = ring.key("file:token.key")
    assert ring.key("file:token.key", make=False) == made


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    Keyring(tmp_path / "secrets", {}).key("file:token.key")
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "secrets" / "token.key").stat().st_mode) == 0o600


def test_many_who_ask_first_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: Keyring(tmp_path / "s", {}).key("file:token.key"), range(64)))
    assert len(keys) == 1


def test_a_key_may_come_from_the_environment(tmp_path: Path) -> None:
    assert Keyring(tmp_path, {"K": "ab" * 32}).key("env:K") == b"\xab" * 32
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", ["", "ab" * 31, "ab" * 33, "geheim" * 10])
def test_what_is_no_key_is_refused_without_being_shown(tmp_path: Path, value: str) -> None:
    with pytest.raises(SecretError) as failure:
        Keyring(tmp_path, {"K": value}).key("env:K")
    assert "env:K" in failure.value.en
    assert not value or value not in failure.value.en + failure.value.zh


def test_a_credential_is_read_but_never_made(tmp_path: Path) -> None:
    (tmp_path / "hangzhou").write_text("name:word\n", "utf-8")
    ring = Keyring(tmp_path, {"MULU_WENZHOU": "a:b"})
    assert ring.credential("file:hangzhou") == "name:word"
    assert ring.credential("env:MULU_WENZHOU") == "a:b"
    with pytest.raises(SecretError, match="ningbo"):
        ring.credential("file:ningbo")


@pytest.mark.parametrize(
    "reference", ["file:../x", "file:/etc/passwd", "file:..", "file:", "file:a/b", "env:NONE", "x"]
)
def test_a_reference_never_leads_out_of_the_folder(tmp_path: Path, reference: str) -> None:
    ring = Keyring(tmp_path / "secrets", {})
    with pytest.raises(SecretError):
        ring.key(reference)
    assert list(tmp_path.iterdir()) == []


def test_a_keyring_does_not_show_what_it_holds(tmp_path: Path) -> None:
    assert "hunter2" not in repr(Keyring(tmp_path, {"K": "hunter2"}))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////home/mulu.sqlite3", "sqlite:////home/mulu.sqlite3"),
        ("postgresql+psycopg://u:secret@h:5432/d", "postgresql+psycopg://u@h:5432/d"),
        ("postgresql+psycopg://u:p@ss@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
    ],
)
def test_passwords_are_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown
