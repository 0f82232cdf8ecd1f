"""Sealing the book of acts, and examining it.

Sealing runs beside the server, about every second, in whichever process holds its lease; it is harmless at any time
and from any process.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from registry.errors import Refused
from registry.model.datestamp import format_datestamp
from registry.model.issue import Text
from registry.model.seal import Examination, Head, Prover, Signer, breaches, sealed
from registry.store import events, leases, outbox, seals
from registry.store.engine import Connection, Engine, transaction
from registry.store.outbox import Topic

_LEASE = "seal"
_LASTING = timedelta(seconds=10)

_NO_HEAD = Text(
    zh="{path} 不是审计链头文件(mulu audit head 的输出)。",
    en="{path} holds no head of the book (`mulu audit head`).",
)


def seal(engine: Engine, signer: Signer, *, holder: str, now: datetime, limit: int = 1000) -> int:
    """Seal what waits, at most ``limit`` events; returns how many. None are sealed where another process than
    ``holder`` has the lease."""
    with transaction(engine) as connection:
        if leases.take(connection, _LEASE, holder, now, _LASTING) is None:
            return 0
        waiting = outbox.waiting(connection, Topic.SEAL, limit)
        entered = events.by_ids(connection, [int(each.item) for each in waiting])
        fresh = list(sealed(seals.head(connection), entered, signer))
        seals.add(connection, fresh, now)
        outbox.take_out(connection, waiting)
        return len(fresh)


def seal_all(engine: Engine, signer: Signer, *, holder: str, clock: Callable[[], datetime]) -> int:
    """Seal whatever waits; returns how many events. None where another process is at it."""
    total = 0
    while count := seal(engine, signer, holder=holder, now=clock()):
        total += count
    rest(engine, holder=holder, now=clock())
    return total


def rest(engine: Engine, *, holder: str, now: datetime) -> None:
    """``holder`` seals no more for now: another process may at once."""
    with transaction(engine) as connection:
        leases.take(connection, _LEASE, holder, now, timedelta(0))


def examine(connection: Connection, prover: Prover, heads: Iterable[Head] = ()) -> Examination:
    """Look through the whole book, as of the caller's transaction. ``heads``: exported earlier, kept elsewhere."""
    count = seals.head(connection).number
    findings = tuple(breaches(seals.book(connection), prover, heads))
    unsealed, oldest = seals.unsealed(connection)
    return Examination(count, unsealed, oldest, findings)


@dataclass(frozen=True, slots=True)
class ExportedHead:
    """A head as it is kept elsewhere: one line a field, so that it can be read out, printed and compared."""

    head: Head
    key: str
    at: str

    def text(self) -> str:
        """The lines of the file."""
        return (
            f"mulu-audit-head 1\nnumber {self.head.number}\ndigest {self.head.digest.hex()}\n"
            f"key {self.key}\nat {self.at}\n"
        )


def exported_head(connection: Connection, key: str, now: datetime) -> ExportedHead:
    """The head of the book as it stands. ``key``: the public key of the installation."""
    return ExportedHead(seals.head(connection), key, format_datestamp(now))


def write_head(path: Path, exported: ExportedHead) -> None:
    """Put a head into a file, all of it or nothing."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.write_text(exported.text(), "utf-8")
    draft.replace(path)


def read_head(path: Path) -> ExportedHead:
    """The head in a file. Raises ``Refused`` for another file, ``OSError``."""
    try:
        lines = path.read_text("utf-8").splitlines()
        fields = dict(line.split(" ", 1) for line in lines)
        head = Head(int(fields["number"]), bytes.fromhex(fields["digest"]))
        return ExportedHead(head, fields["key"], fields["at"])
    except (KeyError, ValueError) as failure:
        raise Refused(_NO_HEAD.format(path=path)) from failure
