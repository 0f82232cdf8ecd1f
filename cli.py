"""``mulu``: where the halves are put together. The only module that every part of the program meets in, and
with ``config.load`` the only reader of the real clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from random import SystemRandom

import click
from msgspec.structs import replace
from sqlalchemy.exc import DBAPIError

from config import load, logs
from config.load import SettingsError
from config.secrets import SecretError
from config.settings import LogLevel, Settings
from demo import people, sample
from demo.process import running_sample
from harvester.commands import demo, doctor, harvest, importing, probe, validate, work
from harvester.commands.bridge import Bridge
from harvester.commands.demo_sample import Sample
from harvester.errors import HarvestFailure
from registry.commands import (
    accounts,
    audit,
    database,
    entries,
    finding,
    init,
    keys,
    registers,
    runs,
    serve,
    source_contacts,
    source_life,
    sources,
    verify,
)
from registry.commands.failures import Telling
from registry.commands.session import Session, acting
from registry.errors import RegistryError
from registry.model.issue import Text


@click.group(cls=Telling, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="mulu", message="%(prog)s %(version)s")
@acting
def mulu() -> None:
    """Harvest catalogue metadata, check it, and merge it upward through municipal, provincial and national
    registers.

    \b
    To look at it:           mulu demo
    To begin:                mulu init
    A source of one's own:   mulu register add, mulu source add, submit, approve; mulu harvest SOURCE

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 invalid data, 4 held for a person, or only a part came (of
    doctor: warnings only).
    """


mulu.failures = (RegistryError, HarvestFailure, SettingsError, SecretError)
mulu.foreign = {
    DBAPIError: Text(
        zh="目录库未按预期应答({reason})；请用 mulu db check 检查，用 mulu db upgrade 升级。",
        en="the store did not answer as expected ({reason}); see `mulu db check`, and `mulu db upgrade`.",
    ),
    OSError: Text(zh="{reason}", en="{reason}"),
}

_SAMPLE = Sample(
    registers=sample.registers(),
    sources=sample.sources(),
    people=people.PEOPLE,
    administrator=people.ADMINISTRATOR,
    submitter=people.REGISTRAR,
    officer=people.OFFICER,
    operator=people.OPERATOR,
    approver=people.REVIEWER,
    situations=sample.situations,
    preferred_port=sample.PREFERRED_PORT,
    running=running_sample,
)

for _verb in (*source_life.COMMANDS, source_contacts.contact, probe.probe):
    sources.source.add_command(_verb)
for _command in (
    demo.demo_command(_SAMPLE),
    init.init,
    registers.register,
    sources.source,
    harvest.harvest,
    runs.run,
    entries.entry,
    finding.search,
    finding.export,
    validate.validate,
    importing.import_files,
    accounts.account,
    keys.key,
    audit.audit,
    verify.verify,
    doctor.doctor,
    database.db,
    serve.serve,
    work.work,
):
    mulu.add_command(_command)


def settings_of(session: Session) -> Settings:
    """The settings of the session's installation; log lines go to standard error from here on.

    A command tells warnings only, unless ``log.level`` was set: its result is on standard output.
    """
    settings = load.load(session.home, overrides=session.overrides)
    quiet = not session.tells_all and settings.log.level is LogLevel.INFO
    logs.configure(replace(settings.log, level=LogLevel.WARNING) if quiet else settings.log)
    return settings


def now() -> datetime:
    """The time of this machine, aware, UTC."""
    return datetime.now(UTC)


def new_session() -> Session:
    """What one call of ``mulu`` begins with."""
    return Session(
        load=settings_of,
        keyring_of=load.keyring,
        clock=now,
        harvester=Bridge(time.sleep, SystemRandom()),
        serve=serve.serve_forever,
        language=load.language(),
    )


def main() -> None:
    """The console script."""
    mulu(obj=new_session())


if __name__ == "__main__":
    main()
