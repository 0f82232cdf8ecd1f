"""How much of what people write about people is found, how little else is taken for it, and that what was found
stays in the archive: all that is stored beside it, and all that leaves, holds the safe form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import pytest

from harvester.rules.base import masked
from harvester.rules.masking import is_suspicious
from tests.acceptance.conftest import Mulu
from tests.conftest import Tell
from tests.endpoint import Endpoint
from tests.hostile.filled import filled
from tests.hostile.outlets import archived, exported, listed, stored
from tests.hostile.planted import Planted, decoys, leaks, normal, planted
from tests.hostile.site import REGISTER, Site

MANY = 1000
RECORDS = 150
TODAY = datetime.now(UTC).date()


def test_what_is_planted_is_found_and_what_looks_like_it_stays(seed: str, tell: Tell) -> None:
    rng = Random(seed)
    written = planted(rng, MANY)
    missed = [
        each for each in written
        if leaks(masked(each.text), each.secrets) or not is_suspicious(each.text.encode())
    ]  # fmt: skip
    plain = decoys(rng, MANY)
    altered = [each for each in plain if masked(each) != each]
    tell(
        f"personal data: {MANY - len(missed)} of {MANY} planted found, {len(altered)} of {MANY} decoys altered"
    )
    assert len(missed) <= 0.005 * MANY, missed[:5]
    assert len(altered) <= 0.01 * MANY, altered[:5]


def spread(site: Site, written: list[Planted]) -> set[str]:
    """Harvest records with these texts in every element; the places outside the archive where a secret stands."""
    site.city.provider.records[:] = [
        filled(f"p{number:04}", each.text, TODAY, link=_link(each), code=_code(each))
        for number, each in enumerate(written)
    ]
    told = site.harvest("--full")
    assert told["accepted"] == len(written)
    numbers = {one for each in written for one in each.secrets if one[0].isdigit()}
    number = re.compile("|".join(sorted(numbers)))
    return {place for place, text in _seen(site, str(told["run"])) if any(map(number.search, normal(text)))}


def _identifier(number: int) -> str:
    return f"oai:endpoint.test:p{number:04}"


def _link(planted: Planted) -> str:
    """Numbers of 15 digits remove no link: too many codes look like them."""
    return "https://endpoint.test/?q=" + ("" if planted.kind.startswith("citizen of old") else planted.text)


def _code(planted: Planted) -> str:
    """A number that nothing calls a telephone is none where numbers belong."""
    return "X1" if planted.kind.startswith("telephone") else ""


def _seen(site: Site, run: str) -> Iterator[tuple[str, str]]:
    yield from stored(site)
    for prefix, entry in listed(site):
        yield f"OAI-PMH {prefix}", entry.metadata.decode()
    for prefix, content in exported(site).items():
        yield f"export {prefix}", content.decode("utf-8", "replace")
    for options in ([], ["--json"]):
        yield "run show", site.mulu("run", "show", run, "--issues", "10000", *options)
    for number in range(0, min(RECORDS, len(site.city.provider.records)), 25):
        for options in ([], ["--json"], ["--xml"]):
            yield (
                "entry show",
                site.mulu("entry", "show", REGISTER, _identifier(number), *options),
            )


@pytest.fixture
def site(prepared: Mulu) -> Iterator[Site]:
    with Endpoint([], page_size=100) as city:
        city.provider.prefix = "catalogue"
        yield Site.found(prepared, city)


def test_what_was_found_stays_in_the_archive(site: Site, seed: str) -> None:
    written = planted(Random(seed), RECORDS)
    assert spread(site, written) == set()
    shown = {
        entry.identifier: entry.metadata.decode() for prefix, entry in listed(site) if prefix == "catalogue"
    }
    assert [
        each for number, each in enumerate(written) if leaks(shown[_identifier(number)], each.secrets)
    ] == []
    kept = b"".join(archived(site)).decode()
    assert all(leaks(kept, each.secrets) for each in written)


def test_what_is_not_found_is_seen_in_all_those_places(site: Site) -> None:
    """The planted defect: a number that no rule looks for."""
    secret = Planted("证件11010519491231003X", ("11010519491231003X",), "a wrong check character")
    places = spread(site, [secret])
    assert {"documents", "OAI-PMH catalogue", "export oai_dc", "entry show"} <= places
