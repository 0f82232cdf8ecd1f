"""Ways to write an address that nobody may be led to: the table of the tests of the door's address policy.

``{port}`` is the port of the listeners. Names are those of :data:`NAMES`.
"""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, tuple[str, ...]] = {
    "localhost": ("127.0.0.1", "::1"),
    "localhost.localdomain": ("127.0.0.1",),
    "ip6-localhost": ("::1",),
    "city.localhost": ("127.0.0.1",),
    "loopback.test": ("127.0.0.1",),
    "xn--fsq.test": ("127.0.0.1",),  # 例
    "xn--fiqs8s.test": ("127.0.0.1",),  # 中国
    "intranet.test": ("10.1.2.3",),
    "metadata.google.internal": ("169.254.169.254",),
    "metadata.tencentyun.com": ("169.254.0.23",),
    "mapped.test": ("::ffff:127.0.0.1",),
    "nat64.test": ("64:ff9b::7f00:1",),
    "all-bad.test": ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00:ec2::254"),
    "a" * 63 + ".test": ("127.0.0.1",),
    "under_score.test": ("127.0.0.1",),
    "trailing.test.": ("127.0.0.1",),
    "trailing.test": ("127.0.0.1",),
    "example.org": ("127.0.0.1",),
}
"""What the tests' name server knows. Any other name is unknown."""


def _hosts(*hosts: str) -> tuple[str, ...]:
    return tuple(f"http://{host}:{{port}}/oai" for host in hosts)


