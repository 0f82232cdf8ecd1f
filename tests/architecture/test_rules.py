"""The code keeps every rule, and every rule finds what breaks it."""

from __future__ import annotations

import pytest

from tests.architecture import rules
from tests.architecture.code import Module, modules, product
from tests.architecture.parsers import only_one_maker_of_xml_parsers
from tests.architecture.rules import Rule

PRODUCT_RULES: tuple[Rule, ...] = (
    only_one_maker_of_xml_parsers,
    rules.only_one_opener_of_sockets,
    rules.only_one_reader_of_the_environment,
    rules.entrances_are_imported_by_nobody,
    rules.settings_are_loaded_at_the_entrances,
    rules.the_clock_is_read_at_the_entrances,
    rules.the_model_knows_the_standard_library_only,
    rules.no_codec_that_runs_code,
)
EVERYWHERE: tuple[Rule, ...] = (rules.no_vague_names, rules.files_are_short, rules.functions_fit_a_screen)

PARSING: tuple[tuple[str, str], ...] = (
    ("harvester.parse", "from lxml import etree\netree.fromstring(b'<a/>')"),
    ("harvester.parse", "from lxml import etree\netree.parse('a.xml')"),
    ("harvester.parse", "from lxml import etree\netree.XML('<a/>')"),
    ("harvester.parse", "from lxml import etree\nread = etree.HTMLParser"),
    ("harvester.parse", "from lxml import etree\netree.ElementTree(file='a.xml')"),
    ("harvester.parse", "from lxml import etree\netree.RelaxNG(file='a.rng')"),
    ("harvester.parse", "from lxml import etree\ne = etree\ne.fromstring(b'<a/>')"),
    ("harvester.parse", "from lxml import etree\ngetattr(etree, 'from' + 'string')(b'<a/>')"),
    ("harvester.parse", "import lxml.etree\ntell(lxml.etree)"),
    ("harvester.parse", "def f(tree):\n    tree.xinclude()"),
    ("harvester.protocols.stream", "from lxml.etree import *"),
    ("harvester.protocols.stream", "from lxml.etree import XMLPullParser"),
    ("harvester.validate", "from lxml import etree\netree.XMLSchema(file='a.xsd')"),
    ("schemas.xsd", "from lxml.etree import XMLParser as P\nP()"),
    ("schemas.xmlish", "from xml.dom import minidom"),
    ("registry.formats.oai_dc", "import lxml.etree as e\ne.iterparse('x')"),
    ("registry.formats.oai_dc", "from lxml import objectify"),
    ("registry.formats.oai_dc", "from lxml.html import document_fromstring"),
    ("harvester.rules.base", "import xml.etree.ElementTree"),
    ("harvester.rules.base", "from xml.etree import ElementTree as E"),
    ("harvester.rules.base", "import xml.sax\nxml.sax.parseString(b'', None)"),
    ("harvester.rules.base", "from xml.sax import make_parser"),
    ("harvester.rules.base", "from xml.parsers import expat"),
    ("harvester.rules.base", "import pyexpat"),
    ("harvester.rules.base", "import xmlschema"),
    ("harvester.rules.base", "import openpyxl"),
    ("schemas.explanation", "import xmlschema\nxmlschema.validate('a.xml', 'a.xsd')"),
    ("schemas.explanation", "from xmlschema import XMLResource"),
)

