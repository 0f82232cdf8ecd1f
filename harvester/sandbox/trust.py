"""What the parent checks of what a child says. The wire format has made sure of the types only.

A child that hostile bytes have taken over could attach false content to a digest that other sources share,
so every digest is computed again here; what else it says can harm no source but the one it was reading.
"""

from __future__ import annotations

from collections.abc import Sequence

from harvester.parse import digests_under
from registry.model.document import digest_of
from registry.model.record import CheckedRecord, Condition


def untrue(records: Sequence[CheckedRecord], archive_key: bytes) -> str:
    """What is wrong with the first record that cannot be true; empty where all can."""
    digest = digests_under(archive_key)
    for record in records:
        document, raw = record.document, record.raw
        if record.condition is Condition.LIVE and document is None:
            return "a live record without a document"
        if document is not None and not (
            record.condition is Condition.LIVE
            and record.document_digest == document.digest == digest_of(document.content)
        ):
            return "a document that is not its digest's"
        if raw is not None and not raw.digest == record.raw_digest == digest(raw.content):
            return "raw bytes that are not their digest's"
    return ""
