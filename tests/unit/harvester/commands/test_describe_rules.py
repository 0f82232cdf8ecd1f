"""The page on issues is current, and complete."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from harvester.commands.describe_rules import FAULTS, describe
from harvester.rules import RULES

REPOSITORY = Path(__file__).parents[4]


def test_the_page_is_current() -> None:
    page = (REPOSITORY / "docs/rules.md").read_text(encoding="utf-8")
    assert page == describe(), "run: python -m harvester.commands.describe_rules > docs/rules.md"


def test_the_command_prints_the_page() -> None:
    command = [sys.executable, "-m", "harvester.commands.describe_rules"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True)
    assert done.stdout.decode() == describe()


def test_every_code_is_on_the_page_once() -> None:
    codes = Counter([*RULES, *(fault.code for _, faults in FAULTS for fault in faults)])
    assert codes.most_common(1)[0][1] == 1
    page = describe()
    assert all(f"`{code}`" in page for code in codes)


def test_no_invisible_character_is_on_the_page() -> None:
    assert all(character.isprintable() or character == "\n" for character in describe())
