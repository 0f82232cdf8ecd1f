"""Names behind labels: what is planted is masked; words that only begin like a name stay."""

from __future__ import annotations

import pytest

from harvester.rules.masking import is_suspicious, mask_contact_data

_PLANTED = """
    联系人李四 联系人王小明 联系人姓名张三 联系人姓名欧阳修远 负责人电话李四 联系人电话赵六
    项目联系人陈建国 联系人：李四 联系人为孙立 联系人（周敏） 联系人是吴敏 经办人手机钱多多
    经办人联系电话郑爽 负责人联系方式冯程程 联系电话沈从文 联系方式韩梅梅 联系人诸葛亮 联系人司马光
    联系人王先生 联系人李女士 联系人高主任 联系人林工 联系人许文强 联系人于谦 联系人方志敏
    联系人马小云 联系人安以轩 联系人石评梅 联系人金庸 联系人万绮雯 联系人常香玉 联系人任贤齐
    联系人陈方安生 联系人江南春 联系人向秀丽 承办人电话田汉 负责人手机号码夏衍 联系人谢晋
"""
_AROUND = (
    ("", ""),
    ("手机 138-1234-5678 ", ""),
    ("", "，地址"),
    ("项目已批复。", "电话0571-87654321"),
    ("", " 13800138000"),
    ("", "负责本项目"),
    ("(", ")"),
    ("", "的办公室"),
)
_DECOYS = """
    联系人制度 联系人员 项目负责人变更 联系人变更 联系人员管理办法 联系人信息 联系人许可 联系人关于
    联系人单位 联系人项目 联系人管理 联系人成员 联系人任命 联系人申请 联系人高级职称 联系人施工单位
    联系人安全职责 联系人方案 联系人时间 联系人文件 联系人向社会公布 联系人何时变更 联系人代表
    联系人党员干部 联系人董事会 联系人范围 联系人张贴公告 联系人陈述 联系人名单 联系人及职责
    联系人为单位职工 联系人是否变更 联系电话畅通 联系电话查询 联系方式变更 联系方式简单明了
    负责人电话会议制度 负责人电话通知 联系电话公示 项目负责人王牌工程 负责人李代桃僵
    部门联系企业制度 联系人民群众 人民调解员李庄村 联系方案 联系江苏企业 经办人员 经办人手机安装
    管理员电话号码登记 项目联系人常务会议 联系人周边环境 联系人马上到位 联系人季度考核 联系人费用
    联系人路段分工
"""


@pytest.mark.parametrize("planted", _PLANTED.split())
def test_names_right_behind_their_labels_are_masked(planted: str) -> None:
    name = planted.rstrip("）")[-2:]
    for before, after in _AROUND:
        text = f"{before}{planted}{after}"
        assert name not in mask_contact_data(text) and is_suspicious(text.encode()), text


def test_the_label_and_what_follows_stay() -> None:
    assert mask_contact_data("手机 138-1234-5678 联系人李四") == "手机 *** 联系人***"
    assert mask_contact_data("联系人王小明负责验收") == "联系人***负责验收"
    assert mask_contact_data("联系人欧阳修远，女") == "联系人***，女"


@pytest.mark.parametrize("decoy", _DECOYS.split())
def test_words_that_are_no_names_stay(decoy: str) -> None:
    for before, after in (("", ""), ("完善", "。"), ("", "，详见附件")):
        text = f"{before}{decoy}{after}"
        assert mask_contact_data(text) == text


def test_many_labels_are_read_in_one_walk() -> None:
    text = "联系人李" * 40_000
    assert mask_contact_data(text).startswith("联系人")
