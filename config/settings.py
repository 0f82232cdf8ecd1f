"""Every setting of an installation, frozen, with its unit in its name and its default.

A section is one struct; ``MULU_<SECTION>_<KEY>`` sets one value from the environment. ``default.toml``
lists the same defaults with a word on each (a test keeps the two equal); ``docs/threat-model.md`` says
what the limits are there to stop.
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from msgspec import Meta

from config.oidc import Oidc
from config.section import GB, KB, MB, Bytes, Count, Percent, Port, Seconds, Section, check_reference


class Database(Section, frozen=True):
    """Where the store is. An empty ``url`` means the embedded store: SQLite in the home folder."""

    url: str = ""
    pool_size: Count = 8  # pooled connections of one process

    def __post_init__(self) -> None:
        if self.url and urlsplit(self.url).scheme.partition("+")[0] not in ("sqlite", "postgresql"):
            raise ValueError("expected sqlite:///… or postgresql+psycopg://…")


class Http(Section, frozen=True):
    """What a request to an endpoint may cost. Every limit is tested at its boundary ± 1."""

    connect_seconds: Seconds = 10
    gap_seconds: Seconds = 15  # between two pieces of an answer
    headers_seconds: Seconds = 20
    headers_bytes: Bytes = 64 * KB
    response_seconds: Seconds = 120  # the whole answer, by the wall clock
    minimum_rate_bytes: Bytes = 1 * KB  # a second, over rate_window_seconds
    rate_window_seconds: Seconds = 30
    page_wire_bytes: Bytes = 16 * MB
    page_inflated_bytes: Bytes = 64 * MB
    inflation_ratio: Count = 100
    inflation_grace_bytes: Bytes = 1 * MB  # the ratio counts only beyond this many
    list_bytes: Bytes = 2 * GB  # a plain list, which is streamed
    list_seconds: Seconds = 900  # response_seconds for such a list
    uri_characters: Count = 2048
    redirects: Annotated[int, Meta(ge=0, le=10)] = 3
    retries: Annotated[int, Meta(ge=0, le=10)] = 3
    retry_after_min_seconds: Seconds = 1
    retry_after_max_seconds: Seconds = 6 * 3600
    connections_per_host: Count = 2  # host: scheme, name and port
    proxy: str = ""  # http://host:port asks endpoints on our behalf; empty: ask them directly


class Networks(Section, frozen=True):
    """Address ranges (CIDR) that endpoints may live in although they are not public ones."""

    allowed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for each in self.allowed:
            ip_network(each)


class Child(Section, frozen=True):
    """What the disposable process that reads untrusted XML may use (``harvester.sandbox``)."""

    memory_bytes: Bytes = 1 * GB
    cpu_seconds: Count = 30  # for one answer, and cpu_seconds_per_record more for each record
    cpu_seconds_per_record: Seconds = 0.002
    silence_seconds: Seconds = 120  # without progress, by the wall clock
    start_seconds: Seconds = 60
    batch_records: Count = 500  # handed to the parent at once
    batch_bytes: Bytes = 1 * MB
    answer_records: Count = 1_000_000  # of one answer
    tree_nodes: Count = 500_000  # elements and attributes of an answer in memory at once
    tree_bytes: Bytes = 64 * MB  # the same, by the bytes that they came in
    record_bytes: Bytes = 256 * KB  # a longer record is refused, as is one
    record_depth: Count = 64  # with elements nested deeper,
    record_attributes: Count = 64  # with more attributes on one element,
    text_bytes: Bytes = 1 * MB  # or with a longer text
    answers: Count = 1000  # read by one child before a fresh one takes over
    lifetime_bytes: Bytes = 1 * GB  # the same, by what it has read


class Harvest(Section, frozen=True):
    """How a walk over a source goes on and ends."""

    overlap_seconds: Annotated[int, Meta(ge=0)] = 600  # a window begins this much before the last answer
    full_days: Count = 7  # every so often the whole list is asked for
    backoff_max_seconds: Seconds = 24 * 3600
    workers: Annotated[int, Meta(ge=1, le=64)] = 2  # orders at once beside `mulu serve`; a child process each
    list_records: Count = 1_000_000  # of one list, and
    list_pages: Count = 100_000  # answers to it, after which the walk ends
    idle_pages: Count = 3  # in a row that bring nothing new end it, too
    salvage_records: Annotated[int, Meta(ge=0)] = 200  # that one run asks for one by one
    kept_bytes: Annotated[int, Meta(ge=0)] = 64 * MB  # of answers that one run could not read
    run_issues: Count = 1000  # of one code that one run keeps; more are only counted
    refused_bytes: Annotated[int, Meta(ge=0)] = 64 * MB  # of refused records that one run keeps


class Deliveries(Section, frozen=True):
    """What offices without an endpoint may hand in through the console."""

    file_bytes: Bytes = 16 * MB
    waiting: Count = 20  # deliveries of one source that are neither read nor discarded


class LaneRules(Section, frozen=True):
    """How workers are shared while more is to be done than they can (docs/operations.md, Slow sources)."""

    slow_percent: Annotated[int, Meta(ge=1, le=100)] = 25  # of the workers, for sources that fail or stall
    stall_seconds: Seconds = 3  # a source that is silent for longer gives its worker to others who wait
    turn_seconds: Seconds = 60  # one that answers well goes on later, where others wait


class Brake(Section, frozen=True):
    """When a run is held for a person instead of being settled, and when absence deletes.

    A register keeps the numbers that stood here when it was made.
    """

    vanish_floor: Annotated[int, Meta(ge=0)] = 2  # held beyond max(this, vanish_percent of the live records)
    vanish_percent: Percent = 10
    vanish_ceiling: Count = 5000
    vanish_days: Count = 7  # vanished records are summed over this time
    rewrite_from: Count = 20  # smaller sources are not held for rewriting
    growth_factor: Count = 10
    absence_hours: Annotated[int, Meta(ge=0)] = 24  # between the two runs that must miss a record


class Schedule(Section, frozen=True):
    """The one tick that looks for what is due. Days are days in ``time_zone``."""

    tick_seconds: Seconds = 30
    time_zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError) as failure:
            raise ValueError("expected an IANA time zone such as Asia/Shanghai") from failure


class Lease(Section, frozen=True):
    """How long a worker owns what it claimed without renewing."""

    seconds: Seconds = 60


class Pages(Section, frozen=True):
    """How many entries one answer of an outlet carries."""

    outlet: Annotated[int, Meta(ge=1, le=1000)] = 500


class Web(Section, frozen=True):
    """The server. ``public_url`` is what readers see it under; empty: http://host:port."""

    host: str = "127.0.0.1"
    port: Port = 8340
    public_url: str = ""
    threads: Count = 8
    request_bytes: Bytes = 1 * MB
    admin_email: str = "registry@example.org"  # for Identify (OAI-PMH 4.2)
    proxies: Annotated[int, Meta(ge=0, le=9)] = 0  # reverse proxies in front whose X-Forwarded-* is believed

    def __post_init__(self) -> None:
        if self.public_url and urlsplit(self.public_url).scheme not in ("http", "https"):
            raise ValueError("public_url begins with http:// or https://")


