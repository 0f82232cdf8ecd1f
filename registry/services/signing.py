"""Ed25519 over what an installation vouches for. Whoever has the public key can check it, and forge nothing."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class SigningKey:
    """The key of an installation, from its 32 secret bytes (``config.secrets``)."""

    def __init__(self, secret: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        self.key = self._private.public_key().public_bytes_raw().hex()
        """The public key: 64 hexadecimal digits."""

    def sign(self, message: bytes) -> bytes:
        """The signature over ``message``, 64 bytes."""
        return self._private.sign(message)


class TrustedKeys:
    """Public keys whose signatures count. Raises ``ValueError`` for what is none."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = {key: Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)) for key in keys}

    def proves(self, key: str, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is that of ``key`` under ``message``, and ``key`` is trusted."""
        trusted = self._keys.get(key)
        if trusted is None:
            return False
        try:
            trusted.verify(signature, message)
        except InvalidSignature:
            return False
        return True
