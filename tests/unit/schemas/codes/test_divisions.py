"""Divisions stand where the table says, at the time that counts."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.codes import divisions

NOW = date(2024, 6, 1)


@pytest.mark.parametrize(
    ("code", "on", "path"),
    [
        ("330000", NOW, ("330000",)),
        ("330100", NOW, ("330000", "330100")),
        ("330106", NOW, ("330000", "330100", "330106")),
        ("429004", NOW, ("420000", "429004")),
        ("310101", NOW, ("310000", "310101")),
        ("469001", NOW, ("460000", "469001")),
        ("512081", date(2010, 1, 1), ("510000", "512000", "512081")),
        ("512081", NOW, ("510000", "510100", "510185")),
        ("510185", NOW, ("510000", "510100", "510185")),
        ("330104", date(2015, 1, 1), ("330000", "330100", "330104")),
        ("330104", NOW, ("330000", "330100", "330104")),
        ("000000", NOW, ("000000",)),
        ("000001", NOW, ()),
        ("33010", NOW, ()),
        ("", NOW, ()),
    ],
)
def test_a_path_runs_from_the_province_down(code: str, on: date, path: tuple[str, ...]) -> None:
    assert divisions.path(code, on) == path


@pytest.mark.parametrize(
    ("code", "year", "valid"),
    [
        ("330103", 2020, True),
        ("330103", 2022, False),
        ("330113", 2020, False),
        ("330113", 2022, True),
        ("512081", 2010, True),
        ("512081", 2018, False),
        ("510185", 2010, False),
        ("360403", 2012, True),
        ("000000", 1950, True),
        ("000001", 2012, False),
    ],
)
def test_a_code_is_valid_in_its_years(code: str, year: int, valid: bool) -> None:
    assert divisions.is_valid(code, date(year, 7, 1)) is valid


def test_every_code_hangs_under_codes_that_are_known() -> None:
    for code in divisions._table():
        place = divisions.path(code, NOW)
        assert place, code
        assert all(map(divisions.is_known, place)), (code, place)
        assert place[0].endswith("0000"), (code, place)


def test_names_in_both_languages() -> None:
    assert divisions.name("330100") == "杭州市"
    assert divisions.name("330100", "en") == "Hangzhou"
    assert divisions.name("330106", "en") == "西湖区", (
        "where there is no English name, the Chinese one stands"
    )
    assert divisions.name("000000") == "中央"
    assert divisions.name("420600", on=date(2000, 1, 1)) == "襄樊市"
    assert divisions.name("420600") == "襄阳市"
    assert divisions.name("000001") == "000001"


def test_every_english_name_belongs_to_a_known_code() -> None:
    assert [code for code in divisions._english() if not divisions.is_known(code)] == []
