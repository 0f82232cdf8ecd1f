"""Children of the sandbox whose parser has a planted defect. Run as ``gullible.py ROOT DEFECT``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

ROOT = Path(__file__).parents[1]


def command(defect: str) -> tuple[str, ...]:
    """What starts a child with this defect, as ``harvester.sandbox.process.COMMAND`` starts an honest one."""
    return (sys.executable, "-I", str(Path(__file__)), str(ROOT), defect)


def resolve_entities() -> None:
    """Entities are resolved, and a DOCTYPE is not refused."""
    _parse_with(resolve_entities=True, recover=False)


def recover() -> None:
    """What is ill-formed is mended."""
    _parse_with(resolve_entities=False, recover=True)


def _parse_with(*, resolve_entities: bool, recover: bool) -> None:
    from lxml import etree

    from schemas import xml

    def check_prolog(element: object) -> None:
        """Let every DOCTYPE pass."""

    xml._SAFE.update(resolve_entities=resolve_entities, recover=recover)
    xml._PARSER = etree.XMLParser(**xml._SAFE)
    if resolve_entities:
        xml.check_prolog = check_prolog


POISON = b"POISON"


def die_of_poison() -> None:
    """The process ends as soon as an answer holds the word :data:`POISON`."""
    from harvester.protocols.stream import ElementStream

    feed = ElementStream.feed

    def feed_or_die(self: ElementStream, chunk: bytes) -> Iterator[object]:
        if POISON in chunk:
            os.abort()
        return feed(self, chunk)

    ElementStream.feed = feed_or_die  # type: ignore[method-assign, assignment]


def die_now_and_then() -> None:
    """The process ends at its third answer."""
    from harvester.sandbox import child

    serve, answers = child.serve, count(1)

    def serve_or_die(*arguments: object) -> None:
        if next(answers) == 3:
            os.abort()
        serve(*arguments)  # type: ignore[arg-type]

    child.serve = serve_or_die  # type: ignore[assignment]


DEFECTS: dict[str, Callable[[], None]] = {
    each.__name__: each for each in (resolve_entities, recover, die_of_poison, die_now_and_then)
}

if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    DEFECTS[sys.argv[2]]()
    from harvester.sandbox.child import main

    main()
