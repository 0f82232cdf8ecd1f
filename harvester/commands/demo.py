"""``mulu demo``: an installation filled from a sample, harvested upward, shown and served.

The sample itself stands apart (``demo/``); ``cli.py`` hands it in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Protocol

import click

from harvester.commands.bridge import Bridge, pass_bridge
from harvester.commands.harvest import exit_code, row_of
from harvester.commands.progress import progress
from harvester.commands.summary import summaries
from harvester.commands.waiting import Ended, carry_out
from registry.commands.init import make_installation
from registry.commands.output import column, json_option, print_json, print_listing, remark
from registry.commands.session import Session, pass_session, reading
from registry.errors import Conflict
from registry.model.event import Actor
from registry.model.issue import Text
from registry.model.lifecycle import SourceAction
from registry.model.register import Level
from registry.model.source import Protocol as SourceProtocol
from registry.model.source import SourceScope, SourceStatus
from registry.services import ordering, registration
from registry.store import registers, sources

_COLUMNS = (
    column("code", "登记册", "register"),
    column("name", "名称", "name"),
    column("level", "级别", "level"),
    column("sources", "来源", "sources", right=True),
    column("received", "收到", "received", right=True),
    column("accepted", "合格", "accepted", right=True),
    column("refused", "不合格", "refused", right=True),
    column("entries", "条目", "entries", right=True),
    column("last_sequence", "最新序号", "last sequence", right=True),
    column("verdict", "完整性", "verdict"),
    column("seconds", "秒", "seconds", right=True),
)
_URLS = Text(
    zh="打开:\n  {public}/oai/000000?verb=Identify\n"
    "  {public}/oai/000000?verb=ListRecords&metadataPrefix=oai_dc\n"
    "  {public}/oai/330000?verb=ListSets\n  {public}/healthz\n"
    "示例发布端:{sample}/",
    en="Open:\n  {public}/oai/000000?verb=Identify\n"
    "  {public}/oai/000000?verb=ListRecords&metadataPrefix=oai_dc\n"
    "  {public}/oai/330000?verb=ListSets\n  {public}/healthz\n"
    "The sample's endpoints: {sample}/",
)
_PORT_TAKEN = Text(
    zh="示例端口 {port} 已被占用({reason})。{home} 中的来源指向该端口:请停止占用它的程序,或换一个 --home。",
    en="the sample's port {port} is taken ({reason}). The sources in {home} point at it: stop what uses it, "
    "or take another --home.",
)
_PORT_FILE = "sample.port"
_LOOPBACK = "127.0.0.1/32"
_THREADS = 2


class SampleRegister(Protocol):
    """A register of the sample. ``level``: a member of ``registry.model.register.Level``."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def division(self) -> str: ...


