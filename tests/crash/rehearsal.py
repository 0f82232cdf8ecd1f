"""Imported by the process from which drivers are forked: one harvest in a throwaway store.

Every driver inherits what is warm then (modules, SQLAlchemy's memoized expressions), and costs half as much.
"""

from __future__ import annotations

from multiprocessing import Pipe
from pathlib import Path
from tempfile import TemporaryDirectory

from registry.store.engine import open_engines
from tests.crash import driver
from tests.crash.household import BUILDING, Household
from tests.databases import create_tables


def rehearse() -> None:
    """Harvest the building list into a store that is deleted afterwards."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        database = f"sqlite:///{folder / 'rehearsal.sqlite3'}"
        create_tables(database)
        engines = open_engines(database)
        household = Household.found(engines, database, folder, size=3)
        household.order(BUILDING, full=True)
        ours, theirs = Pipe()
        driver.main(household.errand(), theirs)
        ours.close()
        theirs.close()
        household.close()
        engines.dispose()


rehearse()
open_engines("postgresql+psycopg://").dispose()  # loads the driver; connects nowhere
