"""The catalogue schema at work: libxml2 decides, xmlschema explains what was refused.

libxml2 is some thirty times faster but tells neither place nor reason well, so xmlschema looks at those
records only that libxml2 refused.
"""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from schemas.catalogue import FILE, FOLDER, NAMESPACE
from schemas.issue import Issue
from schemas.xml import parse, parse_packaged

__all__ = ["CATALOGUE", "FILE", "FOLDER", "NAMESPACE", "explain"]

CATALOGUE: Final = etree.XMLSchema(parse_packaged(FILE))
"""Whether a record is valid: ``CATALOGUE.validate(element)``. One per process; threads must not share it."""


def explain(record: bytes | etree._Element) -> tuple[Issue, ...]:
    """Why libxml2 refuses ``record``: one issue a fault, at most 50; none for a valid record.

    An element keeps the line that it had in its answer; bytes are counted from their own first line. Raises
    :class:`schemas.refusal.XmlRefused` for bytes that are not to be read at all.
    """
    element = parse(record) if isinstance(record, bytes) else record
    if CATALOGUE.validate(element):
        return ()
    log: Any = CATALOGUE.error_log
    complaints = [(str(entry.message), int(entry.line)) for entry in log]
    from schemas.explanation import reasons, unexplained

    return reasons(element) or (unexplained(element, *(complaints[-1] if complaints else ("?", None))),)
