"""``mulu serve``: publish the registers over HTTP, and harvest what is due."""

from __future__ import annotations

import os
import platform
import secrets
import signal
from contextlib import nullcontext
from types import FrameType
from typing import Any

import click

from registry.commands.audit import signing_key
from registry.commands.beside import Beside
from registry.commands.output import remark
from registry.commands.session import Session, pass_session, reading
from registry.errors import Conflict
from registry.model.issue import Text

_SERVING = Text(
    zh="服务地址：{url}，管理台：{url}/admin/(Ctrl-C 停止)。",
    en="serving at {url}, the console at {url}/admin/ (Ctrl-C stops).",
)
_PORT_TAKEN = Text(
    zh="无法监听 {host}:{port}({reason})；请用 --port 另选端口。",
    en="cannot listen at {host}:{port} ({reason}); choose another with --port.",
)


@click.command("serve")
@click.option("--host", help="Address to listen at (default: web.host).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen at (default: web.port).")
@click.option("--no-harvest", is_flag=True, help="Serve only; another process harvests.")
@reading
@pass_session
def serve(session: Session, host: str | None, port: int | None, no_harvest: bool) -> None:
    """Serve the registers (OAI-PMH at /oai/CODE, /healthz) and the console (/admin/), and harvest what is due.

    Ends cleanly on SIGTERM and Ctrl-C: walks stop at a checkpoint and go on there next time.

    \b
    Example:
      mulu serve --home /var/lib/mulu --port 8340
    """
    session.overrides |= {"web.host": host, "web.port": port}
    session.tells_all = True
    session.require_store()
    serve_forever(session, harvests=not no_harvest)


def require_free_address(session: Session) -> None:
    """Raise ``Conflict`` where another program listens already at the address at which this one is to serve."""
    from waitress.wasyncore import close_all

    opened: dict[int, Any] = {}
    _listening(session, lambda _environ, _start: (), opened)
    close_all(opened, ignore_all=True)


def _listening(session: Session, app: Any, opened: dict[int, Any]) -> Any:
    """A server of ``app`` that listens; what it opens is ``opened``. Raises ``Conflict`` where the address is taken."""
    from waitress.server import create_server
    from waitress.wasyncore import close_all  # a third of a second, which only servers need

    web = session.settings.web
    try:
        return create_server(
            app, map=opened, host=web.host, port=web.port, threads=web.threads, ident=None,
            clear_untrusted_proxy_headers=not web.proxies,  # else the application reads them itself
        )  # fmt: skip
    except OSError as failure:
        close_all(opened, ignore_all=True)
        raise Conflict(_PORT_TAKEN.format(host=web.host, port=web.port, reason=failure.strerror)) from failure


def serve_forever(session: Session, *, harvests: bool = True) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises ``Conflict`` where the address is taken."""
    from registry.web import create_app  # as the server itself, a third of a second that only servers need

    line = session.harvester.line_to_provider(session)
    app = create_app(session.settings, session.engines, session.keyring, session.clock, line)
    server = _listening(session, app, {})
    signal.signal(signal.SIGTERM, _interrupt)
    remark(session, _SERVING.format(url=session.settings.public_url))
    beside = Beside(
        session.engines, signing_key(session), home=session.settings.home, clock=session.clock,
        by_mail=bool(session.settings.mail.host),
        holder=f"{platform.node()}:{os.getpid()}:{secrets.token_hex(4)}",
    )  # fmt: skip
    try:
        with beside, session.harvester.at_work(session) if harvests else nullcontext():
            server.run()
    finally:
        server.close()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
