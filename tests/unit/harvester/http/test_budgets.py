"""What an answer may cost, at the boundary of every limit and one beyond it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from random import Random

import pytest

from config.settings import Http
from harvester.errors import ProtocolFailure, TransportFailure
from harvester.http.budgets import Inflation, Watch
from harvester.pulse import Pulse

LIMITS = Http(
    gap_seconds=5,
    headers_seconds=10,
    headers_bytes=1000,
    response_seconds=60,
    minimum_rate_bytes=10,
    rate_window_seconds=20,
    page_wire_bytes=100_000,
    page_inflated_bytes=400_000,
    inflation_ratio=10,
    inflation_grace_bytes=50_000,
    list_bytes=1_000_000,
    list_seconds=600,
)


class Source:
    """A socket whose reads take the time, and give the bytes, that a test says."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timeout: float | None = None

    def settimeout(self, value: float | None, /) -> None:
        self.timeout = value

    def giving(self, count: int, seconds: float) -> Callable[[], int]:
        there_at = self.now + seconds

        def receive() -> int:
            assert self.timeout is not None
            if there_at - self.now > self.timeout:
                self.now += self.timeout
                raise TimeoutError
            self.now = max(self.now, there_at)
            return count

        return receive


@pytest.fixture
def source() -> Source:
    return Source()


def watch(source: Source, whole_list: bool = False, body: bool = True) -> Watch:
    made = Watch(LIMITS, whole_list, Pulse(lambda: source.now))
    if body:
        made.begin_body()
    return made


def test_a_gap_may_last_as_long_as_it_may(source: Source) -> None:
    assert watch(source).read(source, source.giving(100, 5.0)) == 100
    with pytest.raises(TransportFailure, match="nothing for 5 seconds"):
        watch(source).read(source, source.giving(100, 5.001))


def test_a_header_has_its_own_deadline(source: Source) -> None:
    slow = watch(source, body=False)
    for _ in range(10):
        slow.read(source, source.giving(1, 1.0))
    with pytest.raises(TransportFailure, match="header did not arrive within 10 seconds"):
        slow.read(source, source.giving(1, 0.1))


def test_the_last_read_of_a_header_is_cut_at_its_deadline(source: Source) -> None:
    slow = watch(source, body=False)
    slow.read(source, source.giving(1, 4.0))
    slow.read(source, source.giving(1, 4.0))
    with pytest.raises(TransportFailure, match="header did not arrive"):
        slow.read(source, source.giving(1, 2.5))
    assert source.now == 10.0


def test_a_long_header_is_refused(source: Source) -> None:
    long = watch(source, body=False)
    long.read(source, source.giving(1000 + 8192, 0))
    with pytest.raises(ProtocolFailure, match="longer than 1000 bytes"):
        long.read(source, source.giving(1, 0))


@pytest.mark.parametrize(("excess", "passes"), [(0, True), (1, False)])
def test_header_fields_are_counted_exactly(source: Source, excess: int, passes: bool) -> None:
    fields = [("Name", "v" * (1000 - 4 - 4 + excess))]
    if passes:
        watch(source).check_header(fields)
        return
    with pytest.raises(ProtocolFailure, match="longer than 1000"):
        watch(source).check_header(fields)


def test_a_body_has_its_deadline_and_a_list_a_longer_one(source: Source) -> None:
    page, whole = watch(source), watch(source, whole_list=True)
    for _ in range(15):
        page.read(source, source.giving(50, 4.0))
        whole.read(source, source.giving(50, 4.0))
    assert whole.read(source, source.giving(50, 4.0)) == 50
    with pytest.raises(TransportFailure, match="answer did not arrive within 60 seconds"):
        page.read(source, source.giving(50, 4.0))


def test_our_own_slowness_is_not_the_sources(source: Source) -> None:
    page = watch(source)
    page.read(source, source.giving(50, 4.0))
    source.now += 1000
    assert page.read(source, source.giving(50, 4.0)) == 50


@pytest.mark.parametrize(("each", "passes"), [(50, True), (49, False)])
def test_a_minimum_rate_is_kept(source: Source, each: int, passes: bool) -> None:
    dripping = watch(source)
    for _ in range(3):
        dripping.read(source, source.giving(each, 5.0))
    if passes:
        assert dripping.read(source, source.giving(each, 5.0)) == each
        return
    with pytest.raises(TransportFailure, match="less than 10 bytes a second over 20 seconds"):
        dripping.read(source, source.giving(each, 5.0))


def test_framing_may_not_cost_more_than_the_payload(source: Source) -> None:
    chunked = watch(source)
    chunked.read(source, source.giving(200_000 + 8192, 0))
    with pytest.raises(ProtocolFailure, match="longer than 100000 bytes"):
        chunked.read(source, source.giving(1, 0))


