"""The page on the schema is current, complete, and its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from schemas.describe import describe
from schemas.xml import parse_packaged
from schemas.xsd import FOLDER

REPOSITORY = Path(__file__).parents[3]
XS = "{http://www.w3.org/2001/XMLSchema}"


def test_the_page_is_current() -> None:
    page = (REPOSITORY / "docs/schema.md").read_text(encoding="utf-8")
    assert page == describe(), "run: python -m schemas.describe > docs/schema.md"


def test_the_command_prints_the_page() -> None:
    command = [sys.executable, "-m", "schemas.describe"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True)
    assert done.stdout.decode() == describe()


def test_every_element_and_type_is_on_the_page() -> None:
    page = describe()
    for file in FOLDER.glob("*.xsd"):
        root = parse_packaged(file).getroot()
        for element in root.iter(f"{XS}element"):
            assert f"| `{element.get('name')}` |" in page or element.get("name") == "record"
        for kind in (*root.iter(f"{XS}complexType"), *root.iter(f"{XS}simpleType")):
            assert f"## {kind.get('name')}\n" in page or f"| `{kind.get('name')}` (" in page


def test_links_lead_to_headings() -> None:
    page = describe()
    headings = re.findall(r"^## (.*)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]*)\)", page)) <= anchors
