"""``mulu init``: make an installation."""

from __future__ import annotations

import click

from config.secrets import without_password
from registry.commands.output import tell
from registry.commands.session import Session, pass_session, reading
from registry.model.issue import Text

_READY = Text(
    zh="{home} 已就绪(目录库：{store})。下一步：mulu register add、mulu source add；管理台的首个管理员:"
    "mulu account add 账号 --administrator。",
    en="{home} is ready (store: {store}). Next: `mulu register add`, `mulu source add`; the first administrator of the "
    "console: `mulu account add NAME --administrator`.",
)


@click.command()
@reading
@pass_session
def init(session: Session) -> None:
    """Make the folder, the store and the keys of an installation; harmless where they are there.

    \b
    Example:
      mulu init --home /var/lib/mulu
    """
    make_installation(session)
    settings = session.settings
    tell(session, _READY.format(home=settings.home, store=without_password(settings.database_url)))


def make_installation(session: Session) -> None:
    """What ``init`` does."""
    from registry.store import upgrade  # loads Alembic: half a second
    from registry.store.engine import open_engines

    settings = session.settings
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    engines = open_engines(settings.database_url)
    try:
        upgrade.upgrade(engines.write)
    finally:
        engines.dispose()
    for reference in settings.secrets.references:
        session.keyring.key(reference)
