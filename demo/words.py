"""What the sample's texts are made of. Companies carry 示例 (sample) in their names: none of them exists."""

from __future__ import annotations

from typing import NamedTuple

ROADS = (
    "江滨路", "学院路", "迎宾大道", "文昌路", "云栖路", "湖滨路", "科创大道", "兴业路", "青年路", "望江路",
    "秋实路", "锦绣大道", "安康路", "育才路", "环城北路", "高新大道",
)  # fmt: skip
WATERS = ("清溪", "龙潭河", "白沙溪", "东苕渠", "凤凰湖", "石门河", "后塘河", "月亮湾")
ESTATES = ("枫林", "映月", "春晓", "朝阳", "翠屏", "望江", "青溪", "明珠", "和园", "梧桐")

PROJECTS = (
    "{area}{road}综合整治提升工程",
    "{area}{road}（{number}标段）道路改造工程",
    "{area}{estate}小学迁建工程",
    "{area}{estate}地块安置房建设项目",
    "{area}{estate}片区老旧小区改造工程",
    "{area}{water}流域水环境综合治理工程",
    "{area}污水处理厂{number}期扩建工程",
    "{area}人民医院{number}号住院楼新建工程",
    "{area}{estate}文化活动中心建设项目",
    "{area}{water}防洪堤加固工程",
    "{area}{road}110千伏输变电工程",
    "{area}{estate}产业园标准厂房（{number}期）项目",
)

COMPANY_WORDS = (
    "恒拓", "筑远", "江屹", "安泽", "锦川", "鼎睿", "泰澜", "宏曜", "嘉垣", "正璟", "启堃", "远镕", "哲喆",
    "明淦",
)  # fmt: skip

NUMERALS = ("一", "二", "三", "四")


class Trade(NamedTuple):
    """A kind of company: its part in projects, the end of its name, its qualification, and its bad
    conduct in the national list (code, what was done)."""

    role: str
    ending: str
    qualification: str
    offences: tuple[tuple[str, str], ...]


TRADES = (
    Trade(
        "construction",
        "建设工程有限公司",
        "建筑工程施工总承包",
        (
            ("D1-3-05", "未按照工程设计图纸施工，部分梁柱混凝土强度不符合设计要求"),
            ("D1-4-09", "施工现场临边洞口未设置符合标准的安全防护设施"),
            ("D1-2-03", "将承包的工程违法分包给不具备相应资质条件的单位"),
            ("D1-5-01", "未按时足额支付农民工工资"),
        ),
    ),
    Trade(
        "supervision",
        "工程监理有限公司",
        "房屋建筑工程监理",
        (
            ("E1-3-02", "对不合格的建筑材料按照合格签字"),
            ("E1-4-01", "发现安全事故隐患未及时要求施工单位整改"),
        ),
    ),
    Trade(
        "design",
        "建筑设计有限公司",
        "建筑行业（建筑工程）设计",
        (("C1-3-01", "未按照工程建设强制性标准进行设计"),),
    ),
    Trade(
        "survey",
        "勘测设计有限公司",
        "岩土工程勘察",
        (("B1-3-02", "勘察报告中原始记录不完整，勘察成果深度不足"),),
    ),
)


class ProjectItem(NamedTuple):
    """An item of the project catalogue: number, what its titles end in, the body that publishes it, and
    the sentence that its abstract holds."""

    number: str
    ending: str
    body: str
    sentence: str


PROJECT_ITEMS = (
    ProjectItem(
        "2.1", "基本信息", "住房和城乡建设局", "记录项目的建设地点、建设规模、投资来源和主要参建单位。"
    ),
    ProjectItem(
        "1.1", "初步设计审批结果", "发展和改革委员会", "记录审批文号、审批时间、批复的建设内容和概算。"
    ),
    ProjectItem("1.2", "项目备案信息", "发展和改革委员会", "记录备案编号、备案时间、建设起止年限和总投资。"),
    ProjectItem(
        "2.2", "施工招标中标结果公示", "公共资源交易中心", "记录招标范围、评标结果、中标单位和中标价。"
    ),
    ProjectItem("2.5", "施工许可信息", "住房和城乡建设局", "记录施工许可证编号、发证日期和合同工期。"),
    ProjectItem("2.6", "施工合同履约信息", "住房和城乡建设局", "记录合同工期、合同价款和工程款支付情况。"),
    ProjectItem("2.7", "质量安全监督检查结果", "建设工程质量安全监督站", "记录检查时间、问题和整改情况。"),
    ProjectItem("2.9", "竣工验收备案信息", "住房和城乡建设局", "记录竣工验收时间、验收结论和备案编号。"),
    ProjectItem("4.1", "建设用地供应信息", "自然资源和规划局", "记录地块位置、面积、用途和供应方式。"),
)
