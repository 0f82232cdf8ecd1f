"""The ledgers of runs: what each found, kept with it or only counted."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, func, select, update

from registry.model.issue import Severity
from registry.model.issue_ledger import Counted, IssueLedger
from registry.store.tables import issues, runs

_c = runs.c


def of_run(connection: Connection, run_id: int) -> IssueLedger:
    """The ledger of a run; of one that has none yet (nothing was found, or it began under an older release), what is
    kept of it."""
    told = connection.execute(select(_c.issue_ledger).where(_c.id == run_id)).scalar_one_or_none()
    if told is not None:
        return msgspec.convert(told, IssueLedger)
    i = issues.c
    query = select(i.code, i.severity, func.count()).where(i.run_id == run_id).group_by(i.code, i.severity)
    rows = connection.execute(query)
    return IssueLedger({code: Counted(Severity(severity), kept) for code, severity, kept in rows})


def keep(connection: Connection, run_id: int, ledger: IssueLedger) -> None:
    """Write the ledger of a run, whose row the caller holds."""
    connection.execute(update(runs).where(_c.id == run_id).values(issue_ledger=ledger))


def only_counted(connection: Connection, of_runs: Any) -> set[str]:
    """The codes of which one of some runs (a query of ids, or ids) found more than it keeps."""
    query = select(_c.issue_ledger).where(_c.id.in_(of_runs), _c.issue_ledger.is_not(None))
    ledgers = (msgspec.convert(told, IssueLedger) for told in connection.scalars(query))
    return {code for ledger in ledgers for code in ledger.only_counted}
