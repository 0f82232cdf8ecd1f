"""What a register or a source may state of itself, asked before it is written."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from registry.errors import Refused
from registry.model.identifier import is_namespace
from registry.model.issue import Text
from registry.model.source import Protocol, SourceDescription
from registry.store import registers
from registry.store.engine import Connection
from schemas.codes import categories, divisions

# Names of parameters as they are in use: key, apiKey, app_key, access_token, clientSecret, passwd; not keyword.
_SECRET = re.compile(
    r"key$|\bkey(?![a-z])|token|secret|passw|pwd|credential|signature", re.IGNORECASE | re.ASCII
)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


_BAD_NAMESPACE = Text(
    zh="命名空间 {namespace!r} 不合规，应形如 jiujiang.gov.cn。",
    en="{namespace!r} is no namespace; it should look like jiujiang.gov.cn.",
)
_NO_NAMESPACE = Text(
    zh="来源 {code} 没有命名空间，无法生成标识符，其记录都会被拒绝；请先用 mulu source amend {code} --namespace 补上。",
    en="the source {code} has no namespace to mint identifiers with: every record of it would be refused. State "
    "one first: `mulu source amend {code} --namespace NAMESPACE`.",
)
_NO_REFERENCE = Text(
    zh="凭据和证书只能以引用形式给出：env:名称 或 file:文件名。",
    en="credentials and certificates are given by reference: env:NAME or file:NAME.",
)
_BAD_NETWORK = Text(
    zh="{network!r} 不是网络(CIDR，如 10.20.0.0/16)。",
    en="{network!r} is no network (CIDR, such as 10.20.0.0/16).",
)
_NO_PLACE = Text(
    zh="在管理台报送的来源没有地址，请留空。",
    en="what is handed in through the console has no address; leave it empty.",
)
_HANDED_IN = "catalogue"
"""The format of tables and forms."""
_ONE_FORMAT = Text(
    zh="在管理台报送的来源只能使用 catalogue 格式。",
    en="what is handed in through the console is in the format `catalogue` only.",
)
_BAD_DIVISION = Text(
    zh="{code} 不是有效的行政区划代码(GB/T 2260)。", en="{code} is no division code (GB/T 2260)."
)


_NO_CATEGORY = Text(
    zh="{code} 不是目录项；应为 project、credit 或其目录项(如 credit:6.2)。",
    en="{code} is no category: project, credit, or an item of theirs (credit:6.2).",
)


def check_source(connection: Connection, stated: SourceDescription) -> None:
    """Raises ``Refused`` for what no source may state, ``NotFound`` for a register that does not exist."""
    check_namespace(stated.namespace)
    check_reference(stated.credentials)
    check_reference(stated.ca_bundle)
    check_location(connection, stated.protocol, stated.location, stated.register_code)
    if stated.protocol is Protocol.CONSOLE and stated.metadata_prefix != _HANDED_IN:
        raise Refused(_ONE_FORMAT)


def check_minting(stated: SourceDescription) -> None:
    """Raises ``Refused`` for a source whose records bring no identifiers of their own, and which has no namespace to
    mint them: every record of it would be refused."""
    if stated.protocol in (Protocol.XML_DOCUMENT, Protocol.FOLDER) and not stated.namespace:
        raise Refused(_NO_NAMESPACE.format(code=stated.code))


def check_namespace(namespace: str) -> None:
    """Raises ``Refused`` for what mints no identifiers (empty: none is needed)."""
    if namespace and not is_namespace(namespace):
        raise Refused(_BAD_NAMESPACE.format(namespace=namespace))


def check_reference(reference: str) -> None:
    """Raises ``Refused`` for a secret where a reference to one should stand."""
    if reference and not reference.startswith(("env:", "file:")):
        raise Refused(_NO_REFERENCE)


def check_networks(networks: Iterable[str]) -> None:
    """Raises ``Refused`` for what is no range of addresses."""
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise Refused(_BAD_NETWORK.format(network=network)) from error


def check_divisions(codes: Iterable[str]) -> None:
    """Raises ``Refused`` for what never was the code of a division."""
    for code in codes:
        if not divisions.is_known(code):
            raise Refused(_BAD_DIVISION.format(code=code))


def check_categories(codes: Iterable[str]) -> None:
    """Raises ``Refused`` for what is no catalogue and no item of one."""
    for code in codes:
        if not categories.is_known(code):
            raise Refused(_NO_CATEGORY.format(code=code))


def check_location(connection: Connection, protocol: Protocol, location: str, register_code: str) -> None:
    """Raises ``Refused`` for where no source of this register can be, ``NotFound`` for a register that is not there."""
    if protocol is Protocol.REGISTER:
        child = registers.get(connection, location)
        if child.code == register_code:
            raise Refused(Text(zh="登记册不能以自己为来源。", en="a register cannot be a source of itself."))
    elif protocol is Protocol.CONSOLE:
        if location:
            raise Refused(_NO_PLACE)
    elif protocol in (Protocol.OAI_PMH, Protocol.XML_DOCUMENT):
        _check_url(location)


def _check_url(location: str) -> None:
    try:
        parts = urlsplit(location)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, good = urlsplit(""), False
    if not good:
        raise Refused(
            Text(
                zh=f"{location!r} 不是可采集的地址，应形如 https://主机/路径。",
                en=f"{location!r} cannot be harvested; it should look like https://host/path.",
            )
        )
    if "@" in parts.netloc:
        raise Refused(
            Text(
                zh="地址中不能含用户名或密码；请以凭据引用(--credentials)给出。",
                en="an address carries no user name or password; give them by reference (--credentials).",
            )
        )
    queried = parts.query.replace(";", "&")
    secret = next(
        (name for name, _ in parse_qsl(queried, keep_blank_values=True) if _SECRET.search(name)), ""
    )
    if secret:
        raise Refused(
            Text(
                zh=f"地址中不能含密钥类参数 {secret}；请以凭据引用(--credentials)给出。",
                en=f"an address carries no secret ({secret}); give it by reference (--credentials).",
            )
        )


def check_code(code: str) -> None:
    """Raises ``Refused`` for what cannot stand in addresses and paths."""
    if not _CODE.fullmatch(code):
        raise Refused(
            Text(
                zh=f"代码 {code!r} 不合规：限 1 至 64 个字母、数字、点、下划线或连字符。",
                en=f"{code!r} is no code: 1 to 64 letters, digits, dots, underscores or hyphens.",
            )
        )


def check_same_log(before: SourceDescription, after: SourceDescription) -> None:
    """Raises ``Refused`` where a source would read another log than before: a log tells what went of its own
    register only, so that the records of the other one would stand for ever."""
    if before == after or not (before.is_internal or after.is_internal):
        return
    if (before.protocol, before.location) != (after.protocol, after.location):
        raise Refused(
            Text(
                zh="来源不能改为读取另一个登记册；请新建来源并退役本来源。",
                en="a source cannot read another register than before; add a new one and retire this one.",
            )
        )
