"""The project's own code as syntax trees, for rules about it."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[2]
OUTSIDE_THE_PRODUCT = ("tests", "benchmarks", "docs")


@dataclass(frozen=True)
class Module:
    """One Python file. ``name`` is dotted; a package is named without ``__init__``."""

    name: str
    path: str
    text: str

    @property
    def is_package(self) -> bool:
        return self.path.endswith("__init__.py")

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)

    def within(self, *names: str) -> bool:
        """Whether this is one of the modules ``names``, or below one."""
        return any(self.name == name or self.name.startswith(f"{name}.") for name in names)


class Imported(NamedTuple):
    """One import: the dotted name asked for, and its line."""

    name: str
    line: int


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def files() -> tuple[str, ...]:
    """Every file of the repository that is, or is about to be, under version control."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    return tuple(sorted(path for path in listed.splitlines() if (REPOSITORY / path).is_file()))


@cache
def modules() -> tuple[Module, ...]:
    """All Python modules, tests included."""
    found = [path for path in files() if path.endswith(".py")]
    return tuple(Module(dotted(path), path, (REPOSITORY / path).read_text("utf-8")) for path in found)


def product() -> list[Module]:
    """The modules that are installed."""
    return [module for module in modules() if not module.within(*OUTSIDE_THE_PRODUCT)]


def dotted(path: str) -> str:
    """``registry/store/__init__.py`` → ``registry.store``."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports(module: Module) -> Iterator[Imported]:
    """Every import anywhere in the module; ``from a import b`` counts as ``a.b``, relative ones resolved."""
    package = module.name.split(".") if module.is_package else module.name.split(".")[:-1]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (Imported(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield from (Imported(f"{base}.{alias.name}", node.lineno) for alias in node.names)


def names(module: Module) -> Iterator[Imported]:
    """Every dotted name that is spoken in the module, an import's alias replaced by what it stands for."""
    yield from (Imported(name, node.lineno) for name, node in _named(module))


def values(module: Module) -> Iterator[Imported]:
    """Those of them that are not only the beginning of a longer one: what is called, handed over or kept."""
    begins = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)}
    yield from (Imported(name, node.lineno) for name, node in _named(module) if id(node) not in begins)


def _named(module: Module) -> Iterator[tuple[str, ast.Attribute | ast.Name]]:
    aliases: dict[str, str] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            aliases |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            aliases |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, _, rest = ast.unparse(node).partition(".")
            full = aliases.get(first, first)
            yield f"{full}.{rest}" if rest else full, node


def reaches(name: str, *targets: str) -> bool:
    """Whether the dotted ``name`` is one of ``targets``, or below one."""
    return any(name == target or name.startswith(f"{target}.") for target in targets)
