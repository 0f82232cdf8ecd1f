"""Read the settings: ``default.toml``, then ``<home>/mulu.toml``, then ``MULU_*``, then the command line.

The only module that looks at the environment of the process. Values that do not fit end in one :class:`SettingsError`
that names them all: each key, where it was written, and what would be right.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple, get_origin, get_type_hints

import msgspec

from config.secrets import Keyring
from config.section import Section
from config.settings import Settings

PREFIX = "MULU_"
HOME_VARIABLE = "MULU_HOME"
LANGUAGE_VARIABLE = "MULU_LANG"
DEFAULT_HOME = Path(".mulu")
FILE_NAME = "mulu.toml"

SECTIONS: Mapping[str, type[Section]] = {
    name: hint for name, hint in get_type_hints(Settings).items() if name != "home"
}


class Wrong(NamedTuple):
    """A setting that is wrong: its key, where it was written, and why."""

    key: str  # section.name, a section, or (file)
    place: str
    reason: str


class SettingsError(ValueError):
    """Settings are wrong: which ones, where they stand and the way out, in Chinese and English."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        self.wrong = tuple(wrong)
        zh = ";".join(f"{each.key}({each.place}):{each.reason}" for each in wrong)
        en = "; ".join(f"{each.key} in {each.place}: {each.reason}" for each in wrong)
        noun = "setting is" if len(wrong) == 1 else "settings are"
        self.zh = f"{len(wrong)} 项设置有误：{zh}。请改正或删去；默认值见 config/default.toml。"
        self.en = f"{len(wrong)} {noun} wrong: {en}. Correct or remove what is; config/default.toml lists the defaults."
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
    value (None: not given). Raises :class:`SettingsError`, which names everything that is wrong.
    """
    environ = os.environ if environ is None else environ
    folder = Path(home or environ.get(HOME_VARIABLE) or DEFAULT_HOME).expanduser().absolute()
    latest: dict[str, Value] = {}
    wrong: list[Wrong] = []
    for each in _values(folder, environ, overrides or {}):
        if isinstance(each, Wrong):
            wrong.append(each)
        else:
            latest[each.key] = each
    sections: dict[str, dict[str, Value]] = {}
    for key, written in latest.items():
        section, _, name = key.partition(".")
        sections.setdefault(section, {})[name] = written
    wrong += [each for name, values in sections.items() for each in _misfits(name, values)]
    if wrong:
        raise SettingsError(wrong)
    read = {name: _section(name, values.values()) for name, values in sections.items()}
    return msgspec.structs.replace(Settings(home=folder), **read)


def keyring(settings: Settings, environ: Mapping[str, str] | None = None) -> Keyring:
    """The keys and credentials that ``settings`` refers to; files of keys are made on first use."""
    return Keyring(settings.home / "secrets", os.environ if environ is None else environ)


def language(environ: Mapping[str, str] | None = None) -> str:
    """The language of messages that ``MULU_LANG`` asks for: ``en`` or, for anything else, ``zh``."""
    asked = (os.environ if environ is None else environ).get(LANGUAGE_VARIABLE, "")
    return "en" if asked.lower().startswith("en") else "zh"


def _values(
    home: Path, environ: Mapping[str, str], overrides: Mapping[str, object]
) -> Iterator[Value | Wrong]:
    """Every value from the weakest place to the strongest, and what is no setting."""
    yield from _file_values(
        files("config").joinpath("default.toml").read_text("utf-8"), "config/default.toml"
    )
    own = home / FILE_NAME
    if own.is_file():
        text = _text_of(own)
        yield from (text,) if isinstance(text, Wrong) else _file_values(text, str(own))
    yield from _environment_values(environ)
    for key, value in overrides.items():
        if value is not None:
            yield _unknown(key, "the command line") or Value(key, value, "the command line")


def _text_of(file: Path) -> str | Wrong:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as failure:
        return Wrong("(file)", str(file), f"not UTF-8: {failure.reason}")
    except OSError as failure:
        return Wrong("(file)", str(file), f"cannot be read: {failure.strerror}")


def _file_values(content: str, place: str) -> Iterator[Value | Wrong]:
    try:
        tables = tomllib.loads(content)
    except tomllib.TOMLDecodeError as failure:
        yield Wrong("(file)", place, f"not TOML: {failure}")
        return
    for section, table in tables.items():
        if section not in SECTIONS or not isinstance(table, dict):
            yield Wrong(section, place, f"no such section; known: {', '.join(SECTIONS)}")
            continue
        for name, value in table.items():
            key = f"{section}.{name}"
            yield _unknown(key, place) or Value(key, value, place)


def _environment_values(environ: Mapping[str, str]) -> Iterator[Value | Wrong]:
    """``MULU_<SECTION>_<KEY>``. Variables of no section (``MULU_HOME``, credentials) are not settings."""
    for variable in sorted(environ):
        section, _, name = variable.removeprefix(PREFIX).lower().partition("_")
        if not variable.startswith(PREFIX) or section not in SECTIONS:
            continue
        key, place, text = f"{section}.{name}", f"the environment ({variable})", environ[variable]
        if unknown := _unknown(key, place):
            yield unknown
            continue
        listed = get_origin(get_type_hints(SECTIONS[section])[name]) is tuple
        yield Value(key, _items(text) if listed else text, place)


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _unknown(key: str, place: str) -> Wrong | None:
    section, _, name = key.partition(".")
    if section in SECTIONS and name in SECTIONS[section].__struct_fields__:
        return None
    known = SECTIONS[section].__struct_fields__ if section in SECTIONS else tuple(SECTIONS)
    return Wrong(key, place, f"no such setting; known: {', '.join(known)}")


def _misfits(section: str, values: Mapping[str, Value]) -> list[Wrong]:
    """Which values do not fit their section, so that the error names their keys and places.

    A value may need another one (a mail server its sender): it is looked at beside those that fit by themselves.
    """
    if _reason(section, values.values()) is None:
        return []
    good = [each for each in values.values() if _reason(section, [each]) is None]
    blamed = [each for each in values.values() if each not in good]
    told = [(each, _reason(section, [*good, each])) for each in blamed]
    wrong = [Wrong(each.key, each.place, reason) for each, reason in told if reason is not None]
    together = _reason(section, values.values()) or ""
    return wrong or [Wrong(section, ", ".join(sorted({each.place for each in blamed or good})), together)]


def _reason(section: str, values: Iterable[Value]) -> str | None:
    """Why these values do not make a section; None where they do."""
    try:
        _section(section, values)
    except msgspec.ValidationError as failure:
        return str(failure).partition(" - at ")[0]
    return None


def _section(section: str, values: Iterable[Value]) -> Section:
    named = {each.key.partition(".")[2]: each.value for each in values}
    return msgspec.convert(named, SECTIONS[section], strict=False)
