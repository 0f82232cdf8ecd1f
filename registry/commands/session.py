"""One call of the command line: where the installation is, who acts, in which language, at what time.

``cli.py`` makes it; the options that every command shares fill it in; commands get it with ``pass_session``.
Nothing is read or opened before a command asks for it.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol, TypeVar

import click

from config.secrets import Keyring, without_password
from config.settings import Settings
from registry.errors import NotFound
from registry.model.event import Actor
from registry.model.external import ProviderLine
from registry.model.issue import Text
from registry.store import accounts, revision
from registry.store.engine import Engines, open_engines

Command = TypeVar("Command", bound=Callable[..., Any])

_NO_STORE = Text(
    zh="{home} 中还没有目录库；请先运行 mulu init(或 mulu demo 查看示例)。",
    en="there is no store in {home}; run `mulu init` first (or `mulu demo` for a sample).",
)


class Harvester(Protocol):
    """What commands of the registry need of the harvester, which they do not know: ``cli.py`` hands it in."""

    def settle(self, session: Session, register_id: int) -> bool:
        """Carry what is decided in a register to its publication, and have the registers above it read that;
        False where this waits for another process, which carries out what is ordered."""
        ...

    def check_schedule(self, schedule: str, time_zone: str) -> None:
        """Raise ``ValueError`` unless it is a cron line or an interval."""
        ...

    def line_to_provider(self, session: Session) -> ProviderLine | None:
        """How the console asks the identity provider; None where none is set."""
        ...

    def at_work(self, session: Session) -> AbstractContextManager[None]:
        """Harvest what is due, in the background, while the block lasts."""
        ...


@dataclass
class Session:
    """Everything a command knows of its caller. ``home`` as given (None: the environment decides)."""

    load: Callable[[Session], Settings]
    keyring_of: Callable[[Settings], Keyring]
    clock: Callable[[], datetime]
    harvester: Harvester
    serve: Callable[[Session], None]
    home: str | None = None
    language: str = "zh"
    acts_as: str = ""
    overrides: dict[str, object] = field(default_factory=dict)
    tells_all: bool = False
    """Whether log lines of every level go to standard error (a server), or warnings only (a command)."""

    @cached_property
    def settings(self) -> Settings:
        """The settings of the installation. Raises ``config.load.SettingsError``."""
        return self.load(self)

    @property
    def keyring(self) -> Keyring:
        """The keys and credentials that the settings refer to."""
        return self.keyring_of(self.settings)

    def require_store(self) -> None:
        """Raise ``NotFound`` unless the store is there."""
        _ = self.engines

    @cached_property
    def engines(self) -> Engines:
        """The store, which must be there. Raises ``NotFound``. Closed when the command ends."""
        settings = self.settings
        is_embedded = not settings.database.url
        if is_embedded and not (settings.home / "mulu.sqlite3").is_file():
            raise NotFound(_NO_STORE.format(home=settings.home))
        engines = open_engines(settings.database_url, pool_size=settings.database.pool_size)
        click.get_current_context().find_root().call_on_close(engines.dispose)
        if revision.of_store(engines.read) is None:
            place = settings.home if is_embedded else without_password(settings.database_url)
            raise NotFound(_NO_STORE.format(home=place))
        return engines

    @property
    def actor(self) -> Actor:
        """Who acts: the account of ``--as``, with what it may do; else ``cli:<user>``, which may do everything:
        whoever has this machine has the installation. Raises ``NotFound`` where there is no such account."""
        user = "unknown"
        with suppress(OSError, KeyError):
            user = getpass.getuser()
        local = f"cli:{user}"
        if not self.acts_as:
            return Actor(local, local)
        with self.engines.read.connect() as connection:
            account = accounts.get(connection, self.acts_as)
        return Actor(account.name, local, account.id)

    def say(self, text: Text) -> str:
        """The sentence in the caller's language."""
        return text.in_language(self.language)


pass_session = click.make_pass_decorator(Session)


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value is not None:
            session = context.find_object(Session)
            setattr(session, name, value)

    return keep


_AS = click.option(
    "--as",
    "acts_as",
    metavar="ACCOUNT",
    expose_value=False,
    callback=_remember("acts_as"),
    help="Act as this account, with what it may do (default: cli:<user>, who may do everything).",
)
_LANG = click.option(
    "--lang",
    type=click.Choice(("zh", "en")),
    expose_value=False,
    callback=_remember("language"),
    help="Language of messages and headings (default: $MULU_LANG, else zh).",
)
_HOME = click.option(
    "--home",
    metavar="DIR",
    type=click.Path(file_okay=False),
    expose_value=False,
    callback=_remember("home"),
    help="Folder of the installation (default: $MULU_HOME, else .mulu).",
)


def reading(command: Command) -> Command:
    """The options of every command: ``--home`` and ``--lang``."""
    return _LANG(_HOME(command))


def acting(command: Command) -> Command:
    """The options of a command that changes something: those of every command, and ``--as``."""
    return reading(_AS(command))
