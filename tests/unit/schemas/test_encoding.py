"""Right text or a refusal, never mojibake: whole answers and streamed ones, cut anywhere."""

from __future__ import annotations

import codecs
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas import decoders
from schemas.encoding import StreamDecoder, decode_declared
from schemas.xml import XmlRefused, parse

COMMON = "浙江省杭州市建设工程质量安全监督总站关于行政处罚决定的公告"
GB_ONLY = "镕堃喆"  # in GBK, not in GB2312
WIDE = "㐀𠮷"  # in GB18030 only

MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "gb18030": b"\x84\x31\x95\x33",
}


def document(text: str, label: str | None, encoding: str, mark: bytes = b"") -> bytes:
    named = "" if label is None else f' encoding="{label}"'
    return mark + f'<?xml version="1.0"{named} standalone="yes"?>\n<名 x="1"><a>{text}</a></名>'.encode(
        encoding
    )


def read(content: bytes) -> tuple[str | None, list[str]]:
    fed, issues = decode_declared(content)
    return parse(fed).findtext("a"), [issue.code for issue in issues]


@pytest.mark.parametrize("marked", [False, True])
@pytest.mark.parametrize(
    ("label", "encoding", "text"),
    [
        ("UTF-8", "utf-8", COMMON + GB_ONLY + WIDE),
        ("utf8", "utf-8", COMMON),
        (None, "utf-8", COMMON + WIDE),
        ("UTF-16", "utf-16-le", COMMON + WIDE),
        ("UTF-16", "utf-16-be", COMMON + WIDE),
        (None, "utf-16-le", COMMON),
        ("gb2312", "gb2312", COMMON),
        ("GBK", "gbk", COMMON + GB_ONLY),
        ("GB18030", "gb18030", COMMON + GB_ONLY + WIDE),
        ("GB18030", "gb18030", "plain"),
    ],
)
def test_true_labels_give_the_text(label: str | None, encoding: str, text: str, marked: bool) -> None:
    mark = MARKS.get(encoding, MARKS["gb18030"]) if marked else b""
    assert read(document(text, label, encoding, mark)) == (text, [])


@pytest.mark.parametrize(
    ("label", "encoding", "text", "mark"),
    [
        ("GB2312", "gbk", COMMON + GB_ONLY, b""),
        ("GB2312", "gb18030", COMMON + WIDE, b""),
        ("GBK", "gb18030", COMMON + WIDE, b""),
        ("GB2312", "utf-8", COMMON, codecs.BOM_UTF8),
        ("UTF-8", "utf-16-le", COMMON, codecs.BOM_UTF16_LE),
        ("utf-16", "utf-8", COMMON, codecs.BOM_UTF8),
        ("UTF-8", "gb18030", COMMON, MARKS["gb18030"]),
    ],
)
def test_a_false_label_that_leaves_no_doubt_is_a_warning(
    label: str, encoding: str, text: str, mark: bytes
) -> None:
    assert read(document(text, label, encoding, mark)) == (text, ["encoding-label"])


@pytest.mark.parametrize(
    ("label", "encoding", "mark", "code"),
    [
        ("GB18030", "utf-8", b"", "encoding-false"),
        ("gbk", "utf-8", b"", "encoding-false"),
        ("UTF-16", "utf-8", b"", "encoding-false"),
        ("UTF-16", "gbk", b"", "encoding-false"),
        ("UTF-8", "gbk", b"", "xml-ill-formed"),
        (None, "gbk", b"", "xml-ill-formed"),
        ("Big5", "big5", b"", "encoding-forbidden"),
        ("UTF-7", "utf-7", b"", "encoding-forbidden"),
        ("ISO-8859-1", "utf-8", b"", "encoding-forbidden"),
        ("UTF-32", "utf-32-le", codecs.BOM_UTF32_LE, "encoding-forbidden"),
        ("UTF-8", "utf-32-be", b"", "encoding-forbidden"),
    ],
)
def test_what_is_in_doubt_is_refused(label: str | None, encoding: str, mark: bytes, code: str) -> None:
    text = COMMON if encoding != "big5" else "杭州"
    content = document(text, label, encoding, mark).replace("名".encode(encoding), "n".encode(encoding))
    with pytest.raises(XmlRefused) as caught:
        read(content)
    assert caught.value.code == code


@pytest.mark.parametrize("tail", [b"\x80</a></n>", b"\xff\xff</a></n>", b"\xb0"])
def test_broken_bytes_under_a_gb_label_are_refused(tail: bytes) -> None:
    content = b'<?xml version="1.0" encoding="GBK"?><n><a>' + COMMON.encode("gbk") + tail
    with pytest.raises(XmlRefused) as caught:
        read(content)
    assert caught.value.code == "encoding-broken"


def test_an_unpaired_surrogate_is_refused() -> None:
    content = (
        codecs.BOM_UTF16_LE + "<n><a>x".encode("utf-16-le") + b"\x00\xd8" + "</a></n>".encode("utf-16-le")
    )
    with pytest.raises(XmlRefused) as caught:
        read(content)
    assert caught.value.code == "encoding-broken"


