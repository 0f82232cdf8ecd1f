"""Read the settings: ``default.toml``, then ``<home>/mulu.toml``, then ``MULU_*``, then the command line.

The only module that looks at the environment of the process. A value that does not fit ends in one
:class:`SettingsError` that names the key, where it was written, and what would be right.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple, get_origin, get_type_hints

import msgspec

from config.secrets import Keyring
from config.settings import Section, Settings

PREFIX = "MULU_"
HOME_VARIABLE = "MULU_HOME"
LANGUAGE_VARIABLE = "MULU_LANG"
DEFAULT_HOME = Path(".mulu")
FILE_NAME = "mulu.toml"

SECTIONS: Mapping[str, type[Section]] = {
    name: hint for name, hint in get_type_hints(Settings).items() if name != "home"
}


class SettingsError(ValueError):
    """A setting is wrong: which one, where it stands and the way out, in Chinese and English."""

    def __init__(self, key: str, place: str, reason: str) -> None:
        self.key, self.place, self.reason = key, place, reason
        self.zh = f"设置 {key} 有误({place}):{reason}。请改正或删去该项;默认值见 config/default.toml。"
        self.en = (
            f"setting {key} in {place} is wrong: {reason}. "
            "Correct or remove it; config/default.toml lists the defaults."
        )
        super().__init__(self.en)


class Value(NamedTuple):
    """One value as it was written, and where."""

    key: str  # section.name
    value: object
    place: str


def load(
    home: Path | str | None = None,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """The settings of the installation in ``home``.

    ``home``: the folder, else ``MULU_HOME``, else ``.mulu`` in the working directory. ``environ``: the
    environment, else the process's own. ``overrides``: values from the command line, ``section.key`` to
    value (None: not given). Raises :class:`SettingsError`.
    """
    environ = os.environ if environ is None else environ
    folder = Path(home or environ.get(HOME_VARIABLE) or DEFAULT_HOME).expanduser().absolute()
    latest: dict[str, Value] = {}
    for each in _values(folder, environ, overrides or {}):
        latest[each.key] = each
    sections: dict[str, dict[str, object]] = {}
    for key, written in latest.items():
        section, _, name = key.partition(".")
        sections.setdefault(section, {})[name] = written.value
    read = {name: _section(name, values, latest) for name, values in sections.items()}
    return msgspec.structs.replace(Settings(home=folder), **read)


def keyring(settings: Settings, environ: Mapping[str, str] | None = None) -> Keyring:
    """The keys and credentials that ``settings`` refers to; files of keys are made on first use."""
    return Keyring(settings.home / "secrets", os.environ if environ is None else environ)


def language(environ: Mapping[str, str] | None = None) -> str:
    """The language of messages that ``MULU_LANG`` asks for: ``en`` or, for anything else, ``zh``."""
    asked = (os.environ if environ is None else environ).get(LANGUAGE_VARIABLE, "")
    return "en" if asked.lower().startswith("en") else "zh"


def _values(home: Path, environ: Mapping[str, str], overrides: Mapping[str, object]) -> Iterator[Value]:
    """Every value from the weakest place to the strongest."""
    yield from _file_values(
        files("config").joinpath("default.toml").read_text("utf-8"), "config/default.toml"
    )
    own = home / FILE_NAME
    if own.is_file():
        yield from _file_values(_text_of(own), str(own))
    yield from _environment_values(environ)
    for key, value in overrides.items():
        if value is not None:
            _require_known(key, "the command line")
            yield Value(key, value, "the command line")


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as failure:
        raise SettingsError("(file)", str(file), f"not UTF-8: {failure.reason}") from failure
    except OSError as failure:
        raise SettingsError("(file)", str(file), f"cannot be read: {failure.strerror}") from failure


def _file_values(content: str, place: str) -> Iterator[Value]:
    try:
        tables = tomllib.loads(content)
    except tomllib.TOMLDecodeError as failure:
        raise SettingsError("(file)", place, f"not TOML: {failure}") from failure
    for section, table in tables.items():
        if section not in SECTIONS or not isinstance(table, dict):
            raise SettingsError(section, place, f"no such section; known: {', '.join(SECTIONS)}")
        for name, value in table.items():
            _require_known(f"{section}.{name}", place)
            yield Value(f"{section}.{name}", value, place)


def _environment_values(environ: Mapping[str, str]) -> Iterator[Value]:
    """``MULU_<SECTION>_<KEY>``. Variables of no section (``MULU_HOME``, credentials) are not settings."""
    for variable in sorted(environ):
        section, _, name = variable.removeprefix(PREFIX).lower().partition("_")
        if not variable.startswith(PREFIX) or section not in SECTIONS:
            continue
        place = f"the environment ({variable})"
        _require_known(f"{section}.{name}", place)
        text = environ[variable]
        listed = get_origin(get_type_hints(SECTIONS[section])[name]) is tuple
        yield Value(f"{section}.{name}", _items(text) if listed else text, place)


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _require_known(key: str, place: str) -> None:
    section, _, name = key.partition(".")
    if section not in SECTIONS or name not in SECTIONS[section].__struct_fields__:
        known = SECTIONS[section].__struct_fields__ if section in SECTIONS else tuple(SECTIONS)
        raise SettingsError(key, place, f"no such setting; known: {', '.join(known)}")


def _section(section: str, values: Mapping[str, object], written: Mapping[str, Value]) -> Section:
    """One section, converted key by key, so that an error names its key and its place."""
    for name, value in values.items():
        try:
            msgspec.convert({name: value}, SECTIONS[section], strict=False)
        except msgspec.ValidationError as failure:
            key = f"{section}.{name}"
            raise SettingsError(key, written[key].place, str(failure).partition(" - at ")[0]) from failure
    return msgspec.convert(values, SECTIONS[section], strict=False)
