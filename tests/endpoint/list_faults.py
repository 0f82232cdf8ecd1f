"""Faults of the list itself, before it is cut into pages: which records there are, and what they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from tests.endpoint.exchange import Level, Table, Visit, rows
from tests.endpoint.records import Record, dublin_core, earlier

Records = Sequence[Record]

_HOSTILE = {
    "unknown": ("one record of no known format", "<x>不是任何已知格式</x>"),
    "ill-formed": ("one record that makes its page ill-formed", "<x><未闭合></x>"),
    "entity": ("one record with an entity that nobody declared", "<x>&leak;</x>"),
    "control": ("one record with a character that XML does not allow", "<x>\x01</x>"),
    "prefix": ("one record with a prefix that is bound to nothing", "<y:x>未绑定</y:x>"),
    "deep": ("one record of elements in elements", "<x>" * 150 + "</x>" * 150),
    "huge-depth": (
        "one record of more elements in elements than a parser allows",
        "<x>" * 5000 + "</x>" * 5000,
    ),
    "wide": (
        "one record with two thousand attributes",
        "<x {}/>".format(" ".join(f'a{n}="{n}"' for n in range(2000))),
    ),
    "long": ("one record of 300 KB", f"<x>{'长' * 100_000}</x>"),
    "long-text": ("one record with 2 MB in one text", f"<x>{'a' * 2_000_000}</x>"),
    "many": ("one record of 30,000 elements", f"<x>{'<y/>' * 30_000}</x>"),
    "comment": ("one record of nothing but a comment", "<!-- 无 -->"),
    "include": (
        "one record that asks for a file",
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>',
    ),
}
"""Metadata that is no record: about it, and what is sent."""


def hostile(records: Records, visit: Visit, metadata: str) -> Records:
    """One more record in the middle, with ``metadata``."""
    middle = len(records) // 2
    bad = Record("oai:endpoint.test:hostile", "2024-01-01T00:00:00Z", metadata)
    return [*records[:middle], bad, *records[middle:]]


def foreign_identifier(records: Records, visit: Visit) -> Records:
    return [*records[:1], replace(_copy(records[0]), identifier="oai:elsewhere.test:1"), *records[1:]]


def foreign_division(records: Records, visit: Visit) -> Records:
    """One more record, about 武汉市江岸区."""
    if "<division>" in records[0].metadata:
        metadata = re.sub("<division>.*?</division>", "<division>420102</division>", records[0].metadata)
    else:
        coverage = "<dc:coverage>420102 江岸区</dc:coverage></oai_dc:dc>"
        metadata = records[0].metadata.replace("</oai_dc:dc>", coverage)
    return [*records[:1], replace(_copy(records[0]), metadata=metadata), *records[1:]]


def _copy(record: Record) -> Record:
    return replace(record, identifier=f"{record.identifier}-2")


def repeated(records: Records, visit: Visit, *, same: bool, far: bool) -> Records:
    """The first record once more, behind itself or at the end."""
    metadata = records[0].metadata if same else dublin_core("另一内容", records[0].identifier)
    again = replace(records[0], metadata=metadata)
    return [*records, again] if far else [records[0], again, *records[1:]]


def shrunk(records: Records, visit: Visit, percent: int) -> Records:
    return records[: len(records) * percent // 100]


def grown(records: Records, visit: Visit, factor: int) -> Records:
    return [*records, *(replace(each, identifier=f"{each.identifier}-{n}")
                        for n in range(1, factor) for each in records)]  # fmt: skip


def all_deleted(records: Records, visit: Visit) -> Records:
    return [replace(each, deleted=True) for each in records]


def rewritten(records: Records, visit: Visit) -> Records:
    """Every record under another title."""

    def renamed(metadata: str) -> str:
        return re.sub("(<dc:title>|<resTitle>)", r"\1改名", metadata)

    return [replace(each, metadata=renamed(each.metadata)) for each in records]


def replayed(records: Records, visit: Visit) -> Records:
    """What the records said before."""
    return list(visit.past) or [earlier(each) for each in records]


def wavering(records: Records, visit: Visit) -> Records:
    """Two servers that answer in turn, of which one has not heard the news."""
    return replayed(records, visit) if visit.number % 2 else records


def pushed(records: Records, visit: Visit) -> Records:
    """With every request a new record at the head: what was on the edge of a page comes twice."""
    return [*(replace(records[0], identifier=f"{records[0].identifier}-new-{n}")
              for n in range(visit.number, 0, -1)), *records]  # fmt: skip


def pulled(records: Records, visit: Visit) -> Records:
    """With every request the first record is gone: what was on the edge of a page is passed over."""
    return records[visit.number :]


def _unless_empty(play: Callable[[Any, Visit], Any]) -> Callable[[Records, Visit], Records]:
    return lambda records, visit: list(play(records, visit)) if records else []


_TABLE: Table = (
    ("foreign-identifier", "another source's identifier", foreign_identifier),
    ("foreign-division", "a division that others answer for", foreign_division),
    *(
        (f"repeated-{'same' if same else 'other'}{'-far' if far else ''}",
         f"an identifier twice, {'the same' if same else 'other'} content, {'pages apart' if far else 'side by side'}",
         partial(repeated, same=same, far=far))
        for far in (False, True) for same in (True, False)
    ),
    *(
        (f"shrunk-to-{percent}", f"{percent} % of the records are left", partial(shrunk, percent=percent))
        for percent in (0, 1, 50, 89, 91)
    ),
    *(
        (f"grown-{factor}-fold", f"{factor} times as many records", partial(grown, factor=factor))
        for factor in (10, 11)
    ),
    ("all-deleted", "every record deleted", all_deleted),
    ("rewritten", "every record under another title", rewritten),
    ("replayed", "every record as it was before", replayed),
    ("wavering", "now the records as they are, now as they were before", wavering),
    ("pushed", "a new record at the head of the list with every request", pushed),
    ("pulled", "the first record gone with every request", pulled),
)  # fmt: skip

_SPOILT: Table = (
    (f"hostile-{name}", about, partial(hostile, metadata=metadata))
    for name, (about, metadata) in _HOSTILE.items()
)

ROWS = rows(Level.LIST, ((name, about, _unless_empty(play)) for name, about, play in (*_TABLE, *_SPOILT)))
