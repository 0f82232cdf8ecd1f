"""Why an answer is not read as XML at all, or only with a warning about its encoding."""

from __future__ import annotations

from schemas.fault import Fault
from schemas.issue import Issue, Severity, Text


class XmlRefused(ValueError):
    """Bytes that must not be read: ill-formed, with a DOCTYPE, or in an encoding that cannot be trusted.

    ``code`` is that of one of :data:`REFUSALS`, ``text`` the sentence for people, ``line`` where known.
    """

    def __init__(self, fault: Fault, line: int | None = None, **arguments: object) -> None:
        self._issue = fault.issue("", line, **arguments)
        super().__init__(self._issue.message.en)
        self.code = fault.code
        self.line = line

    @property
    def text(self) -> Text:
        return self._issue.message

    def issue(self, path: str = "") -> Issue:
        """The refusal as an issue (always an error) of the record or answer at ``path``."""
        found = self._issue
        return Issue(found.code, found.severity, found.message, found.hint, path, found.line)


ILL_FORMED = Fault(
    "xml-ill-formed",
    Severity.ERROR,
    Text("不是格式良好的 XML：{reason}", "not well-formed XML: {reason}"),
    Text("请用 XML 工具检查该文件后重新发布", "check the file with an XML tool and publish it again"),
)
DOCTYPE = Fault(
    "xml-doctype",
    Severity.ERROR,
    Text("含有 DOCTYPE 声明，不予读取", "it carries a DOCTYPE and is not read"),
    Text("请删除 DOCTYPE 声明和实体", "remove the DOCTYPE and its entities"),
)
TREE_NODES = Fault(
    "xml-nodes",
    Severity.ERROR,
    Text("元素和属性过多，上限 {limit} 个", "too many elements and attributes, {limit} are allowed at once"),
    Text(
        "请分页发布，并检查文件是否完整", "publish it in pages, and check that the file is what it should be"
    ),
)
TREE_BYTES = Fault(
    "xml-bytes",
    Severity.ERROR,
    Text(
        "记录以外或单条记录的内容超过 {limit} 字节",
        "more than {limit} bytes of it are not in any whole record",
    ),
    Text(
        "请检查记录是否完整、格式是否正确", "check that its records are whole and of the format of the source"
    ),
)
MANY_RECORDS = Fault(
    "xml-records",
    Severity.ERROR,
    Text(
        "一个应答中的记录超过 {limit} 条，其后的不予读取",
        "it holds more than {limit} records; the rest is not read",
    ),
    Text("请分页或分文件发布", "publish them in pages, or in several files"),
)
PARSER_LIMIT = Fault(
    "xml-limit",
    Severity.ERROR,
    Text("超出 XML 解析器的限制：{reason}", "beyond what the parser reads: {reason}"),
    Text("请减少嵌套层次，并缩短过长的文字", "nest less, and shorten what is too long"),
)
FORBIDDEN_ENCODING = Fault(
    "encoding-forbidden",
    Severity.ERROR,
    Text("不接受的字符编码：{label}", "the encoding {label} is not accepted"),
    Text("请使用 UTF-8、UTF-16、GB18030、GBK 或 GB2312", "use UTF-8, UTF-16, GB18030, GBK or GB2312"),
)
FALSE_ENCODING = Fault(
    "encoding-false",
    Severity.ERROR,
    Text("声明的编码是 {label}，实际字节却是 {actual}", "it declares {label}, but its bytes are {actual}"),
    Text("请让 XML 声明中的编码与文件实际编码一致", "make the declared encoding that of the file"),
)
BROKEN_ENCODING = Fault(
    "encoding-broken",
    Severity.ERROR,
    Text("字节不符合编码 {label}：{reason}", "the bytes are not valid {label}: {reason}"),
    Text("请以声明的编码重新生成该文件", "write the file again in the encoding that it declares"),
)
MIXED_ENCODING = Fault(
    "encoding-mixed",
    Severity.ERROR,
    Text("文件声明为 {label}，其中却夹有 UTF-8 文字", "it declares {label}, but parts of it are UTF-8"),
    Text("请以同一种编码重新生成整个文件", "write the whole file in one encoding"),
)

FALSE_LABEL = Fault(
    "encoding-label",
    Severity.WARNING,
    Text("声明的编码是 {label}，按 {actual} 读取", "it declares {label} and was read as {actual}"),
    Text("请让 XML 声明中的编码与文件实际编码一致", "make the declared encoding that of the file"),
)
DOUBTFUL_ENCODING = Fault(
    "encoding-doubtful",
    Severity.NOTE,
    Text(
        "按 UTF-8 读取，但全文没有一个汉字，也可能是 GBK",
        "read as UTF-8, but its few letters could also be GBK",
    ),
    Text("请确认文件的实际编码", "make sure which encoding the file is in"),
)
PRIVATE_CHARACTER = Fault(
    "encoding-private",
    Severity.WARNING,
    Text("含有造字区字符 {character}，字形无法确定", "private-use character {character} has no known form"),
    Text("请改用 Unicode 标准字符，或以 UTF-8 发布", "use a character of Unicode proper, or UTF-8"),
)

REFUSALS = (
    ILL_FORMED,
    DOCTYPE,
    TREE_NODES,
    TREE_BYTES,
    MANY_RECORDS,
    PARSER_LIMIT,
    FORBIDDEN_ENCODING,
    FALSE_ENCODING,
    BROKEN_ENCODING,
    MIXED_ENCODING,
)
ENCODING_DOUBTS = (FALSE_LABEL, DOUBTFUL_ENCODING, PRIVATE_CHARACTER)