class Session(Section, frozen=True):
    """Signing in to the console: how often it may fail before one has to wait, and how long a session lasts."""

    window_minutes: Count = 15  # failures are counted over this time, from the first one
    account_failures: Count = 5
    address_failures: Count = 50  # an office behind one address has many people
    idle_minutes: Count = 60
    longest_hours: Count = 12
    key_days: Count = 366  # so long at most lasts a key of an API


class Mail(Section, frozen=True):
    """Where notifications are handed over as mails (SMTP). An empty ``host`` means that none are sent."""

    host: str = ""
    port: Port = 25
    starttls: bool = True
    ca_bundle: str = ""  # reference to certificates that sign the server's; empty: those of the system
    sender: str = ""  # the address that mails come from
    credentials: str = ""  # reference to user:password; empty: none are asked for
    timeout_seconds: Seconds = 30
    attempts: Count = 8  # each later than the one before: after a minute, two, four …

    def __post_init__(self) -> None:
        if self.host and "@" not in self.sender:
            raise ValueError("mail.sender is the address that mails come from")
        for each in (self.ca_bundle, self.credentials):
            if each:
                check_reference(each)


class Secrets(Section, frozen=True):
    """References to keys, never the keys: ``file:NAME`` below ``<home>/secrets``, or ``env:NAME``."""

    token_key: str = "file:token.key"  # signs resumption tokens  # noqa: S105 (a reference)
    archive_key: str = "file:archive.key"  # keys the digests of raw bytes
    session_key: str = "file:session.key"  # signs the cookies of the console
    audit_key: str = "file:audit.key"  # signs the seals over the book of acts

    @property
    def references(self) -> tuple[str, ...]:
        """All of them."""
        return (self.token_key, self.archive_key, self.session_key, self.audit_key)

    def __post_init__(self) -> None:
        for each in self.references:
            check_reference(each)


class Queue(Section, frozen=True):
    """The broker that hands orders to workers on several hosts (``mulu work``).

    An empty ``url`` means that ``mulu serve`` harvests by itself. Installations that share a broker have a
    ``name`` each.
    """

    url: str = ""
    name: str = "mulu.orders"


class LogFormat(StrEnum):
    """How a log line is written."""

    KEY_VALUE = "key-value"
    JSON = "json"


class LogLevel(StrEnum):
    """The least serious line that is still written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Log(Section, frozen=True):
    """Logging goes to standard error."""

    format: LogFormat = LogFormat.KEY_VALUE
    level: LogLevel = LogLevel.INFO


class Settings(Section, frozen=True):
    """All settings of one installation. ``home`` holds the embedded store, secrets and ``mulu.toml``."""

    home: Path
    database: Database = Database()
    http: Http = Http()
    networks: Networks = Networks()
    child: Child = Child()
    harvest: Harvest = Harvest()
    deliveries: Deliveries = Deliveries()
    lanes: LaneRules = LaneRules()
    brake: Brake = Brake()
    schedule: Schedule = Schedule()
    lease: Lease = Lease()
    pages: Pages = Pages()
    web: Web = Web()
    session: Session = Session()
    oidc: Oidc = Oidc()
    mail: Mail = Mail()
    secrets: Secrets = Secrets()
    queue: Queue = Queue()
    log: Log = Log()

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the store; SQLite in the home folder unless one is set."""
        return self.database.url or f"sqlite:///{self.home / 'mulu.sqlite3'}"

    @property
    def public_url(self) -> str:
        """The URL that readers see the server under, without a slash at its end."""
        return (self.web.public_url or f"http://{self.web.host}:{self.web.port}").rstrip("/")
