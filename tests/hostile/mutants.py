"""Valid answers, spoilt by chance: bytes, tags, encodings, tokens and identifiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import NamedTuple

from registry.model.source import Protocol
from tests.endpoint import Record, catalogue_records, plain_list, sample_records
from tests.endpoint.provider import Provider

RECORDS = 5
_TAG = re.compile(rb"<[^>]*>")
_LABELS = (b"UTF-8", b"GBK", b"GB2312", b"GB18030", b"UTF-16", b"UTF-7", b"Big5", b"ISO-8859-1", b"utf8", b"")
_ENCODINGS = ("utf-8", "gbk", "gb18030", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-7", "big5")
_PIECES = (
    *b"< > & &x; &#0; &#x1F; ]]> <![CDATA[ <!-- -- <?xml?> <!DOCTYPE \xff\xfe \xef\xbb\xbf xmlns= </a></a>".split(),
    *(b"\0", b'"', b"<a>" * 200, b"9" * 400, b"<y " + b"a='1' " * 3 + b"/>"),
)


class Answer(NamedTuple):
    """One answer of a protocol in a format."""

    protocol: Protocol
    prefix: str
    content: bytes


def valid() -> list[Answer]:
    """Answers in which nothing is wrong: three of OAI-PMH, two lists."""
    good, plain = catalogue_records(RECORDS), sample_records(RECORDS)
    return [
        Answer(Protocol.OAI_PMH, "catalogue", _page(good, verb="ListRecords")),
        Answer(Protocol.OAI_PMH, "oai_dc", _page(plain, verb="ListRecords")),
        Answer(Protocol.OAI_PMH, "catalogue", _page(good, verb="Identify")),
        Answer(Protocol.XML_DOCUMENT, "catalogue", plain_list(good, "records")),
        Answer(Protocol.XML_DOCUMENT, "catalogue", plain_list(good, "records", "GB18030")),
    ]


def _page(records: Sequence[Record], verb: str) -> bytes:
    provider = Provider(list(records), prefix="catalogue", page_size=RECORDS - 1)
    return provider.write(provider.answer({"verb": verb, "metadataPrefix": "catalogue"}))


def mutants(rng: Random, count: int) -> Iterator[Answer]:
    """``count`` answers, each spoilt in one to four ways."""
    answers = valid()
    for _ in range(count):
        answer = rng.choice(answers)
        content = answer.content
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            content = rng.choice(_WAYS)(content, rng) if content else content
        yield answer._replace(content=content)


def _flip(content: bytes, rng: Random) -> bytes:
    spoilt = bytearray(content)
    for _ in range(rng.choice((1, 1, 3, 20))):
        spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
    return bytes(spoilt)


def _truncate(content: bytes, rng: Random) -> bytes:
    return content[: rng.randrange(len(content))]


def _cut(content: bytes, rng: Random) -> bytes:
    begin, end = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:begin] + content[end:]


def _double(content: bytes, rng: Random) -> bytes:
    begin, end = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:end] + content[begin:end] * rng.choice((1, 1, 3)) + content[end:]


def _insert(content: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + rng.choice((*_PIECES, rng.randbytes(8))) + content[at:]


def _drop_tag(content: bytes, rng: Random) -> bytes:
    return _at_tag(content, rng, lambda _: b"")


def _double_tag(content: bytes, rng: Random) -> bytes:
    return _at_tag(content, rng, lambda tag: tag + tag)


def _turn_tag(content: bytes, rng: Random) -> bytes:
    return _at_tag(content, rng, lambda tag: tag[:1] + (tag[2:] if tag[1:2] == b"/" else b"/" + tag[1:]))


def _at_tag(content: bytes, rng: Random, change: Callable[[bytes], bytes]) -> bytes:
    tags = list(_TAG.finditer(content))
    if not tags:
        return content
    found = rng.choice(tags)
    return content[: found.start()] + change(found[0]) + content[found.end() :]


def _swap_tags(content: bytes, rng: Random) -> bytes:
    tags = list(_TAG.finditer(content))
    if len(tags) < 2:
        return content
    first, second = sorted(rng.sample(tags, 2), key=lambda found: found.start())
    between = content[first.end() : second.start()]
    return content[: first.start()] + second[0] + between + first[0] + content[second.end() :]


def _label(content: bytes, rng: Random) -> bytes:
    return re.sub(rb'encoding="[^"]*"', b'encoding="' + rng.choice(_LABELS) + b'"', content, count=1)


def _encode(content: bytes, rng: Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(rng.choice(_ENCODINGS), "xmlcharrefreplace" if rng.random() < 0.8 else "replace")


def _element(content: bytes, rng: Random, name: bytes) -> bytes:
    new = rng.choice(
        (
            b"",
            b"x" * rng.choice((1, 600, 3000)),
            "杭州\u202e".encode(),
            b"a b\nc",
            b"&lt;script&gt;",
            rng.randbytes(6),
        )
    )
    return re.sub(
        b"(<" + name + b"[^>]*>)[^<]*", lambda found: found[1] + new, content, count=rng.choice((0, 1))
    )


def _token(content: bytes, rng: Random) -> bytes:
    return _element(content, rng, b"resumptionToken")


def _identifier(content: bytes, rng: Random) -> bytes:
    return _element(
        content, rng, rng.choice((b"identifier", b"mdId", b"dc:identifier", b"datestamp", b"responseDate"))
    )


def _field(content: bytes, rng: Random) -> bytes:
    return _element(
        content, rng, rng.choice((b"resTitle", b"division", b"item", b"abstract", b"sharing", b"dc:title"))
    )


_WAYS: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flip, _flip, _truncate, _cut, _double, _insert, _insert, _drop_tag, _double_tag, _turn_tag, _swap_tags, _label,
    _encode, _token, _identifier, _field,
)  # fmt: skip
