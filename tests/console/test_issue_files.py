"""The issues of a run as files for spreadsheets, and the empty table that offices without an endpoint fill in."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from harvester.tables.sheets import read_rows
from registry.formats.columns import BY_HEADING, COLUMNS
from registry.model.issue import Issue, Severity, Text
from registry.model.issue_ledger import Keeping
from registry.model.role import Role
from registry.services.ingest.keeping import Found, sum_up
from registry.store import issues
from registry.store.engine import transaction
from tests.console.desk import DESK, open_desk
from tests.console.office import Browser, Office, name_of
from tests.factories import identifier_of

OPERATOR, SUBMITTER = name_of(Role.OPERATOR, "own"), name_of(Role.SUBMITTER, "own")
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def find(office: Office, *codes: str) -> None:
    """The run of the city has found an issue of each code."""
    found = [
        issues.FoundIssue(
            identifier_of(code), "record 4, line 5", b"",
            Issue(code, Severity.ERROR, Text("=名称\x1b为空", "the title is empty"), path="/record/resTitle", line=7),
        )
        for code in codes
    ]  # fmt: skip
    with transaction(office.installation.engines.write) as connection:
        issues.add(connection, office.run_id, found)


def saved(browser: Browser, path: str) -> bytes:
    """The workbook at this address."""
    with browser.get(path) as answer:
        assert (answer.status_code, answer.mimetype) == (200, KIND)
        name = path.partition("?")[0].rpartition("/")[2].replace("issues", "-issues").replace("table", "")
        assert name in answer.headers["Content-Disposition"]
        return bytes(answer.data)


def cells(content: bytes) -> list[list[str]]:
    (sheet,) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    rows = list(sheet.iter_rows())
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    return [[str(cell.value or "") for cell in row] for row in rows]


@pytest.mark.parametrize(
    ("language", "heading", "message", "place"),
    [
        ("zh", "严重程度", "'=名称\\u001b为空", "第 4 条记录，第 5 行"),
        ("en", "severity", "the title is empty", "record 4, line 5"),
    ],
)
def test_both_files_say_the_same(
    office: Office, language: str, heading: str, message: str, place: str
) -> None:
    find(office, "title-empty", "other")
    office.speak(OPERATOR, language)
    path, browser = f"/admin/runs/{office.run_id}/issues", office.client(OPERATOR)
    (head, row), text = (
        cells(saved(browser, f"{path}.xlsx?code=title-empty")),
        browser.get(f"{path}.csv?code=title-empty").data,
    )
    assert [head, row] == list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    assert (head[0], row[1], row[2]) == (heading, "title-empty", message)
    assert row[4:] == [identifier_of("title-empty"), place, "/record/resTitle", "7"]
    assert len(cells(saved(browser, f"{path}.xlsx"))) == 3


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "另有 2 个问题只计数"), ("en", "2 more are only counted")]
)
def test_pages_say_what_is_only_counted(office: Office, language: str, said: str) -> None:
    issue = Issue("title-empty", Severity.ERROR, Text("名称为空", "the title is empty"))
    found = [issues.FoundIssue(identifier_of(str(number)), "", b"", issue) for number in range(3)]
    keeping = Keeping(issues=1)
    with transaction(office.installation.engines.write) as connection:
        wrong = Found(connection, office.run_id, keeping)
        wrong.keep(found)
        wrong.close()
        sum_up(connection, office.run_id, keeping)
    office.speak(OPERATOR, language)
    path, browser = f"/admin/runs/{office.run_id}", office.client(OPERATOR)
    assert said in browser.get(f"{path}/issues?code=title-empty").text
    assert said in browser.get(f"{path}/issues").text
    assert said not in browser.get(f"{path}/issues?code=other").text
    shown = browser.get(path).text
    assert ("只计数 2" if language == "zh" else "only counted 2") in shown
    assert "issues-only-counted" in shown
    (_, row, summary) = cells(saved(browser, f"{path}/issues.xlsx"))
    assert (row[1], summary[1]) == ("title-empty", "issues-only-counted")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_empty_table_has_headings_that_are_understood(office: Office, language: str) -> None:
    open_desk(office)
    office.speak(SUBMITTER, language)
    browser = office.client(SUBMITTER)
    assert (
        f"/admin/sources/{DESK}/deliveries/table.xlsx"
        in browser.get(f"/admin/sources/{DESK}/deliveries").text
    )
    table = saved(browser, f"/admin/sources/{DESK}/deliveries/table.xlsx")
    ((_, headings),) = [(row.number, row.cells) for row in read_rows("table.xlsx", io.BytesIO(table))]
    found = [BY_HEADING[each.casefold()] for each in headings]
    assert set(found) == set(COLUMNS)
    assert [each.mandatory for each in found] == sorted((each.mandatory for each in COLUMNS), reverse=True)
    assert ("信息资源名称" in headings) is (language == "zh")
