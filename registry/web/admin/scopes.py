"""What a source may speak for, in words: divisions by their names, items by those of the two catalogues."""

from __future__ import annotations

from collections.abc import Iterable

from registry.model.document import Catalogue
from registry.model.issue import Text
from registry.model.labels import label_of
from schemas.codes import categories, divisions

_WHOLE = Text("{catalogue}(全部)", "{catalogue} (all of it)")


def divisions_told(codes: Iterable[str]) -> list[Text]:
    """Codes with their names."""
    return [Text(*(f"{divisions.name(code, each)} ({code})" for each in ("zh", "en"))) for code in codes]


def category_told(category: str) -> Text:
    """An item (``credit:6.2``) or a whole catalogue (``credit``) by its name; one that does not exist as it is
    written."""
    named, _, code = category.partition(":")
    if named not in set(Catalogue):
        return Text(category, category)
    catalogue = label_of(Catalogue(named))
    if not code:
        return _WHOLE.format(catalogue=catalogue)
    found = categories.category(named, code)
    if found is None:
        return Text(category, category)
    return Text(f"{catalogue.zh} {code} {found.label.zh}", f"{catalogue.en} {code} {found.label.en}")


def categories_told(wanted: Iterable[str]) -> list[Text]:
    """Items by their names."""
    return [category_told(each) for each in wanted]
