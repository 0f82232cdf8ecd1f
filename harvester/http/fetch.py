"""One GET to an endpoint, from the question to an answer that can be read as a stream."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from config.settings import Http
from harvester.errors import FatalFailure, ProtocolFailure
from harvester.http import failures
from harvester.http.access import Access, Secret, access_of, no_secrets
from harvester.http.budgets import Inflation, Watch
from harvester.http.connection import Passage, check_proxied
from harvester.pulse import Pulse
from registry.model.issue import Text
from registry.model.source import SourceDescription

_PORTS = {"http": 80, "https": 443}
_CODINGS = {"": "identity", "identity": "identity", "gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}
_KEPT_FIELDS = ("Content-Type", "Retry-After")
_VALIDATORS = ("ETag", "Last-Modified")
_FIELD_LENGTH = 1024
_SENT_BACK = re.compile(r"[\x21-\x7e\xa0-\xff][\x20-\x7e\xa0-\xff]{0,1023}")
_PIECE = 1 << 16
_OPEN_ACCESSES = 64
_REDIRECTS = (301, 302, 303, 307, 308)

_BAD_URL = Text("地址无效：{url}", "not an address that can be asked: {url}")
_CODING = Text("不支持的压缩方式：{coding}", "an encoding that was not asked for: {coding}")
_MANY_REDIRECTS = Text("重定向超过 {limit} 次", "more than {limit} redirects")
_OTHER_HOST = Text(
    "被重定向到其他主机或更弱的协议：{url}。如接口已迁移，请更新来源地址并重新审批。",
    "redirected to another host or a weaker scheme: {url}. Where the endpoint has moved, change the "
    "source's address and have it approved again.",
)
_IN_THE_OPEN = Text(
    "来源的凭据不能经代理以明文发送。请改用 https 地址，或不经代理访问该来源。",
    "credentials are not sent through a proxy in the open: use an https address, or ask the source directly.",
)
_UNASKED_304 = Text("未带条件的请求却返回 304", "304 to a request without a condition")


class Question(Protocol):
    """What is asked (``harvester.protocols.base.Request`` is one): a URL, extra header fields, and whether
    the answer is a whole list (streamed, with the larger limits) or one page."""

    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def whole_list(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Policy:
    """How this installation asks. ``allowed_networks``: CIDR ranges that any endpoint may live in beyond
    the public ones. ``proxy``: URL of a proxy that asks for us; it then decides about addresses.
    ``contact``: where the people behind an endpoint can complain (URL or e-mail address)."""

    allowed_networks: tuple[str, ...] = ()
    proxy: str = ""
    contact: str = ""

    @property
    def user_agent(self) -> str:
        return f"Mulu (catalogue harvester; {self.contact})" if self.contact else "Mulu (catalogue harvester)"


@dataclass(frozen=True, slots=True)
class Answer:
    """A header that has arrived and a body that has not. ``status`` is 200, or 304 with no body.

    ``headers``: those of ``Content-Type``, ``ETag``, ``Last-Modified`` and ``Retry-After`` that came,
    under these names; a validator only where it can be sent back as it came.
    """

    status: int
    headers: Mapping[str, str]
    _body: Iterator[bytes] = field(repr=False)

    @property
    def not_modified(self) -> bool:
        """Whether the source says that nothing has changed since ``ETag`` or ``Last-Modified``."""
        return self.status == 304

    def chunks(self) -> Iterator[bytes]:
        """The body, decompressed, once. Raises ``TransportFailure`` where it breaks off or drips,
        ``ProtocolFailure`` where it is too large or not what the header says."""
        with failures.told():
            yield from self._body


class Fetcher:
    """The only way to an endpoint. May be shared by threads.

    ``clock`` tells the time (UTC) for dates in ``Retry-After``; ``secret`` reads what a source's references
    name. How many ask a host at once is not decided here: whoever asks has claimed an order for that host
    (``registry.store.claims``), and an order asks one question after the other.
    """

    def __init__(
        self,
        policy: Policy,
        limits: Http,
        clock: Callable[[], datetime],
        secret: Secret = no_secrets,
    ) -> None:
        self._policy = policy
        self._limits = limits
        self._clock = clock
        self._secret = secret
        # The location of a source is limited to uri_characters; a resumption token of 2 KB comes on top,
        # percent-encoded to three times its length.
        self._longest = 4 * limits.uri_characters
        self._accesses: OrderedDict[tuple[object, ...], Access] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def fetch(
        self, request: Question, source: SourceDescription, pulse: Pulse | None = None
    ) -> Iterator[Answer]:
        """Ask, and hold the connection while the answer is read. ``pulse``: of the walk that asks.

        Raises ``TransportFailure`` (no connection, too slow, 408, 425, 429, 5xx; ``GaveWay`` where the walk
        was told to), ``ProtocolFailure`` (any other status, too large, a redirect astray) or ``FatalFailure``
        (a forbidden address, credentials that are missing or rejected, a certificate that does not verify).
        """
        place = _place(request.url, self._longest)
        if place is None:
            raise FatalFailure(_BAD_URL.format(url=_clean(request.url)))
        access = self._access(source)
        try:
            response, watch = self._follow(request, place, access, pulse or Pulse())
            try:
                yield self._answer(request, response, watch)
            finally:
                response.close()
        except FatalFailure:
            self._forget(source)  # its credentials or certificates may be other ones next time
            raise

    def close(self) -> None:
        """Close the connections that are kept; the next question opens new ones."""
        with self._lock:
            while self._accesses:
                self._accesses.popitem()[1].adapter.close()

    def _access(self, source: SourceDescription) -> Access:
        key = _access_key(source)
        with self._lock:
            if key not in self._accesses:
                networks, connections = self._policy.allowed_networks, self._limits.connections_per_host
                self._accesses[key] = access_of(source, networks, self._secret, connections)
            self._accesses.move_to_end(key)
            if len(self._accesses) > _OPEN_ACCESSES:
                self._accesses.popitem(last=False)[1].adapter.close()
            return self._accesses[key]

    def _forget(self, source: SourceDescription) -> None:
        with self._lock:
            access = self._accesses.pop(_access_key(source), None)
        if access is not None:
            access.adapter.close()

    def _follow(
        self, request: Question, place: SplitResult, access: Access, pulse: Pulse
    ) -> tuple[requests.Response, Watch]:
        """The answer behind up to ``redirects`` redirects, its body unread."""
        for _ in range(self._limits.redirects + 1):
            watch = Watch(self._limits, request.whole_list, pulse)
            response = self._exchange(place.geturl(), request.headers, access, watch)
            target = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or not target:
                return response, watch
            response.close()
            after = _place(_joined(place, target), self._longest)
            if after is None or not _may_redirect(place, after):
                raise ProtocolFailure(_OTHER_HOST.format(url=_clean(target)))
            place = after
        raise ProtocolFailure(_MANY_REDIRECTS.format(limit=self._limits.redirects))

    def _exchange(
        self, url: str, headers: Mapping[str, str], access: Access, watch: Watch
    ) -> requests.Response:
        fields = {
            "User-Agent": self._policy.user_agent,
            "Accept": "text/xml, application/xml;q=0.9, */*;q=0.1",
            "Accept-Encoding": "gzip, deflate",
            **_sendable(headers),
        }
        if access.authorization:
            fields["Authorization"] = access.authorization
        with failures.told():
            prepared = requests.Request("GET", url, headers=fields).prepare()
            if self._policy.proxy:
                _check_proxied(prepared, access)
            passage = Passage(None if self._policy.proxy else access.policy, watch)
            response = access.adapter.exchange(prepared, passage, self._policy.proxy)
            try:
                watch.check_header(response.headers.items())
            except ProtocolFailure:
                response.close()
                raise
            return response

    def _answer(self, request: Question, response: requests.Response, watch: Watch) -> Answer:
        headers = response.headers
        kept = {name: _clean(headers[name]) for name in _KEPT_FIELDS if name in headers}
        kept |= {name: told for name in _VALIDATORS if _can_be_sent_back(told := headers.get(name, ""))}
        if response.status_code == 304:
            if not {"if-none-match", "if-modified-since"} & {
                name.lower() for name in _sendable(request.headers)
            }:
                raise ProtocolFailure(_UNASKED_304)
            return Answer(304, kept, iter(()))
        if response.status_code != 200:
            raise failures.of_status(response, self._limits, self._clock())
        watch.check_announced(headers.get("Content-Length", ""))
        coding = headers.get("Content-Encoding", "").strip().lower()
        if coding not in _CODINGS:
            raise ProtocolFailure(_CODING.format(coding=_clean(coding)))
        payload = response.raw.stream(_PIECE, decode_content=False)
        return Answer(200, kept, Inflation(watch, _CODINGS[coding]).chunks(payload))


def _access_key(source: SourceDescription) -> tuple[object, ...]:
    """What an access depends on. Connections are not lent from one source to another: it may reach less."""
    return (source.code, source.allowed_networks, source.ca_bundle, source.credentials)


def _place(url: str, longest: int) -> SplitResult | None:
    """The parts of a URL that may be asked; None for any other text."""
    if len(url) > longest or re.search(r"[\x00-\x20\x7f\\]", url):
        return None
    try:
        place = urlsplit(url)
        askable = place.scheme in _PORTS and place.hostname and place.port != 0 and "@" not in place.netloc
    except ValueError:
        return None
    return place if askable else None


def _joined(place: SplitResult, target: str) -> str:
    try:
        return urljoin(place.geturl(), target)
    except ValueError:
        return ""


def _check_proxied(request: requests.PreparedRequest, access: Access) -> None:
    """What must not be asked through a proxy. Raises ``FatalFailure``."""
    place = urlsplit(request.url or "")
    check_proxied(place.hostname or "", access.policy)
    if access.authorization and place.scheme != "https":
        raise FatalFailure(_IN_THE_OPEN)


def _port(place: SplitResult) -> int:
    return place.port or _PORTS[place.scheme]


def _may_redirect(before: SplitResult, after: SplitResult) -> bool:
    """Only to the same host, by the same scheme and port, or from http up to https."""
    if before.hostname != after.hostname:
        return False
    if before.scheme == after.scheme:
        return _port(before) == _port(after)
    return (before.scheme, after.scheme) == ("http", "https") and _port(after) in (443, _port(before))


def _can_be_sent_back(validator: str) -> bool:
    """Whether a later question may carry ``validator``: one that is cut, or holds control characters, may not."""
    return _SENT_BACK.fullmatch(validator) is not None


def _sendable(fields: Mapping[str, str]) -> Mapping[str, str]:
    """Those that a question can carry: a validator that was kept once, and cannot be sent, is left out."""
    return {name: value for name, value in fields.items() if _can_be_sent_back(value)}


def _clean(text: str) -> str:
    """A URL or a header field for storing and showing: no control characters, no password, not too long."""
    shown = re.sub(r"//[^/?#]*@", "//…@", text[:_FIELD_LENGTH])
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "�", shown)
