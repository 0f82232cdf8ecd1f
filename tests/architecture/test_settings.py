"""Every setting does something."""

from __future__ import annotations

import ast

from config.load import SECTIONS
from tests.architecture.code import Module, product


def unused(modules: list[Module]) -> set[str]:
    """Settings that nothing reads: neither by name, of their section or of ``limits`` and ``settings`` that
    stand for it, nor with all of their section."""
    nodes = [node for module in modules for node in ast.walk(module.tree)]
    read = {
        (ast.unparse(node.value).rpartition(".")[2].lstrip("_"), node.attr)
        for node in nodes
        if isinstance(node, ast.Attribute)
    }
    as_a_whole = {
        ast.unparse(argument).rpartition(".")[2]
        for node in nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("asdict")
        for argument in node.args
    }
    return {
        f"{section}.{name}"
        for section, fields in SECTIONS.items()
        if section not in as_a_whole
        for name in fields.__struct_fields__
        if ("settings", section) not in read
        or not {(section, name), ("limits", name), ("settings", name)} & read
    }


def test_every_setting_is_read_somewhere() -> None:
    assert unused(product()) == set()


def test_a_setting_that_is_not_read_is_found() -> None:
    text = (
        "f(settings.web.port, asdict(settings.child), settings.http)\ng(limits.retries, limits.vanish_floor)"
    )
    found = unused([Module("x", "x.py", text)])
    assert {"web.threads", "http.redirects", "brake.vanish_floor"} <= found
    assert not {"web.port", "child.answers", "http.retries"} & found
