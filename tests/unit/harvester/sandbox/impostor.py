"""A child that does not do as it should. Run as ``impostor.py ROLE``; speaks the wire format by hand."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from harvester.protocols.base import Envelope
from harvester.sandbox import wire
from harvester.sandbox.child import Channel
from registry.model.document import Catalogue, Document, Facts, Sharing
from registry.model.harvesting import RecordKey
from registry.model.record import CheckedRecord, Condition, Raw

KEY = RecordKey("oai:hangzhou.example:1", b"r" * 32)
KNOWN = CheckedRecord(KEY.identifier, Condition.KNOWN, KEY.raw_digest)
FACTS = Facts("题", Catalogue.PROJECT, "2.1", "330100", "建委", Sharing.UNCONDITIONAL, True)
FALSE = Document(b"d" * 32, b"<record/>", FACTS, "")


def say(*messages: wire.FromChild) -> None:
    for message in messages:
        os.write(1, wire.frame(message))


def vanish() -> None:
    os._exit(3)


def spin() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (1, resource.RLIM_INFINITY))
    while True:
        pass


def run_out_of_memory() -> None:
    os._exit(wire.EXIT_MEMORY)


def sleep() -> None:
    time.sleep(600)


def drip() -> None:
    """One byte after the other: never silent, never done."""
    for byte in wire.frame(wire.Ask([KEY] * 100)):
        os.write(1, bytes((byte,)))
        time.sleep(0.02)


def say_garbage() -> None:
    os.write(1, b"\x00\x00\x00\x05hello")


def announce_too_much() -> None:
    os.write(1, b"\xff\xff\xff\xff")


def answer_unasked() -> None:
    say(wire.Batch([KNOWN]))


def ask_without_end() -> None:
    say(*[wire.Ask([KEY] * 1000)] * 1000)


def keep_records() -> None:
    say(wire.Ask([KEY, KEY]), wire.Batch([KNOWN]), wire.Done(Envelope()))


def answer_with_nothing() -> None:
    say(wire.Ask([KEY]), *[wire.Batch([])] * 2)


def explain_unasked() -> None:
    say(wire.Explain(b"<record/>"))


def attach_false_digest() -> None:
    lie = KNOWN._replace(condition=Condition.LIVE, document=FALSE, document_digest=FALSE.digest)
    say(wire.Ask([KEY]), wire.Batch([lie]), wire.Done(Envelope()))


def attach_false_raw() -> None:
    lie = KNOWN._replace(condition=Condition.REFUSED, raw=Raw(KEY.raw_digest, b"<other/>"))
    say(wire.Ask([KEY]), wire.Batch([lie]), wire.Done(Envelope()))


def crash() -> None:
    say(wire.Crashed("ZeroDivisionError at rule.py:1"))


def speak_last_words() -> None:
    os.write(2, "last \x1b[31mwords 错\n".encode())
    os._exit(5)


ROLES: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        vanish,
        spin,
        run_out_of_memory,
        sleep,
        drip,
        say_garbage,
        announce_too_much,
        answer_unasked,
        ask_without_end,
        keep_records,
        answer_with_nothing,
        explain_unasked,
        attach_false_digest,
        attach_false_raw,
        crash,
        speak_last_words,
    )
}


def command(role: str) -> tuple[str, ...]:
    """What starts an impostor in a role."""
    root = str(Path(__file__).parents[4])
    start = f"import sys, runpy; sys.path.insert(0, {root!r}); sys.argv[:] = ['impostor', {role!r}]; "
    return (sys.executable, "-I", "-c", start + f"runpy.run_path({__file__!r}, run_name='__main__')")


if __name__ == "__main__":
    channel = Channel(0, 1)
    channel.receive()  # Start
    say(wire.Ready())
    channel.receive()  # Begin
    ROLES[sys.argv[1]]()
    time.sleep(600)
