"""An answer that could not be read can be looked at, byte by byte."""

from __future__ import annotations

import csv
import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

import cli
from tests.acceptance.conftest import Mulu, add_source
from tests.endpoint import Endpoint
from tests.endpoint.records import catalogue_records


@pytest.fixture
def office(mulu: Mulu) -> Iterator[Endpoint]:
    """An office whose second page of records is cut off."""
    with Endpoint(catalogue_records(25, division="330800"), ["cut-page@3"]) as endpoint:
        endpoint.provider.prefix = "catalogue"
        add_source(mulu, endpoint.oai_url)
        yield endpoint


def undated(answer: bytes) -> bytes:
    """The answer without the second in which it was given."""
    return re.sub(rb"<responseDate>[^<]*</responseDate>", b"", answer)


def test_what_could_not_be_read_is_shown(mulu: Mulu, office: Endpoint, tmp_path: Path) -> None:
    (outcome,) = mulu.json("harvest", "quzhou", code=4)
    run = str(outcome["run"])
    (page,) = mulu.json("run", "show", run)["pages_kept"]
    cut = office.reply(office.visits[2]).body
    assert (page["bytes"], page["place"], page["code"]) == (len(cut), "page 3", "xml-ill-formed")
    digest = page["digest"]
    assert digest in mulu("run", "show", run)
    told = mulu.json("run", "show", run, "--page", digest)
    assert undated(b64decode(told["content"])) == undated(cut)
    target = tmp_path / "page.xml"
    assert mulu("run", "show", run, "--page", digest[:8], "--output", target) == ""
    assert undated(target.read_bytes()) == undated(cut)
    assert str(len(cut)) in mulu.said
    piped = CliRunner().invoke(
        cli.mulu, ["run", "show", run, "--page", digest], obj=cli.new_session(), env=mulu.environ
    )
    assert (piped.exit_code, undated(piped.stdout_bytes)) == (0, undated(cut))


def test_what_was_not_kept_is_not_found(mulu: Mulu, office: Endpoint) -> None:
    (outcome,) = mulu.json("harvest", "quzhou", code=4)
    mulu("run", "show", str(outcome["run"]), "--page", "00ff00ff00ff00ff", code=1)
    assert "00ff00ff" in mulu.said


def test_issues_are_written_for_spreadsheets(mulu: Mulu, office: Endpoint, tmp_path: Path) -> None:
    (outcome,) = mulu.json("harvest", "quzhou", code=4)
    run = str(outcome["run"])
    table, workbook = tmp_path / "issues.csv", tmp_path / "issues.xlsx"
    mulu("run", "issues", run, "--format", "csv", "-o", table)
    mulu("run", "issues", run, "--format", "xlsx", "-o", workbook)
    (sheet,) = openpyxl.load_workbook(workbook).worksheets
    rows = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    with table.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == rows
    assert len(rows) > 1 and "xml-ill-formed" in rows[1]
    assert "xml-ill-formed" in mulu("run", "issues", run, "--format", "csv")


def test_what_is_only_counted_is_told(mulu: Mulu) -> None:
    """Ten records of a city that the source may not speak for."""
    mulu.environ["MULU_HARVEST_RUN_ISSUES"] = "4"
    with Endpoint(catalogue_records(10, division="110100")) as endpoint:
        endpoint.provider.prefix = "catalogue"
        add_source(mulu, endpoint.oai_url)
        (outcome,) = mulu.json("harvest", "quzhou", code=3)
        assert "issues-only-counted" in [each["code"] for each in outcome["issues"]]
        run = str(outcome["run"])
        (counts,) = [
            each
            for each in mulu.json("run", "show", run)["issues_by_code"]
            if each["code"] == "division-foreign"
        ]
        assert (counts["count"], counts["new"], counts["beyond"]) == (10, 4, 6)
        listed = mulu.json("run", "issues", run, "--code", "division-foreign")
        assert len(listed) == 4 and "6 个问题只计数" in mulu.said
