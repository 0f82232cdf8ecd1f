"""Faults of an answer as a whole, and of the wrapping around one record, each declared once."""

from __future__ import annotations

from registry.model.issue import Severity, Text
from schemas.fault import Fault

EMPTY = Fault(
    "answer-empty",
    Severity.ERROR,
    Text("应答没有任何内容", "the answer has no content at all"),
    Text("请检查接口程序的日志", "look into the log of the endpoint"),
)
WEB_PAGE = Fault(
    "answer-web-page",
    Severity.ERROR,
    Text(
        "应答是网页（可能是登录页或错误页），不是 XML 目录", "the answer is a web page, not an XML catalogue"
    ),
    Text(
        "请检查来源地址、凭据，以及对方是否在维护",
        "check the address and the credentials of the source, and whether it is down for maintenance",
    ),
)
WRONG_ROOT = Fault(
    "answer-root",
    Severity.ERROR,
    Text("根元素是 {found}，应为 {expected}", "its root element is {found}, not {expected}"),
    Text("请检查来源的协议和地址", "check the protocol and the address of the source"),
)
NO_RECORDS = Fault(
    "answer-no-records",
    Severity.ERROR,
    Text("应答中没有 {expected} 元素", "the answer holds no element {expected}"),
    Text("请检查来源的元数据格式", "check the metadata format of the source"),
)
WITHOUT_LIST = Fault(
    "oai-no-list",
    Severity.ERROR,
    Text("OAI-PMH 应答既无内容也无错误代码", "the OAI-PMH answer holds neither a list nor an error"),
)
OTHER_ANSWER = Fault(
    "oai-other-answer",
    Severity.ERROR,
    Text("问的是 {asked}，答的是 {answered}", "{asked} was asked, {answered} was answered"),
    Text("请检查接口程序和中间的缓存", "check the endpoint, and caches on the way to it"),
)
NO_RECORD_LISTED = Fault(
    "oai-empty-list",
    Severity.ERROR,
    Text("ListRecords 中没有一条记录", "its ListRecords holds no record"),
    Text("没有记录时应报告 noRecordsMatch", "a list without records is reported as noRecordsMatch"),
)
LIST_CUT_OFF = Fault(
    "oai-list-cut-off",
    Severity.ERROR,
    Text(
        "续传中途却报告没有记录，列表不完整",
        "within a list it reports that nothing matches: the list is cut off",
    ),
    Text(
        "令牌失效时应报告 badResumptionToken",
        "a token that no longer holds is reported as badResumptionToken",
    ),
)
END_UNTOLD = Fault(
    "oai-end-untold",
    Severity.WARNING,
    Text(
        "续传列表的最后一页没有空的 resumptionToken，无法确认列表已完整",
        "the last page of a list that was resumed has no empty resumptionToken: nobody can say that the list is whole",
    ),
    Text(
        "请在最后一页给出空的 resumptionToken（OAI-PMH 3.5）",
        "end the last page with an empty resumptionToken (OAI-PMH 3.5)",
    ),
)
OTHER_RECORD = Fault(
    "oai-other-record",
    Severity.ERROR,
    Text("GetRecord 答的不是所问的记录", "GetRecord answers with another record than was asked for"),
    Text("请检查接口程序和中间的缓存", "check the endpoint, and caches on the way to it"),
)
REPORTED = Fault(
    "oai-error",
    Severity.ERROR,
    Text("对方报告 OAI-PMH 错误 {code}：{text}", "the source reports the OAI-PMH error {code}: {text}"),
)
RESPONSE_DATE = Fault(
    "oai-response-date",
    Severity.WARNING,
    Text("responseDate 不是 UTC 时间：{text}", "its responseDate is no UTC datestamp: {text}"),
)
TOKEN_LENGTH = Fault(
    "oai-token-length",
    Severity.ERROR,
    Text("resumptionToken 超过 {limit} 字节", "its resumptionToken is longer than {limit} bytes"),
)
LIST_SIZE = Fault(
    "oai-list-size",
    Severity.WARNING,
    Text("completeListSize 不是正整数：{text}", "its completeListSize is no positive integer: {text}"),
)
GRANULARITY = Fault(
    "oai-granularity",
    Severity.WARNING,
    Text("granularity 无效，按天处理：{text}", "its granularity is unknown and taken as days: {text}"),
)
EARLIEST = Fault(
    "oai-earliest",
    Severity.WARNING,
    Text("earliestDatestamp 无效：{text}", "its earliestDatestamp is no UTC datestamp: {text}"),
)

