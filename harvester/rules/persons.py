"""Names of contact persons: found only where a label announces them.

Behind a colon or a blank whatever looks like a name is one. Where the name follows its label at once, it must begin
with a common surname, be no word that begins with the same character (联系人许可…), and end where a name can end.
"""

from __future__ import annotations

import re
from typing import Final

_HAN: Final = "[\u3400-\u9fff\U00020000-\U000323af]"

_SEPARATED: Final = re.compile(
    r"(联系人(?:姓名)?[\s:：]{1,3})([\u3400-\u9fff·]{2,4}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)"
)

_REACHED_BY: Final = "(?:联系电话|联系方式|联系手机|固定电话|办公电话|移动电话|电话|手机)(?:号码|号)?"
_LABEL: Final = (
    f"(?:联系人(?:员)?(?:姓名|名字|{_REACHED_BY})?"
    f"|(?:负责人|经办人|承办人|管理员|代理人){_REACHED_BY}"
    f"|联系(?:电话|方式|手机)(?:号码|号)?)"
)
_LINK: Final = r"[\s:：(（为是]{0,3}"

_SURNAMES: Final = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜"
    "范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚"
    "汤陶黎温莫易樊乔文安殷颜庄章鲁倪庞邢俞翟蓝聂齐向申葛柴伍覃骆关焦柳欧祝纪尚毕耿芦左季管符辛苗詹曲靳祁"
    "路涂兰甘裴梅童翁霍游阮尤岳柯牟滕谷舒卜成饶宁凌盛查单冉鲍华包屈房喻解蒲卫简时连车项闵邬吉党阳司费蒙席"
    "晏隋古强穆姬宫景米麦谈柏瞿艾沙鄢桂藏畅闫仇巩褚娄窦戚岑薄楚肖付代邝蔺冷"
)
_COMPOUND: Final = "欧阳|上官|司马|诸葛|皇甫|尉迟|公孙|慕容|令狐|夏侯|司徒|长孙|宇文|轩辕|端木|独孤|南宫|东方"

# Words of official texts that begin like a name. A name that is one of them stays; few are.
_WORDS: Final = (
    "许可|关于|于[\\d一二本上下]|施工|施行|施策|项目|单[位独列]|程序|管理|管控|管辖|成员|成立|成果|成为|成功|任[职命免务何期意]|"
    "申[请报领办诉]|查[询看阅找实处收验]|卫生|包[括含装干]|高[级等新校速层]|常[用务见规驻年设]|万[元人分]|金额|金融|"
    "安[全排置装]|方[式案面向便可法]|严[格禁重]|曾[经任用]|时[间限段候]|文[件号本书化档字]|关[系联键注闭]|"
    "余额|向[社本有各市县主我其相上下]|马[上路]|钱款|章[程节]|陈[述列设]|张[贴榜挂]|林[业地区场]|何[时人种处变]|罗列|郑重|谢绝|"
    "董事|杜绝|范[围本畴例]|陆续|夏季|顾[问客]|季度|连[同续接带]|代[码表理办为号]|付[款费]|路[段线]|费用|解[释决除答聘]|"
    "简[介称要历单]|车[辆间牌]|党[委组员支政]|古|强[制化]|房[屋产地]|华东|宁波|温州|兰州|郑州|徐州|常州|苏州|江苏|江西|武汉|"
    "沈阳|石油|石家|黄[石山冈]|吉林|蒙古|盛[市会]|左右|符合|符号|纪[录要检委]|尚[未需无]|毕业|齐全|易[地于]|温馨|康复|"
    "白天|白名|游客|阳光|司[法机]|景区|成都|谈话|凌晨|甘肃|薄弱|畅通|苗[木圃]|周[一二三四五六日边期知末转报]|贺州|田[间地]|"
    "唐山|梅州|安徽|安庆|安康|洪水|雷同|龙岩|柳州|杨[凌浦]|盛况|吴江|莫须|路径"
)
_ENDING: Final = (
    "先生|女士|同志|老师|小姐|主任|科长|处长|局长|经理|书记|所长|股长|"
    "电话|手机|座机|固话|传真|联系|邮箱|邮编|电子|微信|地址|住址|职务|职称|身份证|证件|号码|办公|单位|部门|负责|收|等|及|和|或|与|的"
)

_TITLE: Final = "(?:先生|女士|同志|老师|小姐|主任|科长|处长|局长|经理|书记|所长|股长|工)"
_ADJOINING: Final = re.compile(
    f"({_LABEL}{_LINK})(?!{_WORDS})"
    f"(?:(?:{_COMPOUND}){_HAN}{{1,2}}?|[{_SURNAMES}](?:{_TITLE}|·?{_HAN}{{1,3}}?))"
    f"(?={_ENDING}|(?!{_HAN}|·))"
)


def mask_contact_persons(text: str, mask: str) -> str:
    """``text`` with ``mask`` in place of every name that a label announces as that of a contact person."""
    if "人" not in text and "联系" not in text and "管理员" not in text:
        return text
    return _ADJOINING.sub(rf"\1{mask}", _SEPARATED.sub(rf"\1{mask}", text))
