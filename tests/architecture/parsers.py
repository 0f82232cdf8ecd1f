"""Who may turn bytes into XML: ``schemas.xml``, which makes every parser safe and counts what it is fed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.architecture.code import Module, values
from tests.architecture.rules import spoken

MAKER = "schemas.xml"

_OF_ETREE = (
    "XMLParser XMLPullParser ETCompatXMLParser HTMLParser HTMLPullParser iterparse fromstring fromstringlist parse "
    "parseid XML XMLID XMLDTDID HTML XSLT XInclude set_default_parser get_default_parser TreeBuilder ElementTree "
    "DTD RelaxNG Schematron adopt_external_document *"
)
_OF_OTHERS = (
    "bs4 defusedxml html5lib html.parser lxml.html lxml.isoschematron lxml.objectify lxml.sax pyexpat xml.dom "
    "xml.etree xml.parsers xml.sax.expatreader xml.sax.make_parser xml.sax.parse xml.sax.parseString "
    "xml.sax.xmlreader xmltodict"
)
_OF_XMLSCHEMA = (
    "XMLResource XmlDocument validate is_valid iter_errors iter_decode to_dict to_json to_etree from_json "
    "fetch_resource fetch_schema fetch_schema_locations download_schemas"
)
_READERS = (
    *_OF_OTHERS.split(),
    *(f"lxml.etree.{name}" for name in _OF_ETREE.split()),
    *(f"xmlschema.{name}" for name in _OF_XMLSCHEMA.split()),
)
_WITH_PARSERS_OF_THEIR_OWN = {
    "lxml.etree.XMLSchema": ("schemas.xsd",),  # of a packaged file that schemas.xml has parsed
    "xmlschema": ("schemas.explanation",),  # of the same packaged files; records come to it as elements
    "openpyxl": (
        "harvester.tables.sheets",  # workbooks, whose XML it alone can read
        "registry.outlets.workbook",  # writes them
    ),
}


def only_one_maker_of_xml_parsers(modules: Iterable[Module]) -> list[str]:
    """Bytes become XML in ``schemas.xml`` only. Libraries that parse for themselves have few users."""
    modules = list(modules)
    found = list(spoken(modules, _READERS, (MAKER,)))
    for library, users in _WITH_PARSERS_OF_THEIR_OWN.items():
        found += spoken(modules, (library,), (MAKER, *users))
    return found + list(_rebound(modules))


def _rebound(modules: Iterable[Module]) -> Iterator[str]:
    """Places where lxml is kept or handed over as a whole, and whoever has it may call what it likes."""
    for module in modules:
        for name, line in values(module):
            if name in ("lxml", "lxml.etree") or name.endswith(".xinclude"):
                yield f"{module.path}:{line}: {name} itself"
