"""One spelling for every element: the bytes that are digested, stored and pasted into other documents.

The rules: UTF-8 without declaration; an element stands in the default namespace, declared where it changes;
attributes in namespaces get ``ns1``, ``ns2`` … in order of namespace, and all are sorted by namespace and
name; no comments, processing instructions, CDATA sections or ``xsi`` attributes; white space at either end of
a text is dropped (no format here mixes text with elements); empty elements have two tags; ``&`` ``<`` ``>``
and carriage returns are the only escapes in text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

_XSI_KEY = "{http://www.w3.org/2001/XMLSchema-instance}"
_XML = "http://www.w3.org/XML/1998/namespace"

_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
)
_SPACE = " \t\n\r"
_EDGE_RETURN = re.compile(rb">&#13;|&#13;<|\A&#13;")
_PLAIN = re.compile(  # tags without prefix and attributes, texts without white space at their ends
    rb"(?:[^< \t\r\n][^<]*+(?<![ \t\r\n]))?+(?:</?+[A-Za-z]++>(?:[^< \t\r\n][^<]*+(?<![ \t\r\n]))?+)*+"
)


def canonical(element: etree._Element) -> bytes:
    """The canonical bytes of ``element``, whatever prefixes, attribute order, comments and indentation it
    came with; they stand alone and inside any other document alike."""
    return _plain(element) or "".join(_pieces(element, None)).encode()


def _plain(element: etree._Element) -> bytes | None:
    """The same for what most records are: one namespace, no attributes, nothing to mend. None otherwise.

    libxml2 then writes exactly what :func:`_pieces` would, some ten times faster.
    """
    namespace, _, name = element.tag[1:].rpartition("}")
    if not namespace or (element.attrib and any(not str(key).startswith(_XSI_KEY) for key in element.attrib)):
        return None
    written = etree.tostring(element, encoding="utf-8", with_tail=False)
    head, _, rest = written.partition(b">")
    if own := element.prefix:
        begin, end = f"<{own}:".encode(), f"</{own}:".encode()
        if rest.count(begin) + rest.count(end) != rest.count(b"<"):
            return None
        rest = rest.replace(begin, b"<").replace(end, b"</")
    if head.endswith(b"/") or not _PLAIN.fullmatch(rest) or (b"#" in rest and _EDGE_RETURN.search(rest)):
        return None
    return f'<{name} xmlns="{namespace.translate(_VALUE)}">'.encode() + rest


def _pieces(element: etree._Element, default: str | None) -> Iterator[str]:
    """The canonical text of ``element``; ``default`` is the default namespace around it (None: unknown)."""
    name = etree.QName(element)
    namespace = name.namespace or ""
    yield f"<{name.localname}"
    if namespace != default:
        yield f' xmlns="{namespace.translate(_VALUE)}"'
    yield from _attributes(element)
    yield ">"
    children = [child for child in element if _is_element(child)]
    first, *tails = (text.strip(_SPACE).translate(_TEXT) for text in _texts(element))
    yield first
    for child, tail in zip(children, tails, strict=True):
        yield from _pieces(child, namespace)
        yield tail
    yield f"</{name.localname}>"


def _is_element(node: etree._Element) -> bool:
    """False for a comment or a processing instruction."""
    tag: object = node.tag
    return isinstance(tag, str)


def _texts(element: etree._Element) -> list[str]:
    """The texts before, between and behind the child elements; comments and instructions split none."""
    texts = [element.text or ""]
    for child in element:
        if _is_element(child):
            texts.append(child.tail or "")
        else:
            texts[-1] += child.tail or ""
    return texts


def _attributes(element: etree._Element) -> Iterator[str]:
    found = sorted(
        (etree.QName(key).namespace or "", etree.QName(key).localname, str(value))
        for key, value in element.attrib.items()
        if not str(key).startswith(_XSI_KEY)
    )
    spaces = sorted({namespace for namespace, _, _ in found if namespace and namespace != _XML})
    prefixes = {namespace: f"ns{number}:" for number, namespace in enumerate(spaces, 1)}
    for namespace in spaces:
        yield f' xmlns:{prefixes[namespace][:-1]}="{namespace.translate(_VALUE)}"'
    prefixes |= {"": "", _XML: "xml:"}
    for namespace, name, value in found:
        yield f' {prefixes[namespace]}{name}="{value.translate(_VALUE)}"'
