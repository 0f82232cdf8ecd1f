"""The records of the bench: valid documents of the catalogue format, about 1.2 KB each, all alike in cost."""

from __future__ import annotations

from datetime import date, timedelta

NAMESPACE = "urn:mulu:catalogue:1"
_CITIES = ("330100", "330200", "330300", "330400", "330500", "330600", "330700", "330800")
_STREETS = "解放路人民路中山路建设路文化路和平路胜利路新华路"
_WORKS = ("道路改造工程", "污水处理厂二期", "保障性住房", "中学迁建工程", "轨道交通站点", "河道整治工程")
_FIRST_DAY = date(2023, 1, 1)
_TEXT = (
    "项目位于城市规划区内,建设内容包括主体工程、配套管网及附属设施,资金来源为财政拨款与企业自筹,"
    "计划工期二十四个月,施工许可、招标投标、合同履约和质量安全检查信息一并公开。"
)


def identifier(number: int) -> str:
    """The identifier of record ``number``."""
    return f"oai:bench.mulu:{number:07d}"


def document(number: int, revision: int = 0) -> str:
    """Record ``number`` in its ``revision`` as one XML element (catalogue format)."""
    street = _STREETS[number * 3 % 24 : number * 3 % 24 + 3]
    title = f"{street}{_WORKS[number % 6]}第{number}标段"
    day = (_FIRST_DAY + timedelta(days=number % 700 + revision)).isoformat()
    city = _CITIES[number % 8]
    note = f"第{revision}次修订。" if revision else ""
    return (
        f'<record xmlns="{NAMESPACE}"><mdId>{identifier(number)}</mdId><resTitle>{title}</resTitle>'
        f"<pubDate>2023-01-01</pubDate><abstract>{title}:{_TEXT}{note}</abstract>"
        f"<IdPoC><rpOrgName>城乡建设局{number % 40}</rpOrgName></IdPoC>"
        f"<DescKeys><keyword>工程建设</keyword><keyword>{_WORKS[number % 6]}</keyword></DescKeys>"
        "<TpCat><cateStd>GB/T 21063.4</cateStd><cateName>城乡建设、环境保护</cateName><cateCode>06</cateCode></TpCat>"
        f"<resID>B{number:07d}/001</resID><mdDateUpd>{day}</mdDateUpd>"
        f"<catalogue>project</catalogue><item>2.1</item><division>{city}</division>"
        f"<project><projectCode>{city}1234567892023{number:07d}</projectCode><projectName>{title}</projectName>"
        "</project><party><partyRole>construction</partyRole>"
        f"<partyName>第{number % 300}建筑工程有限公司</partyName></party>"
        "<sharing>1</sharing><openness>1</openness></record>"
    )