FORMS: Mapping[str, tuple[str, ...]] = {
    "loopback, spelled out": _hosts(
        "127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "127.0.0.0", "127.255.255.255",
    ),
    "loopback in fewer parts": _hosts(
        "127.1", "127.0.1", "127.65537", "127.16777214", "127.0.258", "2130706433", "2130706434",
    ),
    "loopback in other bases": _hosts(
        "0x7f.0.0.1", "0x7F.0x0.0x0.0x1", "0x7f000001", "0X7F000001", "0x7f.1", "0177.0.0.1", "0177.0.0.01",
        "017700000001", "0177.1", "0x7f.0.01", "127.0x0.00.1", "127.0.0.0x1", "00000177.0.0.1", "0x000000007f.1",
        "127.000.000.001", "127.00.00.01", "127.0.0.001",
    ),
    "numbers that do not fit": _hosts(
        "4294967296", "6425673729", "127.0.0.256", "256.0.0.1", "127.0.0.1.1", "0x17f000001", "127.0.0.-1",
        "127..1", ".127.0.0.1", "127.0.0.1e0",
    ),
    "this network": _hosts("0.0.0.0", "0", "0.0", "00.0.0.0", "0x0", "0.0.0.1", "0.1.2.3"),
    "private and the like": _hosts(
        "10.0.0.1", "10.255.255.255", "167772161", "0xa.1", "012.0.0.1", "172.16.0.1", "172.31.255.255",
        "192.168.0.1", "192.168.1", "3232235521", "100.64.0.1", "100.127.255.254", "198.18.0.1", "198.19.255.255",
        "192.0.0.1", "192.0.0.8", "192.0.0.170", "192.0.2.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",
        "240.0.0.1", "255.255.255.255", "4294967295", "224.0.0.1", "239.255.255.255",
    ),
    "metadata services": _hosts(
        "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "169.16689662",
        "169.254.170.2", "169.254.170.23", "169.254.0.23", "169.254.42.42", "169.254.169.253", "169.254.0.1",
        "100.100.100.200", "100.96.0.96", "168.63.129.16", "192.0.0.192", "[fd00:ec2::254]", "[fd00:ec2::23]",
        "[fd20:ce::254]", "[fd00:42::42]", "[fe80::a9fe:a9fe]", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]",
    ),
    "IPv6": _hosts(
        "[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::0001]", "[0::1]", "[::]",
        "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%lo]", "[fe80::1%251]", "[fec0::1]", "[fc00::1]", "[fdff::1]",
        "[ff02::1]", "[ff0e::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]", "[4000::1]", "[2001:2::1]", "[::1%25lo]",
    ),
    "IPv4 within IPv6": _hosts(
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::FFFF:7F00:0001]", "[0:0:0:0:0:ffff:127.0.0.1]",
        "[::127.0.0.1]", "[::7f00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]",
        "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::1]", "[2002:a9fe:a9fe::]", "[2002:a00:1::]",
        "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[2001::7f00:1]", "[fe80::5efe:7f00:1]",
        "[2400:3200::5efe:7f00:1]", "[2400:3200::200:5efe:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:0.0.0.0]",
    ),
    "IPv6 that is none": (
        "http://::1:{port}/oai", "http://[::1:{port}/oai", "http://::1]:{port}/oai", "http://[127.0.0.1]:{port}/oai",
        "http://[::1].example.org:{port}/oai", "http://[::1%00]:{port}/oai", "http://[::ffff:127.1]:{port}/oai",
        "http://[localhost]:{port}/oai", "http://[[::1]]:{port}/oai", "http://[::1]x:{port}/oai",
        "http://[1::1::1]:{port}/oai", "http://[v1.127]:{port}/oai",
    ),
    "digits and dots of other scripts": _hosts(
        "１２７.０.０.１", "１２７.1", "127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "①②⑦.⓪.⓪.①", "①②⑦.0.0.1",
        "𝟏𝟐𝟕.𝟎.𝟎.𝟏", "１６９.２５４.１６９.２５４",
        "٠.٠.٠.٠", "١٢٧.٠.٠.١", "०.०.०.०", "２１３０７０６４３３", "0ｘ7f.1",
        "127.0.0.1\u200b", "127\u00ad.0.0.1", "127.0.0.\u2060" + "1", "\ufeff127.0.0.1", "127.0.0.¹",
    ),
    "names": _hosts(
        "localhost", "LOCALHOST", "LocalHost", "localhost.", "localhost.localdomain", "ip6-localhost", "city.localhost",
        "ｌｏｃａｌｈｏｓｔ", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
        "ℓocalhost", "local\u00adhost", "loc\u200balhost", "loopback.test", "LOOPBACK.TEST",
        "intranet.test", "metadata.google.internal", "metadata.tencentyun.com", "mapped.test", "nat64.test",
        "all-bad.test", "例.test", "xn--fsq.test", "XN--FSQ.TEST", "中国.test", "中国。test", "trailing.test.",
        "under_score.test", "a" * 63 + ".test", "a" * 64 + ".test", "a.." + "test", "-.test", "xn--.test",
        "xn--a.test", "faß.test", "unknown.test", "127.0.0.1.test", "localhost..", ".localhost",
    ),
    "percent-encoding": _hosts(
        "127.0.0.%31", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "127%2E1", "%6c%6f%63%61%6c%68%6f%73%74", "localhos%74",
        "127.0.0.1%00", "127.0.0.1%20", "127.0.0.1%0d%0aHost:%20x", "127.0.0.1%2f", "127.0.0.1%23@example.org",
        "%31%36%39.254.169.254", "127.0.0.1%25", "%5B::1%5D", "%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1",
    ),
    "user information": (
        "http://user@127.0.0.1:{port}/oai", "http://user:geheim@127.0.0.1:{port}/oai", "http://@127.0.0.1:{port}/oai",
        "http://:@127.0.0.1:{port}/oai", "http://example.org@127.0.0.1:{port}/oai",
        "http://example.org:80@127.0.0.1:{port}/oai", "http://example.org%40127.0.0.1:{port}/oai",
        "http://a@b@127.0.0.1:{port}/oai", "http://127.0.0.1:{port}@example.org/oai",
        "http://example.org:geheim%40127.0.0.1:{port}/oai", "http://１@127.0.0.1:{port}/oai",
    ),
    "ports": (
        "http://127.0.0.1:0/oai", "http://127.0.0.1:65536/oai", "http://127.0.0.1:{port}65536/oai",
        "http://127.0.0.1:-1/oai", "http://127.0.0.1:/oai", "http://127.0.0.1:22/oai", "http://127.0.0.1:+{port}/oai",
        "http://127.0.0.1:0{port}/oai", "http://127.0.0.1:00000000{port}/oai", "http://127.0.0.1:{port}x/oai",
        "http://127.0.0.1:0x50/oai", "http://127.0.0.1: {port}/oai", "http://127.0.0.1:{port}:80/oai",
        "http://127.0.0.1:８０/oai", "http://[::1]{port}/oai", "http://127.0.0.1:%38%30/oai", "http://:{port}/oai",
    ),
    "schemes": (
        "file:///etc/passwd", "file://127.0.0.1:{port}/oai", "ftp://127.0.0.1:{port}/oai",
        "gopher://127.0.0.1:{port}/_GET%20/", "data:text/xml,%3Ca/%3E", "jar:http://127.0.0.1:{port}/a!/b",
        "javascript:alert(1)", "ldap://127.0.0.1:{port}/", "dict://127.0.0.1:{port}/d", "sftp://127.0.0.1:{port}/",
        "tftp://127.0.0.1:{port}/", "ws://127.0.0.1:{port}/oai", "unix:///var/run/docker.sock", "netdoc:///etc/passwd",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock/", "HTTP://127.0.0.1:{port}/oai", "hTTp://127.0.0.1:{port}/oai",
        "HTTPS://127.0.0.1:{port}/oai", "https://127.0.0.1:{port}/oai", "https://localhost:{port}/oai",
        "url:http://127.0.0.1:{port}/oai", "view-source:http://127.0.0.1:{port}/", "blob:http://127.0.0.1:{port}/x",
        "folder:/etc", "ｈttp://127.0.0.1:{port}/oai", "httpx://127.0.0.1:{port}/oai", "://127.0.0.1:{port}/oai",
    ),
    "slashes": (
        "http:/127.0.0.1:{port}/oai", "http:127.0.0.1:{port}/oai", "http:///127.0.0.1:{port}/oai",
        "http:////127.0.0.1:{port}/oai", "//127.0.0.1:{port}/oai", "///127.0.0.1:{port}/oai", "127.0.0.1:{port}/oai",
        "http:\\\\127.0.0.1:{port}\\oai", "http:/\\127.0.0.1:{port}/oai", "\\\\127.0.0.1:{port}\\oai",
        "http://127.0.0.1:{port}\\@example.org/oai", "http://example.org\\@127.0.0.1:{port}/oai",
        "http://example.org\\.127.0.0.1:{port}/oai", "http://127.0.0.1:{port}?@example.org/oai",
        "http://127.0.0.1:{port}#@example.org/oai", "http://127.0.0.1:{port};@example.org/oai",
        "http://127.0.0.1:{port}／@example.org/oai", "http://127.0.0.1:{port}℀@example.org/oai",
        "http://example.org／@127.0.0.1:{port}/oai", "http://example.org＃@127.0.0.1:{port}/oai",
    ),
    "blanks and controls": (
        " http://127.0.0.1:{port}/oai", "http://127.0.0.1:{port}/oai ", "http://127.0.0.1:{port} /oai",
        "http:// 127.0.0.1:{port}/oai", "http://127.0.0.1 :{port}/oai", "http://127.0.0.1\t:{port}/oai",
        "ht\ttp://127.0.0.1:{port}/oai", "http://127.0.\n0.1:{port}/oai",
        "http://127.0.0.1:{port}/oai\r\nX-Injected: 1",
        "http://127.0.0.1:{port}\r\n/oai", "\thttp://127.0.0.1:{port}/oai", "http://127.0.0.1\x00:{port}/oai",
        "http://127.0.0.1\x00.example.org:{port}/oai", "\x01http://127.0.0.1:{port}/oai", "http://127.0.0.1\x7f:{port}/",
        "http://127.0.0.1\u00a0:{port}/oai", "http://127.0.0.1\u3000:{port}/oai", "http://127.0.0.1\u2028:{port}/oai",
        "http://127.0.0.1\x85:{port}/oai", "http://example.org\r\nHost: 127.0.0.1:{port}/oai",
    ),
    "nothing": ("", " ", "http://", "http:", "https://", "http://?", "http://#", "http:///", "http://:80", "http://."),
}  # fmt: skip


def all_forms() -> list[str]:
    """Every form, in the order of the table."""
    return [form for forms in FORMS.values() for form in forms]
