"""The plain municipal list: one XML file of all projects, as cities without OAI-PMH publish it.

``MetaDatas/MetaViewData/PROPERTIES`` with Chinese element names and no namespace. Contact persons stand in
it, as they do in real ones (these are made up): the registers must leave them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from xml.sax.saxutils import escape

from demo.faults import CITIZEN_NUMBER, NO_DIVISION
from demo.generator import projects_of
from demo.places import Place, Publishing
from demo.projects import Project

Row = dict[str, str]

RARE = "𠮷"
"""U+20BB7: a character that needs four bytes in GB18030, and that GBK does not have."""


@cache
def municipal_list(place: Place) -> bytes:
    """The list of a place, in the encoding in which it publishes it."""
    lines = ["<MetaDatas>", "\t<MetaViewData>"]
    for row in rows_of(place):
        lines.append("\t\t<PROPERTIES>")
        lines.extend(f"\t\t\t<{name}>{escape(text)}</{name}>" for name, text in row.items())
        lines.append("\t\t</PROPERTIES>")
    lines += ["\t</MetaViewData>", "</MetaDatas>", ""]
    encoding = "GB18030" if place.publishing is Publishing.LIST_GB18030 else "UTF-8"
    text = "\r\n".join((f'<?xml version="1.0" encoding="{encoding}"?>', *lines))
    return text.encode("gb18030" if encoding == "GB18030" else "utf-8-sig")


def rows_of(place: Place) -> Iterator[Row]:
    """The rows of a place's list. The faulty ones among them, on purpose:

    row 8 has an organisation code with a wrong check character, row 16 a division that does not exist, row 24
    comes twice, row 32 comes again with another text, row 40 tells a citizen number.
    """
    for number, project in enumerate(projects_of(place), 1):
        row = _row(project)
        if number == 8:
            code = row["组织机构代码"]
            row["组织机构代码"] = code[:-1] + ("0" if code[-1] != "0" else "1")
        elif number == 16:
            row["行政区划代码"] = NO_DIVISION[place.code[:2]]
        elif number == 24:
            yield row
        elif number == 32:
            yield row | {"项目概况": "同一项目编号，概况却不同。"}
        elif number == 40:
            row["项目概况"] += f"项目负责人公民身份号码{CITIZEN_NUMBER}。"
        elif number == 48:
            row["项目地址"] += f"{RARE}溪村"
        yield row


def _row(project: Project) -> Row:
    return {
        "项目编号": project.code,
        "项目名称": project.name,
        "建设时间": project.starts.isoformat(),
        "投资规模": f"{project.investment}万元",
        "项目概况": f"{project.name}位于{project.address}，建设性质为{project.nature}。",
        "建设单位": project.owner,
        "建设单位联系电话": "0000-00000000",
        "建设单位地址": project.address,
        "行政区划代码": project.division,
        "组织机构代码": project.owner_code,
        "行业编码": "4813" if project.kind == "市政" else "4710",
        "项目类别": project.kind,
        "建设单位项目编号": project.code[19:],
        "审批备案机关编号": "",
        "项目地址": project.address,
        "建设性质": project.nature,
        "项目联系人": "张三",
        "项目联系人电话": "00000000000",
        "项目联系人电子邮箱": "contact@example.invalid",
    }
