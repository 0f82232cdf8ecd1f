"""Resumption tokens: what comes back is what was sealed, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.model.visibility import Audience
from registry.outlets.oaipmh.errors import ProtocolError
from registry.outlets.oaipmh.resumption import Signer, Token
from registry.outlets.selection import Span

SIGNER = Signer(b"k" * 32)
TOKEN = Token(
    "330100", "ListRecords", Audience.PUBLIC, "catalogue", Span(500, 900, 1000, "catalogue:credit"), 500
)

tokens = st.builds(
    Token,
    st.text(max_size=20),
    st.sampled_from(["ListRecords", "ListIdentifiers"]),
    st.sampled_from(Audience),
    st.text(max_size=20),
    st.builds(Span, *[st.integers(0, 2**62)] * 3, st.text(max_size=60)),
    st.integers(0, 2**62),
)


@given(tokens)
def test_a_sealed_token_opens_as_it_was(token: Token) -> None:
    assert SIGNER.open(SIGNER.seal(token)) == token


def test_tokens_go_into_urls_and_xml_as_they_are() -> None:
    sealed = SIGNER.seal(TOKEN)
    assert sealed.isascii() and all(character.isalnum() or character in "-_" for character in sealed)
    assert len(sealed) < 200


def test_another_server_with_the_same_key_opens_it_and_one_with_another_does_not() -> None:
    assert Signer(b"k" * 32).open(SIGNER.seal(TOKEN)) == TOKEN
    with pytest.raises(ProtocolError):
        Signer(b"x" * 32).open(SIGNER.seal(TOKEN))


def test_no_altered_token_opens() -> None:
    sealed = SIGNER.seal(TOKEN)
    alphabet = "ABCabc019-_ =+/.\n目"
    altered = {
        sealed[:place] + other + sealed[place + 1 :] for place in range(len(sealed)) for other in alphabet
    }
    altered |= {
        sealed[:place] + other + sealed[place:] for place in range(len(sealed) + 1) for other in alphabet
    }
    altered |= {sealed[:place] for place in range(len(sealed))}
    for text in altered - {sealed}:
        with pytest.raises(ProtocolError) as failure:
            SIGNER.open(text)
        assert failure.value.complaints[0].code == "badResumptionToken"


@given(st.text(max_size=300) | st.binary(max_size=200).map(lambda data: data.hex()))
def test_no_other_text_opens(text: str) -> None:
    with pytest.raises(ProtocolError):
        SIGNER.open(text)
