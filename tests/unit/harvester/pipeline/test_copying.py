"""Copies: what passes is what was copied, up to the limit; what is secret is found in any encoding."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from hashlib import blake2b

import pytest

from harvester.errors import TransportFailure
from harvester.pipeline.copying import Copy
from registry.model.issue import Text
from registry.model.record import PIECE_BYTES

KEY = bytes(range(32))


@pytest.mark.parametrize(("limit", "size"), [(8, 8), (9, 9), (10, 9), (0, 0)])
def test_the_beginning_is_kept(limit: int, size: int) -> None:
    with Copy(limit) as copy:
        assert list(copy.passing([b"abc", b"defg", b"hi"])) == [b"abc", b"defg", b"hi"]
        assert (copy.size, copy.came, b"".join(copy.pieces())) == (size, 9, b"abcdefghi"[:size])
        assert copy.end == b"abcdefghi"


def test_it_is_kept_under_its_keyed_digest() -> None:
    content = bytes(range(256)) * (PIECE_BYTES // 128) + b"x"
    with Copy(len(content)) as copy:
        list(copy.passing([content]))
        page = copy.page(KEY)
        assert page.digest == blake2b(content, key=KEY, digest_size=32).digest()
        assert [len(piece) for piece in page.pieces] == [PIECE_BYTES, PIECE_BYTES, 1]
        assert page.size == len(content)


def test_there_is_no_end_where_none_came() -> None:
    with Copy(100) as copy:
        assert next(copy.passing([b"abc", b"def"])) == b"abc"
        assert copy.end == b""


def test_the_rest_is_taken_to_its_end_or_as_far_as_there_is_room() -> None:
    for to_its_end, came in ((True, 12), (False, 6)):
        chunks = iter([b"abc", b"def", b"ghi", b"jkl"])
        with Copy(5) as copy:
            next(copy.passing(chunks))
            copy.take_rest(chunks, to_its_end=to_its_end)
            assert (copy.size, copy.came) == (5, came)


def test_a_rest_that_breaks_off_is_no_end() -> None:
    def broken() -> Iterator[bytes]:
        yield b"abc"
        raise TransportFailure(Text("中断", "broke off"))

    with Copy(100) as copy:
        copy.take_rest(broken(), to_its_end=True)
        assert (b"".join(copy.pieces()), copy.end) == (b"abc", b"")


def test_memory_does_not_grow_with_the_answer() -> None:
    chunk = bytes(1 << 16)
    tracemalloc.start()
    try:
        with Copy(64 << 20) as copy:
            for _ in copy.passing(chunk for _ in range(1024)):
                pass
            for _ in copy.page(KEY).pieces:
                pass
            assert not copy.is_secret()
            assert copy.size == 64 << 20
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 << 20


_SECRET, _ORDINARY = "<m><secrecy>机密</secrecy></m>", "<m><密级>普通</密级><secrecy> 普通 </secrecy></m>"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk", "utf-16-le", "utf-16-be", "utf-16"])
def test_secrets_are_found_in_every_encoding(encoding: str) -> None:
    for text, secret in ((_SECRET, True), (_SECRET.replace("secrecy", "密级"), True), (_ORDINARY, False)):
        with Copy(1000) as copy:
            list(copy.passing([text.encode(encoding)]))
            assert copy.is_secret() is secret, text


@pytest.mark.parametrize("at", range(PIECE_BYTES - 40, PIECE_BYTES + 2, 3))
def test_a_secret_between_two_pieces_is_found(at: int) -> None:
    with Copy(4 << 20) as copy:
        list(copy.passing([b"x" * at, _SECRET.encode(), b"y" * 100]))
        assert copy.is_secret()
