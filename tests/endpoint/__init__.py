"""A scriptable municipality over real loopback sockets.

    with Endpoint(sample_records(25), faults=["token-loop"]) as city:
        fetch(city.oai_url); fetch(city.list_url)

:mod:`records` what it tells · :mod:`provider` OAI-PMH 2.0 over it · :mod:`exchange` a request and its answer ·
:mod:`faults` the table of what can go wrong with them · :mod:`server` the sockets · :mod:`tls` its
certificates. By hand::

    python -m tests.endpoint --play token-loop --port 8341
    python -m tests.endpoint --list
"""

from tests.endpoint.exchange import Fault, Level, Visit
from tests.endpoint.faults import FAULTS
from tests.endpoint.records import Record, dublin_core, plain_list, sample_records
from tests.endpoint.server import Endpoint, loopback

__all__ = [
    "FAULTS",
    "Endpoint",
    "Fault",
    "Level",
    "Record",
    "Visit",
    "dublin_core",
    "loopback",
    "plain_list",
    "sample_records",
]
