"""What sections of settings are made of: an immutable struct, and values with their bounds."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=1)]
Bytes = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Port = Annotated[int, Meta(ge=0, le=65535)]

KB, MB, GB = 1024, 1024**2, 1024**3


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """A group of settings: immutable, and an unknown key is an error."""


def check_reference(reference: str) -> None:
    """Raise ``ValueError`` unless it names a secret (``file:NAME``, ``env:NAME``)."""
    scheme, _, name = reference.partition(":")
    if scheme not in ("file", "env") or not name:
        raise ValueError("expected file:NAME or env:NAME")