class SampleSource(Protocol):
    """A source of the sample. ``location``: a path below the sample's URL, or the code of a register."""

    @property
    def code(self) -> str: ...
    @property
    def register_code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def protocol(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def metadata_prefix(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def identifier_prefixes(self) -> tuple[str, ...]: ...
    @property
    def divisions(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample: what to create, who submits and approves it, and how its endpoints are run at a port."""

    registers: Sequence[SampleRegister]
    sources: Sequence[SampleSource]
    submitter: str
    approver: str
    preferred_port: int
    running: Callable[[int], AbstractContextManager[str]]


def demo_command(sample: Sample) -> click.Command:
    """``mulu demo`` with this sample."""

    @click.command()
    @click.option("--once", is_flag=True, help="End after the table instead of serving.")
    @click.option("--port", type=click.IntRange(0, 65535), help="Port to serve the registers at.")
    @json_option
    @reading
    @pass_session
    @pass_bridge
    def demo(bridge: Bridge, session: Session, once: bool, port: int | None, as_json: bool) -> None:
        """Fill an installation from a sample, harvest it upward, and serve it until Ctrl-C.

        Two provinces, fifteen cities and a county publish construction catalogues on this machine. Run
        again on the same folder, nothing changes: no sequence moves.

        \b
        Examples:
          mulu demo
          mulu demo --once --json --home /tmp/mulu-demo
        """
        session.overrides["web.port"] = port
        make_installation(session)
        with _endpoints(session, sample) as url:
            _set_up(session, sample, url)
            ended = _harvest(session, bridge, sample)
            rows = summaries(session, ended)
            if as_json:
                print_json({"registers": rows})
            else:
                print_listing(session, rows, _COLUMNS, as_json=False)
            if not once:
                remark(session, _URLS.format(public=session.settings.public_url, sample=url))
                session.serve(session)
        click.get_current_context().exit(exit_code([row_of(each) for each in ended]))

    return demo


@contextmanager
def _endpoints(session: Session, sample: Sample) -> Iterator[str]:
    """The running endpoints at the port that this installation keeps for them; their URL."""
    kept = session.settings.home / _PORT_FILE
    ports = (int(kept.read_text()),) if kept.is_file() else (sample.preferred_port, 0)
    with ExitStack() as stack:
        url = _start(session, stack, sample, ports)
        kept.write_text(url.rpartition(":")[2])
        yield url


def _start(session: Session, stack: ExitStack, sample: Sample, ports: Sequence[int]) -> str:
    """Run the endpoints at the first of ``ports`` that is free. Raises ``Conflict`` where none is."""
    reasons = []
    for port in ports:
        try:
            return stack.enter_context(sample.running(port))
        except OSError as failure:
            reasons.append(str(failure))
    home = session.settings.home
    raise Conflict(_PORT_TAKEN.format(port=ports[0], reason="; ".join(reasons), home=home))


def _set_up(session: Session, sample: Sample, url: str) -> None:
    """Create what is not there yet; have every source submitted by one actor and approved by the other."""
    engine, now = session.engines.write, session.clock()
    submitter, approver = Actor(sample.submitter), Actor(sample.approver)
    with session.engines.read.connect() as connection:
        known = {each.code for each in registers.listed(connection)}
        statuses = {each.code: each.status for each in sources.listed(connection, limit=100_000)}
    for register in sample.registers:
        if register.code in known:
            continue
        registration.create_register(
            engine,
            code=register.code,
            name=register.name,
            level=Level(register.level),
            division=register.division,
            actor=submitter,
            now=now,
        )
    for source in sample.sources:
        status = statuses.get(source.code)
        if status is None:
            registration.add_source(engine, _described(source, url), actor=submitter, now=now)
            status = SourceStatus.DRAFT
        if status is SourceStatus.DRAFT:
            registration.act(engine, source.code, SourceAction.SUBMIT, actor=submitter, now=now)
            registration.act(engine, source.code, SourceAction.APPROVE, actor=approver, now=now)


def _described(source: SampleSource, url: str) -> registration.NewSource:
    protocol = SourceProtocol(source.protocol)
    outside = protocol is not SourceProtocol.REGISTER
    return registration.NewSource(
        code=source.code,
        register_code=source.register_code,
        name=source.name,
        protocol=protocol,
        location=url + source.location if outside else source.location,
        metadata_prefix=source.metadata_prefix,
        namespace=source.namespace,
        scope=SourceScope(source.identifier_prefixes, source.divisions),
        schedule="every 15m" if outside else "",
        allowed_networks=(_LOOPBACK,) if outside else (),
    )


def _harvest(session: Session, bridge: Bridge, sample: Sample) -> list[Ended]:
    """Harvest every endpoint, and let the registers above read what that brings."""
    placed = [
        ordering.order_harvest(
            session.engines.write, source.code, full=False, actor=Actor(sample.submitter), now=session.clock()
        )
        for source in sample.sources
        if source.protocol != SourceProtocol.REGISTER
    ]
    with bridge.worker(session, threads=_THREADS) as worker, progress(session, len(sample.sources)) as tell:
        return carry_out(worker, placed, threads=_THREADS, tell=tell)
