"""What lies in a folder and is read by nobody is told with every harvest, whatever else came."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harvester.overlooked import overlooked, overlooked_of
from registry.model.run import Ending, RunStatus, Scope, Walk, Window
from registry.store import sources
from tests.factories import COMPLETE_WALK, Installation
from tests.integration.deciding import texts
from tests.unit.harvester.protocols.test_folder import LIST, deliver

MADE = datetime(2026, 1, 1, tzinfo=UTC)


def delivery(location: Path, name: str, scope: str = "delta", *, made: datetime = MADE) -> Path:
    folder = deliver(location, name, scope)
    (folder / "manifest.json").write_text(json.dumps({"scope": scope, "created": made.isoformat()}))
    return folder


def told(location: Path, after: str = "", *read: str) -> dict[str, str]:
    """The message of each issue, by its code."""
    return {each.code: each.message.en for each in overlooked(location, after, read)}


def test_a_clean_folder_has_nothing_to_tell(tmp_path: Path) -> None:
    delivery(tmp_path, "2026-01-01")
    delivery(tmp_path, "2026-01-02")
    for name in ("read-me.txt", ".hidden.xml"):
        (tmp_path / name).write_bytes(LIST)
    assert told(tmp_path) == {}
    assert told(tmp_path, "2026-01-01", "2026-01-01") == {}
    assert told(tmp_path / "nowhere") == {}


@pytest.mark.parametrize("name", ["stray.xml", "2026-01-02.ZIP"])
def test_a_file_beside_deliveries_is_named_although_one_is_new(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(LIST)
    delivery(tmp_path, "2026-01-01")
    assert name in told(tmp_path)["delivery-file-beside"]


def test_many_files_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    for number in range(7):
        (tmp_path / f"{number}.xml").write_bytes(LIST)
    message = told(tmp_path)["delivery-file-beside"]
    assert "(7)" in message and message.endswith("0.xml, 1.xml, 2.xml, 3.xml, 4.xml, …")


def test_a_name_that_is_no_text_can_be_told(tmp_path: Path) -> None:
    try:
        (tmp_path / b"\xd6\xd0.xml".decode("utf-8", "surrogateescape")).write_bytes(LIST)
    except OSError:
        pytest.skip("this file system takes no such names")
    assert told(tmp_path)["delivery-file-beside"].endswith("\\xd6\\xd0.xml")


def test_links_are_named_beside_deliveries_and_within_the_next(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "list.xml").write_bytes(LIST)
    location = tmp_path / "deliveries"
    location.mkdir()
    (location / "2026-01-09").symlink_to(delivery(elsewhere, "2026-01-09"))
    read, new = delivery(location, "2026-01-01"), delivery(location, "2026-01-02")
    for folder in (read, new):
        (folder / "more.xml").symlink_to(elsewhere / "list.xml")
    message = told(location, "2026-01-01", "2026-01-01")["delivery-link"]
    assert message.endswith(": 2026-01-09, 2026-01-02/more.xml")


def test_a_delivery_that_came_late_is_named_until_it_is_read(tmp_path: Path) -> None:
    delivery(tmp_path, "2026-01-01")
    delivery(tmp_path, "2026-01-03")
    assert told(tmp_path, "2026-01-03", "2026-01-01", "2026-01-03") == {}
    delivery(tmp_path, "2026-01-02")
    message = told(tmp_path, "2026-01-03", "2026-01-01", "2026-01-03")["delivery-late"]
    assert "2026-01-03" in message and message.endswith("(1): 2026-01-02")
    assert told(tmp_path, "2026-01-03", "2026-01-01", "2026-01-02", "2026-01-03") == {}
    assert told(tmp_path) == {}, "who begins anew reads it"


def test_what_a_complete_list_overtook_is_not_late(tmp_path: Path) -> None:
    """Unless it was made behind that list: then its name is at fault."""
    delivery(tmp_path, "2026-01-01")
    delivery(tmp_path, "2026-01-02", "full", made=MADE + timedelta(days=1))
    assert told(tmp_path, "2026-01-02", "2026-01-02") == {}
    delivery(tmp_path, "2025-12-31", made=MADE + timedelta(days=2))
    assert told(tmp_path, "2026-01-02", "2026-01-02")["delivery-late"].endswith(": 2025-12-31")


def test_a_complete_list_that_came_late_is_named(tmp_path: Path) -> None:
    delivery(tmp_path, "2026-01-03")
    delivery(tmp_path, "2026-01-02", "full", made=MADE - timedelta(days=9))
    assert told(tmp_path, "2026-01-03", "2026-01-03")["delivery-late"].endswith(": 2026-01-02")


def test_what_was_read_is_known_from_the_runs(city: Installation, tmp_path: Path) -> None:
    """Also what was refused or could not be read; "not modified" has read nothing."""
    for name in ("2026-01-01", "2026-01-02", "2026-01-04", "2026-01-05"):
        delivery(tmp_path, name)
    source = city.source("folder", "330100", location=str(tmp_path))
    walks = [
        Walk(Ending.FINISHED, scope=Scope.DELTA, etag="2026-01-02"),
        Walk(Ending.PROTOCOL, scope=Scope.DELTA, etag="2026-01-04"),
        Walk(Ending.NOT_MODIFIED, etag="2026-01-05"),
    ]
    for walk in walks:
        run = city.harvest(source, [], walk=walk, full=False)
        assert run.status in (RunStatus.PUBLISHED, RunStatus.FAILED)
    city.harvest("hz", texts(1), walk=COMPLETE_WALK)
    with city.engines.read.connect() as connection:
        description = sources.get(connection, source).description
        other = sources.get(connection, "hz").description
    (issue,) = overlooked_of(city.engines, description, Window(Scope.DELTA, etag="2026-01-05"))
    assert issue.code == "delivery-late" and issue.message.en.endswith("(2): 2026-01-01, 2026-01-05")
    assert overlooked_of(city.engines, other, Window(Scope.DELTA, etag="2026-01-05")) == ()
