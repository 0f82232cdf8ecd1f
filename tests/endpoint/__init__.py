"""A scriptable municipality over real loopback sockets.

    with Endpoint(sample_records(25), faults=["token-loop"]) as city:
        fetch(city.oai_url); fetch(city.list_url)

:mod:`records` what it tells · :mod:`provider` OAI-PMH 2.0 over it · :mod:`exchange` a request and its answer ·
:mod:`faults` the table of what can go wrong with them · :mod:`server` the sockets · :mod:`tls` its
certificates. How to play one by hand: ``README.md`` beside this file.
"""

from tests.endpoint.exchange import Fault, Level, Visit
from tests.endpoint.faults import FAULTS, NO_FAULTS, read_play
from tests.endpoint.records import (
    Record,
    catalogue_record,
    catalogue_records,
    dublin_core,
    earlier,
    plain_list,
    sample_records,
)
from tests.endpoint.server import Endpoint, loopback

__all__ = [
    "FAULTS",
    "NO_FAULTS",
    "Endpoint",
    "Fault",
    "Level",
    "Record",
    "Visit",
    "catalogue_record",
    "catalogue_records",
    "dublin_core",
    "earlier",
    "loopback",
    "plain_list",
    "read_play",
    "sample_records",
]
