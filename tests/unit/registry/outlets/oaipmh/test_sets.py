"""The names of sets."""

from __future__ import annotations

import pytest

from registry.outlets.oaipmh.sets import ROOTS, name, named


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("catalogue", ("全部目录", "All catalogues")),
        ("catalogue:credit", ("信用信息共享目录", "Catalogue of shared credit information")),
        ("catalogue:project:2.1", ("2.1 基本信息", "2.1 Basic information")),
        ("catalogue:project:9.9", ("9.9",)),
        ("division:330000:330100", ("浙江省 杭州市", "Hangzhou, Zhejiang")),
        ("division:000000", ("中央", "Central")),
        ("division:999999", ("999999",)),
        ("of-a-later-release", ("of-a-later-release",)),
    ],
)
def test_sets_have_a_chinese_and_an_english_name(spec: str, parts: tuple[str, ...]) -> None:
    assert all(part in name(spec) for part in parts)
    assert " / " in name(spec)


def test_the_roots_are_always_there() -> None:
    assert [spec for spec, _ in named([])] == sorted(ROOTS)
    assert [spec for spec, _ in named(["division:330000", "catalogue:credit"])] == [
        "catalogue", "catalogue:credit", "division", "division:330000",
    ]  # fmt: skip