NO_HEADER = Fault(
    "oai-identifier-missing",
    Severity.ERROR,
    Text("记录头缺少 identifier", "its header has no identifier"),
    Text("请为该记录补上 OAI-PMH 标识符", "give the record its OAI-PMH identifier"),
)
DATESTAMP = Fault(
    "oai-datestamp",
    Severity.WARNING,
    Text("记录头的 datestamp 不是 UTC 时间：{text}", "the datestamp of its header is not UTC: {text}"),
    Text("请写成 YYYY-MM-DDThh:mm:ssZ", "write it as YYYY-MM-DDThh:mm:ssZ"),
)
DATESTAMP_FAR = Fault(
    "oai-datestamp-far",
    Severity.WARNING,
    Text(
        "记录头的 datestamp 远离当前时间：{stamp}",
        "the datestamp of its header is far from our time: {stamp}",
    ),
    Text(
        "datestamp 应为记录在接口中最后变更的时间，否则变更可能采集不到",
        "it is the time at which the record changed there last; changes may be missed for a wrong one",
    ),
)
METADATA = Fault(
    "oai-metadata",
    Severity.ERROR,
    Text(
        "未删除的记录应恰有一个元数据元素，实有 {count} 个",
        "a record that is not deleted holds one metadata element, not {count}",
    ),
)
FILE_BESIDE = Fault(
    "delivery-file-beside",
    Severity.WARNING,
    Text(
        "有 {count} 个文件放在批次之外，不会被读取：{names}",
        "files that belong to no delivery and are not read ({count}): {names}",
    ),
    Text(
        "请放入一个新的批次目录，最后写入 manifest.json（见 docs/import.md），或用 mulu import 导入",
        "put them into a delivery of their own and write its manifest.json last (see docs/import.md), or use "
        "`mulu import`",
    ),
)
DELIVERY_LATE = Fault(
    "delivery-late",
    Severity.WARNING,
    Text(
        "有 {count} 个批次从未读取，其名称排在已读批次“{after}”之前：{names}",
        "deliveries that were never read, since their names sort before “{after}”, which was ({count}): {names}",
    ),
    Text(
        "请改用排在其后的名称重新交付；或用 mulu harvest 来源 --full 从最近一个完整批次起重新读取",
        "deliver them anew under names behind it; or `mulu harvest SOURCE --full` reads again from the newest complete "
        "list on",
    ),
)
DELIVERY_LINK = Fault(
    "delivery-link",
    Severity.WARNING,
    Text("有 {count} 个符号链接未被读取：{names}", "links are not followed ({count}): {names}"),
    Text("请交付文件本身", "deliver the files themselves"),
)

FAULTS = (
    EMPTY,
    WEB_PAGE,
    WRONG_ROOT,
    NO_RECORDS,
    WITHOUT_LIST,
    OTHER_ANSWER,
    NO_RECORD_LISTED,
    LIST_CUT_OFF,
    END_UNTOLD,
    OTHER_RECORD,
    REPORTED,
    RESPONSE_DATE,
    TOKEN_LENGTH,
    LIST_SIZE,
    GRANULARITY,
    EARLIEST,
    NO_HEADER,
    DATESTAMP,
    DATESTAMP_FAR,
    METADATA,
    FILE_BESIDE,
    DELIVERY_LATE,
    DELIVERY_LINK,
)
"""All of them, for the list of issue codes."""
