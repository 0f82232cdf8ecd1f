"""What the libraries and the servers report, as failures sorted by consequence."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
import urllib3

from config.settings import Http
from harvester.errors import FatalFailure, HarvestFailure, ProtocolFailure, TransportFailure
from registry.model.issue import Text

_CERTIFICATE = Text(
    "TLS 证书校验失败：{reason}。请对方更新证书，或为来源配置其证书颁发机构。",
    "the TLS certificate does not verify: {reason}. Its owner must renew it, or the source needs the bundle "
    "of the authority that issued it.",
)
_TLS = Text("TLS 连接失败", "TLS could not be agreed on")
_CONNECTION = Text("连接中断或超时", "the connection failed, broke off or timed out")
_MALFORMED = Text("响应头不符合 HTTP 规范", "the header of the answer is not HTTP")
_BAD_URL = Text("地址无效", "not an address that can be asked")
_BUSY = Text("对方暂时无法服务（HTTP {status}）", "the source cannot serve now (HTTP {status})")
_REJECTED = Text(
    "对方拒绝访问（HTTP {status}），请检查来源的凭据",
    "access was rejected (HTTP {status}); check the credentials",
)
_UNEXPECTED = Text("对方返回 HTTP {status}", "the source answered HTTP {status}")

_TRY_LATER = frozenset({408, 425, 429})
_ACCESS = frozenset({401, 403, 407, 511})
_BAD_QUESTIONS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
    urllib3.exceptions.LocationParseError,
)


@contextmanager
def told() -> Iterator[None]:
    """Tell failures of requests, urllib3, TLS and sockets as a ``HarvestFailure``."""
    try:
        yield
    except HarvestFailure:
        raise
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _of_exception(error) from error
    except UnicodeError as error:  # a host name that no name server could know
        raise FatalFailure(_BAD_URL) from error


def _of_exception(error: Exception) -> HarvestFailure:
    if any(isinstance(cause, urllib3.exceptions.InvalidHeader) for cause in _causes(error)):
        return ProtocolFailure(_MALFORMED)  # two lengths that contradict each other
    if isinstance(error, _BAD_QUESTIONS):
        return FatalFailure(_BAD_URL)
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return FatalFailure(_CERTIFICATE.format(reason=cause.verify_message))
        if isinstance(cause, ssl.SSLError):
            return TransportFailure(_TLS)
        if isinstance(cause, http.client.HTTPException) and not isinstance(
            cause, http.client.RemoteDisconnected | http.client.IncompleteRead
        ):
            return ProtocolFailure(_MALFORMED)
    return TransportFailure(_CONNECTION)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """``error`` and everything it was made from; the libraries hide it in several places."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        each = waiting.pop(0)
        if each in seen:
            continue
        seen.append(each)
        yield each
        hidden = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        waiting.extend(one for one in hidden if isinstance(one, BaseException))


def of_status(response: requests.Response, limits: Http, now: datetime) -> HarvestFailure:
    """The failure that a status other than 200 and 304 stands for."""
    status = response.status_code
    if status in _TRY_LATER or status >= 500:
        after = retry_after(response.headers.get("Retry-After", ""), limits, now)
        return TransportFailure(_BUSY.format(status=status), after)
    if status in _ACCESS:
        return FatalFailure(_REJECTED.format(status=status))
    return ProtocolFailure(_UNEXPECTED.format(status=status))


def retry_after(value: str, limits: Http, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` field (RFC 9110, 10.2.3) asks for, clamped; None where it says nothing
    that can be understood."""
    text = value.strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text[:12])
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, limits.retry_after_min_seconds), limits.retry_after_max_seconds)
