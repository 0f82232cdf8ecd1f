"""What OAI-PMH 2.0 says, as data: namespaces, verbs and their arguments, errors, mandatory formats.

Source: https://www.openarchives.org/OAI/2.0/openarchivesprotocol.htm, sections 3 and 4; labels are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from schemas.issue import Text

OAI: Final = "http://www.openarchives.org/OAI/2.0/"
OAI_DC: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC: Final = "http://purl.org/dc/elements/1.1/"
PROVENANCE: Final = "http://www.openarchives.org/OAI/2.0/provenance"
IDENTIFIER: Final = "http://www.openarchives.org/OAI/2.0/oai-identifier"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

SCHEMA_LOCATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        OAI: "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd",
        OAI_DC: "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
        PROVENANCE: "http://www.openarchives.org/OAI/2.0/provenance.xsd",
        IDENTIFIER: "http://www.openarchives.org/OAI/2.0/oai-identifier.xsd",
    }
)

SET_SPEC_PATTERN: Final = r"([A-Za-z0-9\-_\.!~\*'\(\)])+(:[A-Za-z0-9\-_\.!~\*'\(\)]+)*"
METADATA_PREFIX_PATTERN: Final = r"[A-Za-z0-9\-_\.!~\*'\(\)]+"


@dataclass(frozen=True, slots=True)
class Verb:
    """A request of section 4: which arguments it must have, which it may have, and the one that excludes all
    others (empty where there is none)."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    exclusive: str = ""

    @property
    def arguments(self) -> frozenset[str]:
        """Every argument that the verb knows."""
        return self.required | self.optional | ({self.exclusive} if self.exclusive else frozenset())


_SELECTIVE = Verb(frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"}), "resumptionToken")

VERBS: Final[Mapping[str, Verb]] = MappingProxyType(
    {
        "Identify": Verb(),
        "ListMetadataFormats": Verb(optional=frozenset({"identifier"})),
        "ListSets": Verb(exclusive="resumptionToken"),
        "GetRecord": Verb(required=frozenset({"identifier", "metadataPrefix"})),
        "ListIdentifiers": _SELECTIVE,
        "ListRecords": _SELECTIVE,
    }
)

ERRORS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "badArgument": Text(
            "参数缺失、重复、多余或取值有误", "an argument is missing, repeated, unknown or ill-formed"
        ),
        "badResumptionToken": Text("续传令牌无效或已过期", "the resumption token is invalid or has expired"),
        "badVerb": Text("动词缺失、重复或未知", "the verb is missing, repeated or unknown"),
        "cannotDisseminateFormat": Text(
            "该记录没有所请求的元数据格式", "the metadata format is not available here"
        ),
        "idDoesNotExist": Text("标识符不存在", "the identifier is unknown here"),
        "noRecordsMatch": Text("没有符合条件的记录", "no record matches these arguments"),
        "noMetadataFormats": Text("该记录没有可用的元数据格式", "the item has no metadata format"),
        "noSetHierarchy": Text("本库不支持集合", "this repository has no sets"),
    }
)