def test_a_private_use_character_is_told() -> None:
    content = b'<?xml version="1.0" encoding="GBK"?><n><a>' + COMMON.encode("gbk") + b"\xaa\xa1</a></n>"
    _, issues = decode_declared(content)
    assert [issue.code for issue in issues] == ["encoding-label", "encoding-private"]
    assert "U+E000" in issues[1].message.en


def test_a_list_pasted_together_from_two_encodings_is_refused() -> None:
    good = "<r>" + COMMON + "</r>\n"
    begin = b'<?xml version="1.0" encoding="GB2312"?><n>'
    content = begin + good.encode("gb2312") * 50 + "<r>杭州市余杭区</r>".encode() + good.encode("gb2312")
    decoder = StreamDecoder()
    with pytest.raises(XmlRefused) as caught:
        for place in range(0, len(content), 100):
            decoder.feed(content[place : place + 100])
    assert caught.value.code == "encoding-mixed"


def test_plain_ascii_is_not_held_back_and_false_labels_are_found_early() -> None:
    decoder = StreamDecoder()
    given_out = decoder.feed(b'<?xml version="1.0" encoding="GBK"?><n>' + b"<a>x</a>" * 1000)
    assert given_out.endswith(b"<a>x</a>")
    with pytest.raises(XmlRefused) as caught:
        decoder.feed("<a>杭州</a>".encode() * 100)
    assert caught.value.code == "encoding-false"


def test_what_is_held_back_is_bounded() -> None:
    decoder = StreamDecoder()
    decoder.feed(b'<?xml version="1.0" encoding="GBK"?><n>' + "杭".encode())
    held = 0
    with pytest.raises(XmlRefused):
        while held <= decoders._HELD_LIMIT:
            assert decoder.feed(b"x" * 65536) == b""
            held += 65536
    assert held <= decoders._HELD_LIMIT


_HANZI = st.text(
    st.characters(codec="gb2312", min_codepoint=0x20, exclude_characters="<&>·―・—"), min_size=1, max_size=30
)
_LABELS = st.sampled_from([None, "UTF-8", "UTF-16", "GB2312", "GBK", "GB18030"])
_ENCODINGS = st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "gb2312", "gbk", "gb18030"])
_CUTS = st.lists(st.integers(0, 200), max_size=6)


def _streamed(content: bytes, cuts: list[int]) -> tuple[bytes, list[str]]:
    decoder = StreamDecoder()
    edges = [0, *sorted(cuts), len(content)]
    fed = b"".join(decoder.feed(content[a:b]) for a, b in pairwise(edges))
    return fed + decoder.close(), [issue.code for issue in decoder.issues]


def right_text_or_refusal(text: str, label: str | None, encoding: str, marked: bool, cuts: list[int]) -> None:
    """The property: whatever the label says, the text is right, or an issue says that it may not be."""
    mark = MARKS.get(encoding, b"") if marked else b""
    named = "" if label is None else f' encoding="{label}"'
    content = mark + f'<?xml version="1.0"{named}?><n><a>x{text}x</a></n>'.encode(encoding)
    try:
        fed, codes = _streamed(content, cuts)
        seen = parse(fed).findtext("a")
    except XmlRefused:
        return
    assert seen == f"x{text}x" or "encoding-doubtful" in codes


@given(_HANZI, _LABELS, _ENCODINGS, st.booleans(), _CUTS)
@example("一", "GBK", "utf-8", False, [])
@example("杭", "GB2312", "utf-8", False, [60, 61])
@example("一", None, "gbk", False, [])
def test_every_label_on_every_encoding(
    text: str, label: str | None, encoding: str, marked: bool, cuts: list[int]
) -> None:
    right_text_or_refusal(text, label, encoding, marked, cuts)


@given(_HANZI, _CUTS)
def test_a_stream_gives_what_the_whole_gives(text: str, cuts: list[int]) -> None:
    for encoding in ("utf-8", "utf-16-le", "gb18030"):
        label = "UTF-16" if encoding == "utf-16-le" else encoding
        content = document(text, label, encoding)
        try:
            whole = decode_declared(content)
        except XmlRefused:
            with pytest.raises(XmlRefused):
                _streamed(content, cuts)
            continue
        assert _streamed(content, cuts)[0] == whole[0]


def test_the_property_catches_a_decoder_that_trusts_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted defect: without the rival reading, UTF-8 under a GB label becomes nonsense."""

    def trusting(self: decoders.GuoBiaoDecoder, chunk: bytes, final: bool) -> bool:
        return True

    monkeypatch.setattr(decoders.GuoBiaoDecoder, "_refuted_as_utf8", trusting)
    with pytest.raises(AssertionError):
        right_text_or_refusal("杭州", "GB18030", "utf-8", False, [])
