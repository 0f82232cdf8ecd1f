"""Two sources of a register may speak for the same identifiers only where both say so."""

from __future__ import annotations

import pytest

from registry.errors import Conflict
from registry.model.lifecycle import SourceAction
from registry.model.source import Protocol, SourceScope, SourceStatus
from registry.services import registration
from registry.store.engine import Engines
from tests.factories import APPROVER, SUBMITTER, Installation
from tests.integration.people import everything
from tests.integration.standing import source_of

FIRST = SourceScope(("oai:hz:a",))


@pytest.fixture
def installation(engines: Engines) -> Installation:
    """Two registers; ``first`` is approved for ``oai:hz:a`` in one of them."""
    installation = Installation(engines)
    installation.register("330100")
    installation.register("330200")
    submit(installation, "first", FIRST)
    act(installation, "first", SourceAction.APPROVE)
    return installation


def act(on: Installation, code: str, action: SourceAction) -> None:
    registration.act(on.engines.write, code, action, actor=APPROVER, now=on.clock(), reason="so")


def submit(
    on: Installation, code: str, scope: SourceScope, register: str = "330100", namespace: str = ""
) -> None:
    new = registration.NewSource(
        code, register, code, Protocol.OAI_PMH, f"http://{code}.example/oai", scope=scope, namespace=namespace
    )
    registration.add_source(on.engines.write, new, actor=SUBMITTER, now=on.clock())
    registration.act(on.engines.write, code, SourceAction.SUBMIT, actor=SUBMITTER, now=on.clock())


def amend(on: Installation, code: str, scope: SourceScope) -> None:
    registration.amend_source(on.engines.write, code, {"scope": scope}, actor=SUBMITTER, now=on.clock())


@pytest.mark.parametrize("prefix", ["oai:hz:a", "oai:hz:", "oai:hz:ab"])
def test_an_overlap_is_refused_naming_both(installation: Installation, prefix: str) -> None:
    submit(installation, "second", SourceScope(("oai:other:", prefix)))
    before = everything(installation.engines)
    with pytest.raises(Conflict) as refused:
        act(installation, "second", SourceAction.APPROVE)
    for told in (refused.value.text.zh, refused.value.text.en):
        assert all(each in told for each in ("first", "second", "oai:hz:a", prefix, "--co-reports-with"))
    assert everything(installation.engines) == before


@pytest.mark.parametrize(
    ("prefixes", "register"), [(("oai:hz:b",), "330100"), (("oai:hz:a",), "330200"), ((), "330100")]
)
def test_what_does_not_overlap_is_approved(
    installation: Installation, prefixes: tuple[str, ...], register: str
) -> None:
    submit(installation, "second", SourceScope(prefixes), register)
    act(installation, "second", SourceAction.APPROVE)


def test_both_must_declare_it(installation: Installation) -> None:
    submit(installation, "second", SourceScope(("oai:hz:",), co_reports_with=("first",)))
    with pytest.raises(Conflict):
        act(installation, "second", SourceAction.APPROVE)
    amend(installation, "first", SourceScope(("oai:hz:a",), co_reports_with=("second",)))
    assert source_of(installation.engines, "first").status is SourceStatus.SUBMITTED
    act(installation, "second", SourceAction.APPROVE)
    act(installation, "first", SourceAction.APPROVE)
    amend(installation, "second", SourceScope(("oai:hz:",)))
    with pytest.raises(Conflict):
        act(installation, "second", SourceAction.APPROVE)


@pytest.mark.parametrize("action", [SourceAction.SUSPEND, None, SourceAction.RETIRE])
def test_an_owner_stays_one_until_it_is_retired(
    installation: Installation, action: SourceAction | None
) -> None:
    if action is None:  # amended, and submitted again
        registration.amend_source(
            installation.engines.write, "first", {"set_spec": "x"}, actor=SUBMITTER, now=installation.clock()
        )
    else:
        act(installation, "first", action)
    submit(installation, "second", FIRST)
    if action is SourceAction.RETIRE:
        act(installation, "second", SourceAction.APPROVE)
    else:
        with pytest.raises(Conflict):
            act(installation, "second", SourceAction.APPROVE)


def test_a_namespace_stands_for_prefixes_where_none_are_stated(installation: Installation) -> None:
    submit(installation, "second", SourceScope(("oai:hz.cn:",)))
    act(installation, "second", SourceAction.APPROVE)
    submit(installation, "third", SourceScope(), namespace="hz.cn")
    with pytest.raises(Conflict, match="second"):
        act(installation, "third", SourceAction.APPROVE)
    for code in ("fourth", "fifth"):  # neither states what it owns: they are variants
        submit(installation, code, SourceScope(), namespace="nb.cn")
        act(installation, code, SourceAction.APPROVE)
