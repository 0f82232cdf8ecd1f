"""How sources are asked: one row a protocol whose answers are XML.

:mod:`base` says what a row provides. A new protocol: a member of ``registry.model.source.Protocol``, a file
here, a row below, recorded answers (``docs/howto/add-a-protocol.md``); the contract suite runs over every
row. The one protocol without XML is the log of a register in the same installation: :mod:`register`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from harvester.protocols.base import SourceProtocol
from harvester.protocols.folder import Folder
from harvester.protocols.oaipmh import OaiPmh
from harvester.protocols.xml_document import XmlDocument
from registry.model.source import Protocol

PROTOCOLS: Mapping[Protocol, SourceProtocol] = MappingProxyType(
    {
        Protocol.OAI_PMH: OaiPmh(),
        Protocol.XML_DOCUMENT: XmlDocument(),
        Protocol.FOLDER: Folder(),
        Protocol.CONSOLE: Folder(),  # a worker makes folders of what is kept (harvester.deliver.desk)
    }
)
