"""What a metadata format is: how its records are cut, keyed, read and written.

Every reader produces an element of the ``catalogue`` format, the only one that is stored; writers turn stored
bytes into other formats. A format may lack either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from registry.model.document import Facts
from registry.model.issue import Issue, Text
from registry.model.source import SourceDescription


class ReadContext(NamedTuple):
    """What a reader may take from the source where a record does not say it.

    ``namespace`` is the source's; ``identifier`` the record's (empty where its key must mint it);
    ``division``, ``catalogue`` and ``item`` are set only where the source speaks for exactly one.
    """

    namespace: str = ""
    identifier: str = ""
    division: str = ""
    catalogue: str = ""
    item: str = ""

    @classmethod
    def of(cls, source: SourceDescription) -> ReadContext:
        """The context of ``source``, before any record."""
        division = source.scope.divisions[0] if len(source.scope.divisions) == 1 else ""
        named = [category.partition(":") for category in source.scope.categories]
        catalogues = {catalogue for catalogue, _, _ in named}
        catalogue = catalogues.pop() if len(catalogues) == 1 else ""
        item = named[0][2] if len(named) == 1 else ""
        return cls(source.namespace, "", division, catalogue, item)

    def for_record(self, identifier: str) -> ReadContext:
        """The same context for the record that goes by ``identifier``."""
        return ReadContext(self.namespace, identifier, self.division, self.catalogue, self.item)


@dataclass(frozen=True, slots=True)
class ParsedRecord:
    """A record in the catalogue format (not yet validated), and what its reader noticed: no errors."""

    element: etree._Element
    issues: tuple[Issue, ...] = ()


Reading = ParsedRecord | tuple[Issue, ...]
"""A record, or why there is none: issues of which at least one is an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One row of ``FORMATS``.

    ``prefix`` is its OAI-PMH metadataPrefix, ``namespace`` and ``schema_location`` what ListMetadataFormats
    says of it (a location without scheme is a file that this installation serves); ``record_tag`` the tag of
    one record's element. ``key`` gives a record's local key cheaply (empty where it has none), before any
    other check. ``sample`` is a record that ``read`` carries over: whoever must not open files later reads it
    first, so that everything is loaded (``catalogue`` needs none). ``write`` takes stored canonical bytes and
    their facts, and returns one element as UTF-8 without declaration that can stand inside another document.
    """

    prefix: str
    label: Text
    namespace: str
    schema_location: str
    record_tag: str
    key: Callable[[etree._Element], str]
    read: Callable[[etree._Element, ReadContext], Reading] | None = None
    sample: str = ""
    write: Callable[[bytes, Facts], bytes] | None = None
