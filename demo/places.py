"""The places of the sample: who publishes, under which path, in which way, and how much.

Divisions are GB/T 2260 codes. Hosts end in ``.example`` (RFC 2606): they name the publisher in identifiers
and links, nothing answers there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Publishing(StrEnum):
    """How a place publishes its catalogue."""

    OAI_PMH = "oai"  # OAI-PMH 2.0 below /c/<division>/oai
    LIST = "list"  # the plain municipal list at /c/<division>/list.xml, UTF-8 with a byte order mark
    LIST_GB18030 = "list-gb18030"  # the same list in GB18030
    WEB_PAGE = "web-page"  # a page for people where OAI-PMH used to be: the site was built anew


@dataclass(frozen=True, slots=True)
class Place:
    """One publisher. ``areas``: (division, name) below it, as records name them; ``size``: how many
    records it publishes besides the faulty ones; ``parent``: the division whose register reads its own."""

    code: str
    name: str
    host: str
    parent: str
    areas: tuple[tuple[str, str], ...]
    size: int
    publishing: Publishing = Publishing.OAI_PMH

    @property
    def path(self) -> str:
        """Where it answers on the sample's server."""
        is_list = self.publishing in (Publishing.LIST, Publishing.LIST_GB18030)
        return f"/c/{self.code}/list.xml" if is_list else f"/c/{self.code}/oai"


NATION = ("000000", "全国")
PROVINCES = (("330000", "浙江省"), ("420000", "湖北省"))

PLACES = (
    Place(
        "330100", "杭州市", "hangzhou.example", "330000",
        (("330102", "上城区"), ("330105", "拱墅区"), ("330106", "西湖区"), ("330108", "滨江区"),
         ("330109", "萧山区"), ("330110", "余杭区"), ("330111", "富阳区"), ("330112", "临安区")),
        180,
    ),
    Place(
        "330127", "淳安县", "chunan.example", "330100",
        (("330127", "千岛湖镇"), ("330127", "汾口镇"), ("330127", "威坪镇"), ("330127", "姜家镇")),
        40,
    ),
    Place(
        "330200", "宁波市", "ningbo.example", "330000",
        (("330203", "海曙区"), ("330205", "江北区"), ("330206", "北仑区"), ("330211", "镇海区"),
         ("330212", "鄞州区"), ("330281", "余姚市"), ("330282", "慈溪市")),
        160,
    ),
    Place(
        "330300", "温州市", "wenzhou.example", "330000",
        (("330302", "鹿城区"), ("330303", "龙湾区"), ("330304", "瓯海区"), ("330381", "瑞安市"),
         ("330382", "乐清市"), ("330383", "龙港市")),
        120,
    ),
    Place(
        "330400", "嘉兴市", "jiaxing.example", "330000",
        (("330402", "南湖区"), ("330411", "秀洲区"), ("330481", "海宁市"), ("330482", "平湖市"),
         ("330483", "桐乡市")),
        100,
    ),
    Place(
        "330500", "湖州市", "huzhou.example", "330000",
        (("330502", "吴兴区"), ("330503", "南浔区"), ("330521", "德清县"), ("330523", "安吉县")),
        80,
    ),
    Place(
        "330600", "绍兴市", "shaoxing.example", "330000",
        (("330602", "越城区"), ("330603", "柯桥区"), ("330604", "上虞区"), ("330681", "诸暨市")),
        100,
    ),
    Place(
        "330700", "金华市", "jinhua.example", "330000",
        (("330702", "婺城区"), ("330703", "金东区"), ("330782", "义乌市"), ("330783", "东阳市")),
        100,
    ),
    Place(
        "330800", "衢州市", "quzhou.example", "330000",
        (("330802", "柯城区"), ("330803", "衢江区"), ("330825", "龙游县"), ("330881", "江山市")),
        60,
    ),
    Place(
        "330900", "舟山市", "zhoushan.example", "330000",
        (("330902", "定海区"), ("330903", "普陀区"), ("330921", "岱山县"), ("330922", "嵊泗县")),
        60,
    ),
    Place(
        "331000", "台州市", "taizhou.example", "330000",
        (("331002", "椒江区"), ("331003", "黄岩区"), ("331081", "温岭市"), ("331082", "临海市")),
        80,
    ),
    Place(
        "331100", "丽水市", "lishui.example", "330000",
        (("331102", "莲都区"), ("331121", "青田县"), ("331122", "缙云县"), ("331181", "龙泉市")),
        60,
    ),
    Place(
        "420100", "武汉市", "wuhan.example", "420000",
        (("420102", "江岸区"), ("420103", "江汉区"), ("420106", "武昌区"), ("420111", "洪山区"),
         ("420112", "东西湖区"), ("420115", "江夏区"), ("420116", "黄陂区")),
        180,
    ),
    Place(
        "420200", "黄石市", "huangshi.example", "420000",
        (("420202", "黄石港区"), ("420204", "下陆区"), ("420222", "阳新县"), ("420281", "大冶市")),
        80, Publishing.LIST,
    ),
    Place(
        "420500", "宜昌市", "yichang.example", "420000",
        (("420502", "西陵区"), ("420505", "猇亭区"), ("420506", "夷陵区"), ("420528", "长阳土家族自治县")),
        90,
    ),
    Place(
        "429004", "仙桃市", "xiantao.example", "420000",
        (("429004", "干河街道"), ("429004", "龙华山街道"), ("429004", "毛嘴镇"), ("429004", "彭场镇")),
        60, Publishing.LIST_GB18030,
    ),
)  # fmt: skip


def place(code: str) -> Place:
    """The place with this division code. Raises ``KeyError``."""
    for each in PLACES:
        if each.code == code:
            return each
    raise KeyError(code)
