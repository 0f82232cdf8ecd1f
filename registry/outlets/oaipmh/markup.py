"""Text as XML: escaped, in UTF-8."""

from __future__ import annotations

import re

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
)


def text(value: str) -> bytes:
    """``value`` as the text of an element; characters that XML cannot hold become U+FFFD."""
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if not value.isprintable():  # nearly always it is, and a table of translations costs several times more
        value = _NOT_XML.sub("\ufffd", value).replace("\r", "&#13;")
    return value.encode()


def attribute(value: str) -> bytes:
    """``value`` as an attribute's value, for double quotes."""
    return _NOT_XML.sub("\ufffd", value).translate(_VALUE).encode()


def element(name: str, value: str) -> bytes:
    """An element without attributes that holds only a text."""
    return b"<%b>%b</%b>" % (name.encode(), text(value), name.encode())
