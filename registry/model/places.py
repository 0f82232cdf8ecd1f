"""Where in an answer or a file something stands, in words: places are kept as the harvester writes them."""

from __future__ import annotations

import re

from registry.model.issue import Text

_PAGE = re.compile(r"page (\d+)")
_RECORD = re.compile(r"(?:(?P<file>.+): )?record (?P<record>\d+), line (?P<line>\d+)", re.DOTALL)


def place_told(place: str) -> Text:
    """A place (``page 2``, ``list.csv: record 4, line 5``) as people read it; as it is where it is another one."""
    if found := _PAGE.fullmatch(place):
        return Text(f"第 {found[1]} 页", place)
    if found := _RECORD.fullmatch(place):
        within = f"{found['file']}：" if found["file"] else ""
        return Text(f"{within}第 {found['record']} 条记录，第 {found['line']} 行", place)
    return Text(place, place)
