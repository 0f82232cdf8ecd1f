"""No file and no address is touched, whatever an answer asks for: canaries that show whether anybody came.

A named pipe that somebody opens for reading can be opened for writing without waiting, and nothing else can: the
kernel itself tells. A listener on loopback counts who connects. The control is a parser that does as it is told.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from harvester.rules.samples import sample_record
from harvester.sandbox import AnswerRefused, Sandbox, SandboxLimits
from harvester.sandbox.process import COMMAND
from schemas.xml import canonical
from tests.unit.harvester.sandbox import answers
from tests.unit.harvester.sandbox.answers import READING, nothing_known

_GULLIBLE = """
import sys, xml.sax, xml.sax.handler
parser = xml.sax.make_parser()
parser.setFeature(xml.sax.handler.feature_external_ges, True)
parser.setContentHandler(xml.sax.handler.ContentHandler())
parser.parse(sys.stdin.buffer)
"""


@dataclass
class Canaries:
    """A pipe and an address, and what came of them."""

    pipe: Path
    listener: socket.socket

    @property
    def url(self) -> str:
        host, port = self.listener.getsockname()
        return f"http://{host}:{port}/canary"

    def touched(self) -> set[str]:
        """Which of them somebody has opened, or holds open."""
        return {
            name for name, is_touched in (("pipe", self._read()), ("address", self._asked())) if is_touched
        }

    def _read(self) -> bool:
        try:
            os.close(os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:  # nobody reads
            return False
        return True

    def _asked(self) -> bool:
        try:
            connection, _ = self.listener.accept()
        except BlockingIOError:
            return False
        connection.close()
        return True


@pytest.fixture
def canaries(tmp_path: Path) -> Iterator[Canaries]:
    pipe = tmp_path / "canary"
    os.mkfifo(pipe)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield Canaries(pipe, listener)


def baits(place: str) -> dict[str, bytes]:
    """Answers that ask for ``place`` in every way there is."""
    record = canonical(sample_record())
    hint = f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:mulu:catalogue:1 {place}"'
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{place}"/>'
    hinted = record.replace(b"<record ", b"<record%b " % hint.encode(), 1)
    return {
        "entity": f'<!DOCTYPE r [<!ENTITY e SYSTEM "{place}">]><r>&e;</r>'.encode(),
        "parameter entity": f'<!DOCTYPE r [<!ENTITY % e SYSTEM "{place}"> %e;]><r/>'.encode(),
        "DTD": f'<!DOCTYPE r SYSTEM "{place}"><r/>'.encode(),
        "stylesheet": f'<?xml-stylesheet href="{place}" type="text/xsl"?>'.encode() + answers.clean(1),
        "schema location": answers.page(answers.record("1", hinted)),
        "schema location of a refused record": answers.page(
            answers.record("1", hinted.replace(b"330106</division>", b"1</division>"))
        ),
        "inclusion": answers.page(
            answers.record("1", record.replace(b"<item>", include.encode() + b"<item>"))
        ),
    }


_AT_LARGE = (
    "import sys; sys.path.insert(0, sys.argv[1]); from harvester.sandbox import child; "
    "child.confine = lambda limits: None; child.main()"
)
_UNCONFINED = (*COMMAND[:3], _AT_LARGE, *COMMAND[4:])


@pytest.mark.parametrize("command", [COMMAND, _UNCONFINED], ids=["confined", "its parsers alone"])
def test_no_answer_makes_a_child_touch_anything(canaries: Canaries, command: Sequence[str]) -> None:
    limits = SandboxLimits(silence_seconds=20)  # a child that opened the pipe would wait for ever, and die
    with Sandbox(limits, command) as sandbox:
        for place in (canaries.pipe.as_uri(), str(canaries.pipe), canaries.url):
            for bait in baits(place).values():
                with suppress(AnswerRefused):
                    list(sandbox.read(READING, [bait], nothing_known))
        assert sandbox.explainer_pid is not None, "a refused record went to the child that explains"
    assert canaries.touched() == set()


def test_the_control_a_gullible_parser_touches_both(canaries: Canaries) -> None:
    found = set()
    for place in (canaries.pipe.as_uri(), canaries.url):
        gullible = subprocess.Popen([sys.executable, "-I", "-c", _GULLIBLE], stdin=subprocess.PIPE)
        assert gullible.stdin is not None
        gullible.stdin.write(baits(place)["entity"])
        gullible.stdin.close()
        waiting = threading.Event()
        for _ in range(200):
            if touched := canaries.touched():
                found |= touched
                break
            waiting.wait(0.05)
        gullible.kill()
        gullible.wait()
    assert found == {"pipe", "address"}
