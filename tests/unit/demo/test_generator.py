"""What the places of the sample publish: the same everywhere, valid but for what is faulty on purpose."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from hashlib import sha256

import pytest
from lxml import etree

from demo.catalogue import catalogue_element
from demo.faults import FAULTS, Fault
from demo.generator import projects_of, records_of
from demo.places import PLACES, Place, Publishing, place
from demo.records import DATA_DATE, SampleRecord
from schemas.codes import divisions
from schemas.xsd import CATALOGUE

SPEAKING = [each for each in PLACES if each.publishing is Publishing.OAI_PMH]

_DIGEST = """
from hashlib import sha256
from demo.generator import projects_of, records_of
from demo.places import PLACES
print(sha256(repr([(records_of(each), projects_of(each)) for each in PLACES]).encode()).hexdigest())
"""


def test_every_process_draws_the_same() -> None:
    here = sha256(repr([(records_of(each), projects_of(each)) for each in PLACES]).encode()).hexdigest()
    command = [sys.executable, "-c", _DIGEST]
    there = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"})
    assert there.stdout.strip() == here


@pytest.mark.parametrize("where", SPEAKING, ids=lambda each: each.code)
def test_records_are_of_their_place_and_before_the_data_date(where: Place) -> None:
    records = records_of(where)
    assert where.size <= len(records) <= where.size + 2
    assert all(each.identifier.startswith(f"oai:{where.host}:{where.code}-") for each in records)
    assert [each.datestamp for each in records] == sorted(each.datestamp for each in records)
    assert all(each.datestamp.date() <= DATA_DATE for each in records)


def test_sizes_are_a_demo_s() -> None:
    assert 1500 <= sum(each.size for each in PLACES) <= 2500


def _repeats(where: Place) -> Counter[str]:
    counted = Counter(each.identifier for each in records_of(where))
    return Counter({identifier: count for identifier, count in counted.items() if count > 1})


@pytest.mark.parametrize("where", SPEAKING, ids=lambda each: each.code)
def test_identifiers_repeat_only_where_they_are_meant_to(where: Place) -> None:
    meant = {Fault.REPEATED, Fault.CONFLICTING} & set(FAULTS.get(where.code, ()))
    assert len(_repeats(where)) == len(meant)


def _is_valid(record: SampleRecord) -> bool:
    return CATALOGUE.validate(etree.fromstring(etree.tostring(catalogue_element(record))))


@pytest.mark.parametrize("where", SPEAKING, ids=lambda each: each.code)
def test_only_the_missing_title_breaks_the_schema(where: Place) -> None:
    broken = [each for each in records_of(where) if not each.deleted and not _is_valid(each)]
    expected = 1 if Fault.NO_TITLE in FAULTS.get(where.code, ()) else 0
    assert len(broken) == expected
    assert not any(list(each.texts("resTitle")) for each in broken)


@pytest.mark.parametrize("where", PLACES, ids=lambda each: each.code)
def test_divisions_exist_and_lie_below_their_place(where: Place) -> None:
    for code, name in where.areas:
        path = divisions.path(code, DATA_DATE)
        assert where.code in path
        assert where.parent in path
        assert divisions.name(code) in (name, where.name)


def test_the_capital_of_the_first_province_publishes_every_fault() -> None:
    assert FAULTS["330100"] == tuple(Fault)
    texts = [list(each.texts("division", "secrecy", "onLineSrc")) for each in records_of(place("330100"))]
    flat = {text for each in texts for text in each}
    assert {"339999", "420103", "秘密", "javascript:alert(1)"} <= flat


def test_some_periods_have_ended_and_some_records_are_not_shared() -> None:
    records = [record for where in SPEAKING for record in records_of(where)]
    ends = [text for record in records for text in record.texts("publicUntil")]
    assert {end < DATA_DATE.isoformat() for end in ends} == {True, False}
    assert {text for record in records for text in record.texts("sharing")} == {"1", "2", "3"}
