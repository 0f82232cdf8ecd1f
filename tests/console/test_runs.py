"""The pages of runs: what they show, and what is decided on them."""

from __future__ import annotations

from registry.model.lanes import Lanes
from registry.model.role import Role
from registry.model.run import RunStatus
from registry.store import claims, runs
from tests.console.conftest import Statements
from tests.console.office import Office, name_of
from tests.factories import catalogue_document, deleted, identifier_of, live
from tests.integration.deciding import texts

APPROVER = name_of(Role.APPROVER, "own")


def held(office: Office) -> int:
    """A run that rewrites twelve of twenty records, deletes two and brings one."""
    city = office.installation
    city.deliver("hangzhou", texts(20))
    city.clock.advance(hours=1)
    run = city.harvest(
        "hangzhou", [*texts(12, "b"), deleted("12"), deleted("13"), *texts(6, first=14), live("x")]
    )
    assert run.status is RunStatus.HELD
    return run.id


def test_a_part_of_a_held_run_is_released(office: Office) -> None:
    run_id = held(office)
    browser = office.client(APPROVER)
    assert "只放行以上筛选出的变更" not in browser.get(f"/admin/runs/{run_id}/changes").text
    page = browser.get(f"/admin/runs/{run_id}/changes?action=deleted").text
    assert "只放行以上筛选出的变更" in page
    assert identifier_of("12") in page and identifier_of("0") not in page
    asked = f"/admin/runs/{run_id}/release?mode=without&identifier={identifier_of('12')}"
    assert "将被拒绝" in browser.get(asked).text
    picked = browser.get(f"/admin/runs/{run_id}/release?mode=only&identifier={identifier_of('13')}").text
    assert identifier_of("13") in picked.partition("<form")[2] and identifier_of("12") not in picked
    form = {"mode": "without", "identifier": identifier_of("12"), "reason": "电话核实"}
    assert browser.post(f"/admin/runs/{run_id}/release", form).status_code == 303
    with office.installation.engines.read.connect() as connection:
        run = runs.get(connection, run_id)
        waiting = claims.to_do(connection, office.installation.clock(), 10, Lanes())
    assert (run.status, run.tally.declined, run.decided_by) == (RunStatus.SETTLING, 1, APPROVER)
    assert waiting
    office.installation.settle(run.register_id)
    assert "已发布" in browser.get(f"/admin/runs/{run_id}").text


def test_nothing_chosen_is_told_and_leaves_the_run_held(office: Office) -> None:
    run_id = held(office)
    browser = office.client(APPROVER)
    path = f"/admin/runs/{run_id}/release"
    for picked in ({"mode": "only", "identifier": "oai:nobody:1"}, {"mode": "only"}):
        assert "没有选中任何变更" in browser.get(path, query_string=picked).text
        assert browser.post(path, picked).status_code == 422
    assert office.installation.read_run(run_id).status is RunStatus.HELD


def test_a_change_is_shown_field_by_field(office: Office) -> None:
    run_id = held(office)
    page = office.client(APPROVER).get(f"/admin/runs/{run_id}/change?identifier={identifier_of('0')}").text
    assert "查看条目" in page
    new = office.client(APPROVER).get(f"/admin/runs/{run_id}/change?identifier={identifier_of('x')}").text
    assert "查看条目" not in new  # there is none yet
    assert "<del>a</del>" in page and "<ins>b</ins>" in page and "信息资源名称" in page
    missing = office.client(APPROVER).get(f"/admin/runs/{run_id}/change?identifier=oai:nobody:1")
    assert missing.status_code == 404


def test_a_list_asks_as_many_questions_for_many_runs_as_for_few(
    office: Office, statements: Statements
) -> None:
    browser = office.client(APPROVER)
    with statements.counted() as few:
        browser.get("/admin/runs")
    for number in range(8):
        office.installation.deliver("hangzhou", [live(str(number))])
    with statements.counted() as many:
        browser.get("/admin/runs")
    assert len(many) == len(few)


def test_an_undo_tells_what_it_took_back_and_what_it_left_alone(office: Office) -> None:
    city = office.installation
    standing = [live(str(number)) for number in range(5)]
    run_id = city.deliver("hangzhou", [*standing, live("a"), live("b"), live("c")])
    changed = live("b", catalogue_document("b", title="此后变更"))
    city.deliver("hangzhou", [*standing, live("a"), changed, live("c")])
    browser = office.client(APPROVER)
    answer = browser.post(f"/admin/runs/{run_id}/undo", {"reason": "送错文件"})
    assert answer.status_code == 303, answer.text
    assert "恢复 2 条" not in browser.get(answer.location).text
    city.settle(city.read_run(run_id).register_id)
    page = browser.get(answer.location).text
    assert f"运行 {run_id} 已撤销：恢复 2 条，1 条此后已变更、未予改动。" in page
    left = browser.get(f"{answer.location}/changes?action=outdated").text
    assert f"{answer.location}/changes?action=outdated" in page
    assert identifier_of("b") in left and identifier_of("a") not in left
