"""One spelling for every element: the bytes that are digested, stored and pasted into other documents.

The rules: UTF-8 without declaration; an element stands in the default namespace, declared where it changes;
attributes in namespaces get ``ns1``, ``ns2`` … in order of namespace, and all are sorted by namespace and
name; no comments, processing instructions, CDATA sections or ``xsi`` attributes; white space at either end of
a text is dropped (no format here mixes text with elements); empty elements have two tags; ``&`` ``<`` ``>``
and carriage returns are the only escapes in text.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

_XSI_KEY = "{http://www.w3.org/2001/XMLSchema-instance}"
_XML = "http://www.w3.org/XML/1998/namespace"

_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
)
_SPACE = " \t\n\r"
_EDGES = (b" ", b"\t", b"\n", b"&#13;")


def canonical(element: etree._Element) -> bytes:
    """The canonical bytes of ``element``, whatever prefixes, attribute order, comments and indentation it
    came with; they stand alone and inside any other document alike."""
    return _plain(element) or "".join(_pieces(element, None)).encode()


def _plain(element: etree._Element) -> bytes | None:
    """The same for what most records are: one namespace, no attributes, nothing to mend. None otherwise.

    libxml2 then writes exactly what :func:`_pieces` would, some ten times faster.
    """
    namespace, _, name = element.tag[1:].rpartition("}")
    if not namespace or any(not str(key).startswith(_XSI_KEY) for key in element.attrib):
        return None
    written = etree.tostring(element, encoding="utf-8", with_tail=False)
    head, _, rest = written.partition(b">")
    if head.endswith(b"/") or _needs_mending(rest):
        return None
    own = element.prefix
    if any(prefix and prefix != own and f"<{prefix}:".encode() in rest for prefix in element.nsmap):
        return None
    if own:
        begin, end = f"<{own}:".encode(), f"</{own}:".encode()
        if rest.count(begin) + rest.count(end) != rest.count(b"<"):
            return None
        rest = rest.replace(begin, b"<").replace(end, b"</")
    return f'<{name} xmlns="{namespace.translate(_VALUE)}">'.encode() + rest


def _needs_mending(rest: bytes) -> bool:
    """Whether ``rest`` (what libxml2 wrote behind the first tag) may be more than plain elements and text.

    It may say yes for harmless text. Single bytes are looked for first: that costs next to nothing.
    """
    if b"/>" in rest or b"> " in rest or b" <" in rest or rest.startswith(_EDGES):
        return True
    if b"=" in rest and (b'="' in rest or b"='" in rest):
        return True
    if (b"!" in rest and b"<!" in rest) or (b"?" in rest and b"<?" in rest):
        return True
    if b"\n" in rest and (b">\n" in rest or b"\n<" in rest):
        return True
    if b"\t" in rest and (b">\t" in rest or b"\t<" in rest):
        return True
    return b"#" in rest and (b">&#13;" in rest or b"&#13;<" in rest)


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