PLANTED: tuple[tuple[Rule, str, str], ...] = (
    *((only_one_maker_of_xml_parsers, module, text) for module, text in PARSING),
    (rules.only_one_opener_of_sockets, "harvester.worker", "import socket"),
    (rules.only_one_opener_of_sockets, "harvester.protocols.oaipmh", "from requests import get"),
    (rules.only_one_opener_of_sockets, "registry.web.api", "from urllib import request"),
    (rules.only_one_opener_of_sockets, "registry.services.mailing", "import smtplib"),
    (rules.only_one_opener_of_sockets, "harvester.mail", "import requests"),
    (rules.only_one_opener_of_sockets, "harvester.https", "from urllib3.poolmanager import PoolManager"),
    (rules.only_one_reader_of_the_environment, "registry.web.wsgi", "import os\nos.environ['HOME']"),
    (rules.only_one_reader_of_the_environment, "cli", "from os import getenv\ngetenv('HOME')"),
    (rules.only_one_reader_of_the_environment, "config.secrets", "import os as o\no.environ.get('A')"),
    (rules.only_one_reader_of_the_environment, "registry.commands", "option('--home', envvar='MULU_HOME')"),
    (rules.entrances_are_imported_by_nobody, "registry.web.api", "from .wsgi import app"),
    (rules.entrances_are_imported_by_nobody, "harvester.commands", "def f():\n    import cli"),
    (rules.entrances_are_imported_by_nobody, "registry.store.upgrade", "from migrations import env"),
    (rules.settings_are_loaded_at_the_entrances, "harvester.worker", "from config.load import load"),
    (rules.settings_are_loaded_at_the_entrances, "registry.web", "import config.load as c\nc.load()"),
    (rules.the_clock_is_read_at_the_entrances, "registry.services.publish", "import time\ntime.time()"),
    (
        rules.the_clock_is_read_at_the_entrances,
        "registry.model.health",
        "import datetime as d\nd.date.today()",
    ),
    (rules.the_clock_is_read_at_the_entrances, "x", "from datetime import UTC, datetime\ndatetime.now(UTC)"),
    (rules.the_clock_is_read_at_the_entrances, "y", "def f(clock=datetime.datetime.now): pass"),
    (rules.the_model_knows_the_standard_library_only, "registry.model.diff", "import msgspec"),
    (rules.the_model_knows_the_standard_library_only, "registry.model.source", "from pathlib import Path"),
    (rules.the_model_knows_the_standard_library_only, "registry.model.merge", "from random import random"),
    (rules.the_model_knows_the_standard_library_only, "registry.model.merge", "from schemas import codes"),
    (rules.no_codec_that_runs_code, "harvester.sandbox.wire", "import pickle"),
    (rules.no_vague_names, "registry.utils", ""),
    (rules.no_vague_names, "tests.unit.helpers.test_a", ""),
    (rules.files_are_short, "demo", "\n" * 301),
    (rules.functions_fit_a_screen, "demo", "def f():\n" + "    pass\n" * 50),
)

ALLOWED: tuple[tuple[Rule, str, str], ...] = (
    (only_one_maker_of_xml_parsers, "schemas.xml", "from lxml import etree\netree.XMLParser()"),
    (
        only_one_maker_of_xml_parsers,
        "schemas.xsd",
        "from lxml import etree\netree.XMLSchema(parse_packaged(x))",
    ),
    (only_one_maker_of_xml_parsers, "schemas.xsd", "from lxml import etree\netree.tostring(e)"),
    (only_one_maker_of_xml_parsers, "schemas.text", "from xml.sax.saxutils import escape"),
    (
        only_one_maker_of_xml_parsers,
        "schemas.explanation",
        "import xmlschema\nxmlschema.XMLSchema10('a.xsd')",
    ),
    (rules.only_one_opener_of_sockets, "harvester.http.fetch", "import requests"),
    (rules.only_one_opener_of_sockets, "harvester.mail", "import smtplib, ssl"),
    (
        rules.only_one_opener_of_sockets,
        "registry.web.api",
        "from urllib.parse import quote\nfrom http import HTTPStatus",
    ),
    (rules.only_one_reader_of_the_environment, "config.load", "import os\nos.environ"),
    (rules.the_clock_is_read_at_the_entrances, "cli", "import time\ntime.time()"),
    (rules.the_clock_is_read_at_the_entrances, "harvester.http", "import time\ntime.monotonic()"),
    (
        rules.the_model_knows_the_standard_library_only,
        "registry.model.diff",
        "import re\nimport registry.model.run",
    ),
    (rules.the_model_knows_the_standard_library_only, "registry.store.diff", "import sqlalchemy"),
    (rules.files_are_short, "migrations.versions.x", "\n" * 301),
    (rules.files_are_short, "demo", "\n" * 300),
    (rules.functions_fit_a_screen, "demo", "def f():\n" + "    pass\n" * 49),
)


def planted(name: str, text: str) -> list[Module]:
    return [Module(name, name.replace(".", "/") + ".py", text)]


def rule_name(value: object) -> str | None:
    return getattr(value, "__name__", None)


@pytest.mark.parametrize("rule", PRODUCT_RULES, ids=rule_name)
def test_the_product_keeps_the_rule(rule: Rule) -> None:
    assert rule(product()) == []


@pytest.mark.parametrize("rule", EVERYWHERE, ids=rule_name)
def test_all_code_keeps_the_rule(rule: Rule) -> None:
    assert rule(modules()) == []


@pytest.mark.parametrize(("rule", "module", "text"), PLANTED, ids=rule_name)
def test_the_rule_finds_a_planted_violation(rule: Rule, module: str, text: str) -> None:
    assert len(rule(planted(module, text))) >= 1


@pytest.mark.parametrize(("rule", "module", "text"), ALLOWED, ids=rule_name)
def test_the_rule_lets_pass_what_is_allowed(rule: Rule, module: str, text: str) -> None:
    assert rule(planted(module, text)) == []


def test_every_rule_has_a_planted_violation() -> None:
    assert {rule for rule, _, _ in PLANTED} == {*PRODUCT_RULES, *EVERYWHERE}


def test_the_product_is_looked_at_as_a_whole() -> None:
    assert {"config.load", "registry.model.merge", "harvester.http.fetch"} <= {
        each.name for each in product()
    }
