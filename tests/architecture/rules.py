"""What the floors of the house demand and import-linter cannot say, each rule a function over modules.

A rule takes modules and returns one line for each place that breaks it. ``test_rules.py`` holds the code
against every rule, and every rule against a planted violation.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator

from tests.architecture.code import Module, imports, names, reaches

Rule = Callable[[Iterable[Module]], list[str]]

MAX_LINES = 300
MAX_FUNCTION_LINES = 50
VAGUE_NAMES = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
ENTRANCES = ("cli", "migrations.env", "registry.web.wsgi")

_NETWORK = (
    "asyncio ftplib http.client http.server httpx poplib requests smtplib socket socketserver ssl "
    "telnetlib urllib.request urllib3 wsgiref"
)
_CLOCK = (
    "datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today "
    "time.time time.time_ns time.localtime time.gmtime"
)


def spoken(modules: Iterable[Module], targets: Iterable[str], allowed: Iterable[str]) -> Iterator[str]:
    """Lines outside ``allowed`` that import or name one of ``targets``."""
    for module in modules:
        if not module.within(*allowed):
            found = {
                line: name for name, line in [*imports(module), *names(module)] if reaches(name, *targets)
            }
            yield from (f"{module.path}:{line}: {name}" for line, name in sorted(found.items()))


def only_one_opener_of_sockets(modules: Iterable[Module]) -> list[str]:
    """Endpoints are asked by ``harvester.http`` only. (The demo listens; the broker is Celery's business; mails are
    handed over to the operator's own server.)"""
    modules = list(modules)
    mail = [module for module in modules if module.within("harvester.mail")]
    beyond = [name for name in _NETWORK.split() if name not in ("smtplib", "ssl")]
    return [
        *spoken(modules, _NETWORK.split(), ("harvester.http", "harvester.mail", "demo")),
        *spoken(mail, beyond, ()),
    ]


def only_one_reader_of_the_environment(modules: Iterable[Module]) -> list[str]:
    """Settings come from ``config.load``: elsewhere neither ``os.environ`` nor click's ``envvar``."""
    modules = list(modules)
    found = spoken(modules, ("os.environ", "os.environb", "os.getenv", "os.getenvb"), ("config.load",))
    return [*found, *_keyword_uses(modules, {"envvar", "auto_envvar_prefix"})]


def _keyword_uses(modules: Iterable[Module], keywords: set[str]) -> Iterator[str]:
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.keyword) and node.arg in keywords:
                yield f"{module.path}:{node.value.lineno}: {node.arg}="


def entrances_are_imported_by_nobody(modules: Iterable[Module]) -> list[str]:
    """``cli``, ``wsgi`` and Alembic's ``env`` are where the world comes in: nothing stands on them."""
    return [
        f"{module.path}:{line}: {name}"
        for module in modules
        for name, line in imports(module)
        if reaches(name, *ENTRANCES) and module.name not in ENTRANCES
    ]


def settings_are_loaded_at_the_entrances(modules: Iterable[Module]) -> list[str]:
    """Whoever needs a setting is handed it; only an entrance calls ``config.load``."""
    return list(spoken(modules, ("config.load.load", "config.load.keyring"), (*ENTRANCES, "config")))


def the_clock_is_read_at_the_entrances(modules: Iterable[Module]) -> list[str]:
    """The time of day is an argument; only an entrance looks at the clock (the demo is a server of its own)."""
    return list(spoken(modules, _CLOCK.split(), (*ENTRANCES, "demo")))


def the_model_knows_the_standard_library_only(modules: Iterable[Module]) -> list[str]:
    """What decides is pure: no library, no file, no network, no chance, no clock."""
    known = sys.stdlib_module_names - {"os", "pathlib", "random", "secrets", "socket", "subprocess", "time"}
    return [
        f"{module.path}:{line}: {name}"
        for module in modules
        if module.within("registry.model")
        for name, line in imports(module)
        if name.partition(".")[0] not in known and not reaches(name, "registry.model", "schemas.issue")
    ]


def no_codec_that_runs_code(modules: Iterable[Module]) -> list[str]:
    """No pickle and the like, anywhere: a hijacked child must not own its parent."""
    return list(spoken(modules, ("dill", "jsonpickle", "marshal", "pickle", "shelve"), ()))


def no_vague_names(modules: Iterable[Module]) -> list[str]:
    """A module is named after its subject."""
    return [module.path for module in modules if VAGUE_NAMES & set(module.name.split("."))]


def files_are_short(modules: Iterable[Module]) -> list[str]:
    """One subject a file, 300 lines at most. What Alembic generates is exempt."""
    return [
        f"{module.path}: {lines} lines"
        for module in modules
        if not module.within("migrations.versions") and (lines := module.text.count("\n")) > MAX_LINES
    ]


def functions_fit_a_screen(modules: Iterable[Module]) -> list[str]:
    """50 lines at most, docstring included."""
    return [
        f"{module.path}:{node.lineno}: {node.name}, {node.end_lineno - node.lineno + 1} lines"
        for module in modules
        if not module.within("migrations.versions")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
