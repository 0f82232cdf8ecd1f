"""``mulu demo``: an installation filled from a sample, harvested upward, shown and served.

The sample itself stands apart (``demo/``); ``cli.py`` hands it in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from harvester.commands.bridge import Bridge, pass_bridge
from harvester.commands.demo_people import PASSWORDS, PROGRAM, acting_as, make_people
from harvester.commands.demo_sample import Sample, described
from harvester.commands.demo_situations import Stage
from harvester.commands.harvest import exit_code, remark_failures, row_of
from harvester.commands.progress import progress
from harvester.commands.summary import summaries
from harvester.commands.waiting import Ended, carry_out
from harvester.worker import Worker
from registry.commands.init import make_installation
from registry.commands.output import column, json_option, print_json, print_listing, remark
from registry.commands.serve import require_free_address
from registry.commands.session import Session, pass_session, reading
from registry.errors import Conflict
from registry.model.issue import Text
from registry.model.lifecycle import SourceAction
from registry.model.register import Level
from registry.model.role import Role
from registry.model.source import Protocol as SourceProtocol
from registry.model.source import SourceStatus
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
_PEOPLE = (
    column("name", "账号", "account"),
    column("password", "密码", "password"),
    column("role", "角色", "role"),
    column("register", "登记册", "register"),
    column("full_name", "姓名", "full name"),
)
_URLS = Text(
    zh="打开:\n  {public}/admin/(账号与密码见上表，亦存于 {people})\n  {public}/oai/000000?verb=Identify\n"
    "  {public}/oai/000000?verb=ListRecords&metadataPrefix=oai_dc\n"
    "  {public}/oai/330000?verb=ListSets\n  {public}/healthz\n"
    "示例发布端：{sample}/",
    en="Open:\n  {public}/admin/ (accounts and passwords as above, also in {people})\n"
    "  {public}/oai/000000?verb=Identify\n"
    "  {public}/oai/000000?verb=ListRecords&metadataPrefix=oai_dc\n"
    "  {public}/oai/330000?verb=ListSets\n  {public}/healthz\n"
    "The sample's endpoints: {sample}/",
)
_PORT_TAKEN = Text(
    zh="示例端口 {port} 已被占用({reason})。{home} 中的来源指向该端口：请停止占用它的程序，或换一个 --home。",
    en="the sample's port {port} is taken ({reason}). The sources in {home} point at it: stop what uses it, "
    "or take another --home.",
)
_PORT_FILE = "sample.port"
_THREADS = 2


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
        if not once:
            require_free_address(session)
        _make_registers(session, sample)
        passwords = make_people(session, sample)
        with _endpoints(session, sample) as url:
            _set_up(session, sample, url)
            stage = Stage(session, sample, url)
            with bridge.worker(session, threads=_THREADS) as worker:
                ended = _harvest(session, sample, worker, stage.prepare())
                rows = summaries(session, ended)
                stage.perform(worker)
            if as_json:
                print_json({"registers": rows})
            else:
                print_listing(session, rows, _COLUMNS, as_json=False)
            remark_failures(session, [row_of(each) for each in ended])
            if not once:
                if not as_json:
                    click.echo()
                    print_listing(session, _people(sample, passwords), _PEOPLE, as_json=False)
                remark(session, _addresses(session, url))
                session.serve(session)
        click.get_current_context().exit(exit_code([row_of(each) for each in ended]))

    return demo


def _addresses(session: Session, url: str) -> Text:
    settings = session.settings
    return _URLS.format(public=settings.public_url, sample=url, people=settings.home / PASSWORDS)


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
    """Create what is not there yet; have every source submitted by one person and approved by another."""
    engine, now = session.engines.write, session.clock()
    submitter, approver = acting_as(session, sample.submitter), acting_as(session, sample.approver)
    with session.engines.read.connect() as connection:
        statuses = {each.code: each.status for each in sources.listed(connection, limit=100_000)}
    for source in sample.sources:
        status = statuses.get(source.code)
        if status is None:
            outside = SourceProtocol(source.protocol) is not SourceProtocol.REGISTER
            location = url + source.location if outside else source.location
            registration.add_source(engine, described(source, location), actor=submitter, now=now)
            status = SourceStatus.DRAFT
        if status is SourceStatus.DRAFT:
            registration.act(engine, source.code, SourceAction.SUBMIT, actor=submitter, now=now)
            registration.act(engine, source.code, SourceAction.APPROVE, actor=approver, now=now)


def _make_registers(session: Session, sample: Sample) -> None:
    """Create the registers that are not there yet: before people, whose roles name them."""
    engine, now = session.engines.write, session.clock()
    with session.engines.read.connect() as connection:
        known = {each.code for each in registers.listed(connection)}
    for register in sample.registers:
        if register.code not in known:
            registration.create_register(
                engine,
                code=register.code,
                name=register.name,
                level=Level(register.level),
                division=register.division,
                actor=PROGRAM,
                now=now,
            )


def _harvest(session: Session, sample: Sample, worker: Worker, besides: Sequence[str]) -> list[Ended]:
    """Harvest every endpoint, and let the registers above read what that brings."""
    operator = acting_as(session, sample.operator)
    endpoints = [each.code for each in sample.sources if each.protocol != SourceProtocol.REGISTER]
    placed = [
        ordering.order_harvest(session.engines.write, code, full=False, actor=operator, now=session.clock())
        for code in (*endpoints, *besides)
    ]
    with progress(session, len(sample.sources) + len(besides)) as tell:
        return carry_out(worker, placed, threads=_THREADS, tell=tell)


def _people(sample: Sample, known: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "name": person.name,
            "password": known[person.name],
            "full_name": person.full_name,
            "role": Role(person.role),
            "register": person.register_code or "*",
        }
        for person in sample.people
        if person.name in known
    ]
