"""Whatever a person can have done by a service is asked for, and leaves an event; nobody can forget to."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.code import Module, product

ASKS = {"access.require", "access.allows", "access.reach"}
RECORDS = {"events.record"}
LOOKS = {"registry.services.keys.audience_of"}
"""This changes nothing."""
ONE_S_OWN = {"registry.services.notifying.read"}
"""What concerns nobody but whoever is signed in: its own notifications."""


def acts(module: Module) -> dict[str, ast.FunctionDef]:
    """The public functions of a service that open a transaction (not: work in the caller's) for an ``actor``."""
    return {
        node.name: node
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and "actor" in {each.arg for each in (*node.args.args, *node.args.kwonlyargs)}
        and (not node.args.args or node.args.args[0].arg in ("engine", "engines"))
    }


def reaches(module: Module, start: ast.FunctionDef, targets: set[str]) -> bool:
    """Whether a function calls one of ``targets``, directly or through others of its module."""
    functions = {node.name: node for node in module.tree.body if isinstance(node, ast.FunctionDef)}
    seen, pending = {start.name}, [start]
    while pending:
        for node in ast.walk(pending.pop()):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in targets:
                return True
            if called in functions and called not in seen:
                seen.add(called)
                pending.append(functions[called])
    return False


def forgetful(modules: list[Module], targets: set[str], exempt: set[str]) -> set[str]:
    """The acts that do not come to one of ``targets``."""
    return {
        name
        for module in modules
        if module.within("registry.services")
        for each, node in acts(module).items()
        if (name := f"{module.name}.{each}") not in exempt and not reaches(module, node, targets)
    }


def test_every_act_asks_whether_its_actor_may() -> None:
    assert forgetful(product(), ASKS, ONE_S_OWN) == set()


def test_every_act_leaves_an_event() -> None:
    assert forgetful(product(), RECORDS, ONE_S_OWN | LOOKS) == set()


@pytest.mark.parametrize("targets", [ASKS, RECORDS], ids=["asks", "records"])
def test_an_act_that_forgets_is_found(targets: set[str]) -> None:
    (target,) = sorted(targets)[-1:]
    good = f"def act(engine, *, actor):\n    _step()\ndef _step():\n    {target}()\n"
    bad = "def act(engine, *, actor):\n    _step()\ndef _step():\n    other()\n"
    for text, found in ((good, set()), (bad, {"registry.services.x.act"})):
        assert (
            forgetful([Module("registry.services.x", "registry/services/x.py", text)], targets, set())
            == found
        )


def test_the_services_are_looked_at() -> None:
    found = {f"{module.name}.{each}" for module in product() for each in acts(module)}
    assert {"registry.services.registration.act", "registry.services.reviewing.undo"} <= found
    assert len(found) > 15