@pytest.mark.parametrize("length", ["100000", "0", "", "garbage", "-1", "１"])
def test_a_length_that_is_announced_may_pass(source: Source, length: str) -> None:
    watch(source).check_announced(length)


@pytest.mark.parametrize("length", ["100001", "9" * 5000])
def test_a_length_that_is_announced_may_be_too_much(source: Source, length: str) -> None:
    with pytest.raises(ProtocolFailure, match="longer than 100000"):
        watch(source).check_announced(length)


def inflate(source: Source, coding: str, *payload: bytes, whole_list: bool = False) -> bytes:
    return b"".join(Inflation(watch(source, whole_list), coding).chunks(payload))


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


CONTENT = bytes(range(256)) * 50
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "identity": lambda content: content,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw": raw_deflate,
}


@pytest.mark.parametrize("form", PACKED)
@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_every_coding_gives_the_content_back(source: Source, form: str, size: int) -> None:
    packed = PACKED[form](CONTENT)
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    coding = "deflate" if form == "raw" else form
    assert inflate(source, coding, *pieces) == CONTENT


def test_a_gzip_of_several_members_is_one_content(source: Source) -> None:
    assert inflate(source, "gzip", gzip.compress(b"one ") + gzip.compress(b"two")) == b"one two"


@pytest.mark.parametrize(("members", "content", "passes"), [
    (1000, b"", True), (1001, b"", False), (4000, b"", False), (1050, bytes(range(60)), True),
])  # fmt: skip
def test_members_that_hold_nothing_are_counted(
    source: Source, members: int, content: bytes, passes: bool
) -> None:
    """Each costs time that nobody waits for the source, and which no deadline counts."""
    packed = gzip.compress(content) * members
    pieces = [packed[at : at + (1 << 16)] for at in range(0, len(packed), 1 << 16)]
    if passes:
        assert inflate(source, "gzip", *pieces) == content * members
    else:
        with pytest.raises(ProtocolFailure, match="small parts"):
            inflate(source, "gzip", *pieces)


def test_pieces_stay_small_whatever_they_inflate_to(source: Source) -> None:
    packed = gzip.compress(Random(1).randbytes(90_000) + b"\0" * 200_000)
    pieces = list(Inflation(watch(source), "gzip").chunks([packed]))
    assert (sum(map(len, pieces)), max(map(len, pieces)) <= 1 << 16) == (290_000, True)


@pytest.mark.parametrize("form", ["gzip", "deflate"])
def test_compression_that_is_cut_off_may_be_tried_again(source: Source, form: str) -> None:
    with pytest.raises(TransportFailure, match="cut off"):
        inflate(source, form, PACKED[form](CONTENT)[:-1])


@pytest.mark.parametrize("payload", [b"<xml/>", gzip.compress(b"one", mtime=0) + b"rubbish"])
def test_what_is_no_gzip_is_not_taken_for_one(source: Source, payload: bytes) -> None:
    with pytest.raises(ProtocolFailure, match="compressed by gzip but is not"):
        inflate(source, "gzip", payload)


@pytest.mark.parametrize(("size", "passes"), [(100_000, True), (100_001, False)])
def test_the_wire_has_its_limit(source: Source, size: int, passes: bool) -> None:
    assert_limit(lambda: inflate(source, "identity", b"x" * size), passes, "longer than 100000")


@pytest.mark.parametrize(("size", "passes"), [(400_000, True), (400_001, False)])
def test_what_is_inflated_has_its_limit(source: Source, size: int, passes: bool) -> None:
    packed = zlib.compress(b"\0" * size)
    limits = Http(page_inflated_bytes=400_000, inflation_ratio=100_000)
    inflation = Inflation(Watch(limits, False, Pulse(lambda: 0.0)), "deflate")
    assert_limit(lambda: b"".join(inflation.chunks([packed])), passes, "inflates to more than 400000")


@pytest.mark.parametrize(("size", "passes"), [(50_000, True), (50_001, False)])
def test_the_ratio_counts_beyond_the_grace(source: Source, size: int, passes: bool) -> None:
    assert_limit(lambda: inflate(source, "gzip", gzip.compress(b"\0" * size)), passes, "more than 10:1")


def test_a_bomb_is_left_before_it_goes_off(source: Source) -> None:
    packed = gzip.compress(b"\0" * 50_000_000)
    out = 0
    with pytest.raises(ProtocolFailure, match="more than 10:1"):
        for piece in Inflation(watch(source, whole_list=True), "gzip").chunks([packed]):
            out += len(piece)
    assert out <= 10 * len(packed)


def assert_limit(act: Callable[[], bytes], passes: bool, message: str) -> None:
    if passes:
        act()
        return
    with pytest.raises(ProtocolFailure, match=message):
        act()
