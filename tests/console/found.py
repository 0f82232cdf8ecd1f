"""What was found where endpoints of the office were looked at."""

from __future__ import annotations

from registry.model.inspection import (
    Budget,
    EndpointFacts,
    Identified,
    Offered,
    OfferedSet,
    Overlap,
    Probed,
    Proved,
    RuleCount,
    SameAs,
    ShownField,
    ShownRecord,
    Tried,
)
from registry.model.issue import Severity, Text
from registry.model.run import Tally, Verdict

PROBED = Probed(
    ending="answered",
    message=Text("", ""),
    identity=Identified("杭州市建委 OAI", "http://hangzhou.example/oai", "YYYY-MM-DDThh:mm:ssZ", "persistent"),
    formats=(Offered("oai_dc"), Offered("catalogue", "http://mulu.example/catalogue.xsd", "urn:mulu:catalogue:1")),
    sets=(OfferedSet("project", "项目信息"), OfferedSet("credit", "信用信息")),
    received=100,
    accepted=97,
    refused=3,
    issues=(
        RuleCount(
            "division-unknown", Severity.ERROR, 3, Text("行政区划代码“000001”不存在", "there is no division 000001"),
            Text("请按 GB/T 2260 填写六位代码", "give the six digits of GB/T 2260"), "oai:hangzhou.gov.cn:7", "page 1",
            "/record/division",
        ),
    ),
    records=tuple(
        ShownRecord(
            f"oai:hangzhou.gov.cn:{number}",
            f"城北污水处理厂 {number} 期工程施工许可",
            (
                ShownField(Text("信息资源名称", "title"), f"城北污水处理厂 {number} 期工程施工许可"),
                ShownField(Text("行政区划", "division"), "330100", Text("杭州市", "Hangzhou")),
            ),
        )
        for number in range(1, 6)
    ),
    endpoint=EndpointFacts("203.0.113.7", "TLSv1.3", 1.42, 188_000, 3),
)  # fmt: skip
"""What a probe of the city's source has found."""

TRIED = Tried(
    ending="answered",
    message=Text("", ""),
    whole=False,
    budget=Budget(),
    verdict=Verdict.UNKNOWN,
    tally=Tally(pages=200, received=20_000, created=18_310, updated=12, unchanged=1_204, deleted=3, refused=471),
    holds=(Text("记录数增至原来的 10 倍以上。", "it grows more than tenfold."),),
    overlaps=(Overlap("hangzhou", 1_216, "oai:hangzhou.gov.cn:0"),),
    overlapping=1_216,
    same=(
        SameAs("document", "杭建罚〔2024〕12号", "杭州市建委", "oai:xihu.gov.cn:9", "处罚", "oai:hangzhou.gov.cn:3"),
        SameAs("project", "2405-330106-04-01-123456", "", "oai:xihu.gov.cn:10", "厂房", "oai:hangzhou.gov.cn:4"),
    ),
    out_of_scope=38,
    issues=PROBED.issues,
    upward=17_900,
    public=17_020,
    records=PROBED.records,
    endpoint=EndpointFacts("203.0.113.8", "", 96.2, 41_300_000, 201),
)  # fmt: skip
"""What a trial of a source that asks for approval has found."""

PROVED = Proved(
    "mulu-source-0",
    None,
    "",
    (Text("http://xihu.example/.well-known/mulu-source.txt 中没有口令。", "the word does not stand there."),),
)
"""Control of that source's endpoint was not proved."""
