"""The import contracts in ``setup.cfg``: they hold, each finds a planted violation, and none is left out."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture.code import REPOSITORY, Module, imports, product
from tests.architecture.code import modules as all_modules

PLANTED = {
    "house": ("config/planted.py", "import schemas"),
    "harvester": ("harvester/errors.py", "import harvester.http"),
    "registry": ("registry/model/planted.py", "import registry.store.tables"),
    "cycles": ("config/secrets.py", "import config.load"),
    "middle": ("registry/services/planted.py", "import harvester.errors"),
    "apart": ("demo/planted.py", "import registry.model"),
    "unneeded": ("harvester/planted_inside/__init__.py", "import demo"),
    "sql": ("registry/outlets/planted.py", "import sqlalchemy"),
    "xml": ("registry/store/planted.py", "import lxml"),
    "web": ("registry/outlets/planted_too.py", "import werkzeug"),
    "network": ("harvester/protocols/planted.py", "import socket"),
    "door": ("harvester/rules/planted.py", "import registry.store.tables"),
    "outlets": ("registry/outlets/planted_three.py", "import registry.services"),
    "identity": ("registry/services/planted_too.py", "import joserfc"),
    "web-writes": ("registry/web/planted.py", "import registry.store.tables"),
}


def contracts() -> dict[str, dict[str, str]]:
    """Every contract of ``setup.cfg`` by its short name."""
    parser = configparser.ConfigParser()
    parser.read(REPOSITORY / "setup.cfg", "utf-8")
    prefix = "importlinter:contract:"
    return {
        section.removeprefix(prefix): dict(parser[section])
        for section in parser.sections()
        if section.startswith(prefix)
    }


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages and their contracts, to be spoiled."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(REPOSITORY / "setup.cfg", folder)
    for package in {module.path.split("/")[0] for module in product() if "/" in module.path}:
        shutil.copytree(REPOSITORY / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def broken_in(folder: Path) -> set[str]:
    """The names of the contracts that the code in ``folder`` breaks."""
    ended = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts: " in ended.stdout, ended.stdout + ended.stderr
    return set(re.findall(r"^(.+) BROKEN\b", ended.stdout, re.MULTILINE))


def test_the_contracts_hold_and_each_finds_a_planted_violation(copy: Path) -> None:
    assert broken_in(copy) == set()
    for path, line in PLANTED.values():
        (copy / path).parent.mkdir(exist_ok=True)
        with (copy / path).open("a", encoding="utf-8") as stream:
            stream.write(f"\n{line}\n")
    assert PLANTED.keys() == contracts().keys()
    assert broken_in(copy) == {contract["name"] for contract in contracts().values()}


@pytest.mark.parametrize("package", ["harvester", "registry"])
def test_a_module_that_no_floor_names_breaks_a_contract(copy: Path, package: str) -> None:
    newcomer = copy / package / "newcomer.py"
    newcomer.touch()
    assert contracts()[package]["name"] in broken_in(copy)
    newcomer.unlink()


def unnamed(modules: list[Module]) -> set[str]:
    """Top-level modules that are neither a root package of the contracts nor the command line."""
    parser = configparser.ConfigParser()
    parser.read(REPOSITORY / "setup.cfg", "utf-8")
    roots = set(parser["importlinter"]["root_packages"].split())
    named = {
        word for contract in contracts().values() for value in contract.values() for word in value.split()
    }
    return {module.name.partition(".")[0] for module in modules} - (roots & named) - {"cli"}


def test_every_top_level_module_is_named_by_a_contract() -> None:
    assert unnamed(product()) == set()


def test_a_new_top_level_module_is_found() -> None:
    assert unnamed([*product(), Module("gateway.routes", "gateway/routes.py", "")]) == {"gateway"}


def test_every_top_level_module_is_installed() -> None:
    parser = configparser.ConfigParser()
    parser.read(REPOSITORY / "setup.cfg", "utf-8")
    packages = {pattern.strip(",") for pattern in parser["options.packages.find"]["include"].split()}
    installed = {pattern for pattern in packages if "*" not in pattern} | {parser["options"]["py_modules"]}
    assert {module.name.partition(".")[0] for module in product()} | {"cli"} == installed


CARRIED = {"werkzeug", "markupsafe", "jinja2", "kombu"}
"""Libraries that a declared one brings along as part of its own interface."""

IMPORT_NAMES = {"argon2-cffi": "argon2", "bootstrap-flask": "flask_bootstrap", "python-stdnum": "stdnum"}
"""Where it is not the name itself, with underscores."""


def undeclared(modules: Iterable[Module], *extras: str) -> set[str]:
    """Libraries that ``modules`` import and ``setup.cfg`` declares neither for all nor under ``extras``."""
    parser = configparser.ConfigParser()
    parser.read(REPOSITORY / "setup.cfg", "utf-8")
    lists = [
        parser["options"]["install_requires"],
        *(parser["options.extras_require"][extra] for extra in extras),
    ]
    declared = {line.split()[0].partition("[")[0] for text in lists for line in text.splitlines() if line}
    ours = {module.name.partition(".")[0] for module in all_modules()} | sys.stdlib_module_names
    used = {name.partition(".")[0] for module in modules for name, _ in imports(module)}
    return used - ours - CARRIED - {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in declared}


def test_every_library_is_declared() -> None:
    assert undeclared(product(), "postgresql", "queue", "oidc") == set()
    assert undeclared(all_modules(), "postgresql", "queue", "oidc", "test", "dev") == set()


def test_a_library_that_is_not_declared_is_found() -> None:
    assert undeclared([Module("demo.x", "demo/x.py", "import numpy, msgspec, pytest")], "queue") == {
        "numpy",
        "pytest",
    }
