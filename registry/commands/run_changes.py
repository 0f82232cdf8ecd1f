"""``mulu run changes``: what a run proposes; and the options by which a part of it is chosen."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from registry.commands.output import column, json_option, print_listing, remark
from registry.commands.session import Session, pass_session, reading
from registry.errors import NotFound
from registry.formats.difference import difference
from registry.model.choice import Choice
from registry.model.diff import CHANGING, Action
from registry.model.issue import Text
from registry.store import documents, proposals, runs

_COLUMNS = (
    column("action", "变更", "change"),
    column("identifier", "标识符", "identifier"),
    column("title", "名称", "title"),
    column("catalogue", "目录", "catalogue"),
    column("item", "类目", "item"),
    column("division", "行政区划", "division"),
    column("place", "位置", "place"),
)
_FIELDS = (
    column("label", "项目", "field"),
    column("before", "原值", "before"),
    column("after", "新值", "after"),
)
_MORE = Text(zh="还有更多；用 --after {id} 接着看。", en="there are more; go on with --after {id}.")
_NONE = Text(
    zh="运行 {run} 没有标识符为 {identifier} 的变更；用 mulu run changes {run} 查看全部。",
    en="run {run} proposes nothing under {identifier}; `mulu run changes {run}` lists what it does.",
)


_OPTIONS = (
    click.option("--only", multiple=True, metavar="IDENTIFIER", help="These only (may be repeated)."),
    click.option("--except", "without", multiple=True, metavar="IDENTIFIER", help="All but these."),
    click.option(
        "--action",
        "actions",
        multiple=True,
        type=click.Choice([str(each) for each in CHANGING]),
        help="Only changes of this kind (may be repeated).",
    ),
    click.option("--catalogue", default="", help="Only of this catalogue (project, credit)."),
    click.option("--item", default="", help="Only of this item of the guidance catalogue (6.2)."),
    click.option("--division", default="", help="Only of this division (330106)."),
    click.option("--text", default="", help="Only with this in the title or the identifier."),
)


def choosing(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which changes are meant; the command receives them as ``choice``."""

    @wraps(command)
    def chosen(*arguments: Any, **given: Any) -> None:
        choice = Choice(
            only=frozenset(given.pop("only")),
            without=frozenset(given.pop("without")),
            actions=tuple(Action(each) for each in given.pop("actions")),
            **{name: given.pop(name) for name in ("catalogue", "item", "division", "text")},
        )
        command(*arguments, **given, choice=choice)

    for option in reversed(_OPTIONS):
        chosen = option(chosen)
    return chosen


@click.command("changes")
@click.argument("run_id", type=int)
@choosing
@click.option("--fields", is_flag=True, help="Show one change (--only IDENTIFIER) field by field.")
@click.option("--after", type=int, default=0, help="Go on behind this change (its number stands in --json).")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@reading
@pass_session
def changes(
    session: Session, run_id: int, fields: bool, after: int, limit: int, as_json: bool, choice: Choice
) -> None:
    """List what a run changes, or would change while it is held.

    \b
    Examples:
      mulu run changes 17 --action deleted --division 330106
      mulu run changes 17 --only oai:hangzhou.example:1 --fields
    """
    if fields:
        _show_fields(session, run_id, choice.only, as_json)
        return
    with session.engines.read.connect() as connection:
        runs.get(connection, run_id)
        found = proposals.page(connection, run_id, choice, after=after, limit=limit + 1)
    print_listing(session, [_row(each) for each in found[:limit]], _COLUMNS, as_json=as_json)
    if len(found) > limit:
        remark(session, _MORE.format(id=found[limit - 1].id))


def _show_fields(session: Session, run_id: int, only: frozenset[str], as_json: bool) -> None:
    if len(only) != 1:
        raise click.UsageError("--fields shows one change: name it with --only IDENTIFIER")
    (identifier,) = only
    with session.engines.read.connect() as connection:
        found = proposals.of_identifier(connection, run_id, identifier)
        if found is None:
            raise NotFound(_NONE.format(run=run_id, identifier=identifier))
        before, after = (
            None if each is None else documents.content(connection, each)
            for each in (found.previous_id, found.document_id)
        )
    rows = [
        {
            "path": each.path,
            "label": each.label,
            "before": each.before.value if each.before else None,
            "after": each.after.value if each.after else None,
        }
        for each in difference(before, after)
        if not each.is_same
    ]
    print_listing(session, rows, _FIELDS, as_json=as_json)


def _row(found: proposals.Proposal) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": found.id,
        "action": found.action,
        "identifier": found.identifier,
        "place": found.place,
    }
    if found.facts is not None:
        facts = found.facts
        row |= {
            "title": facts.title,
            "catalogue": facts.catalogue,
            "item": facts.item,
            "division": facts.division,
        }
    return row
