"""Keys and credentials by reference: ``file:NAME`` below ``<home>/secrets``, or ``env:NAME``.

A key of the installation is 32 random bytes, kept as hex in a file that only its owner may read, made
when it is first asked for. Several machines share their keys through the environment instead.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KEY_BYTES = 32


class SecretError(ValueError):
    """A reference leads nowhere, or to something that is no key; told in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


def without_password(url: str) -> str:
    """``url`` for showing: the password of its account left out."""
    scheme, separator, rest = url.partition("://")
    account, at, place = rest.rpartition("@")
    return f"{scheme}{separator}{account.partition(':')[0]}{at}{place}" if separator else url


@dataclass(frozen=True, repr=False)
class Keyring:
    """Where references are looked up. Its values never show in a log: it has no representation."""

    folder: Path
    environ: Mapping[str, str]

    def key(self, reference: str, *, make: bool = True) -> bytes:
        """The 32 bytes under ``reference``; a missing file is made, unless told not to. Raises
        :class:`SecretError`."""
        scheme, _, name = reference.partition(":")
        if make and scheme == "file" and not self._path(name).exists():
            self._make(self._path(name))
        text = self.credential(reference)
        try:
            key = bytes.fromhex(text)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise SecretError(
                f"{reference} 不是密钥：需要 64 位十六进制数。",
                f"{reference} is no key: 64 hexadecimal digits are needed.",
            )
        return key

    def credential(self, reference: str) -> str:
        """The text under ``reference`` without the white space around it. Raises :class:`SecretError`."""
        scheme, _, name = reference.partition(":")
        if scheme == "env" and name in self.environ:
            return self.environ[name].strip()
        if scheme == "file" and self._path(name).is_file():
            return self._path(name).read_text("utf-8").strip()
        raise SecretError(
            f"找不到密钥引用 {reference}：请设置该环境变量，或在 {self.folder} 中放置该文件。",
            f"nothing stands under {reference}: set that variable, or put that file into {self.folder}.",
        )

    def _path(self, name: str) -> Path:
        path = self.folder / name
        if path.parent != self.folder or name in ("", ".", ".."):
            raise SecretError(f"密钥文件名无效：{name!r}。", f"not the name of a file of secrets: {name!r}.")
        return path

    def _make(self, path: Path) -> None:
        """Write a fresh key beside ``path`` and link it there: of two who do so at once, the first wins."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as stream:
                stream.write(secrets.token_hex(KEY_BYTES) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
