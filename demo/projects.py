"""Projects of a place, and what it publishes about them: the project catalogue (项目信息公开目录)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from random import Random

from demo.companies import Company
from demo.fields import Entry, party, record
from demo.identifiers import drawn_organisation
from demo.places import Place
from demo.records import DATA_DATE, Field, SampleRecord
from demo.words import ESTATES, NUMERALS, PROJECT_ITEMS, PROJECTS, ROADS, WATERS, ProjectItem

_NATURES = ("新建", "改建", "扩建", "迁建")
_TYPES = ("市政", "房屋建筑", "水利", "交通")


@dataclass(frozen=True, slots=True)
class Project:
    """A project: ``code`` as 公开共享规范 forms it (division, organisation, year, sequence)."""

    code: str
    name: str
    division: str
    area: str
    address: str
    nature: str
    kind: str
    investment: int  # 10,000 yuan
    starts: date
    owner: str
    owner_code: str  # organisation code (GB 11714)
    companies: tuple[Company, ...]


def projects(place: Place, companies: tuple[Company, ...], random: Random) -> Iterator[Project]:
    """Projects without end, with names that do not repeat."""
    named: set[str] = set()
    serial = 0
    while True:
        division, area = random.choice(place.areas)
        road, estate, water = random.choice(ROADS), random.choice(ESTATES), random.choice(WATERS)
        name = random.choice(PROJECTS).format(
            area=area, road=road, estate=estate, water=water, number=random.choice(NUMERALS)
        )
        if name in named:
            continue
        named.add(name)
        serial += 1
        starts = date(2024, 1, 8) + timedelta(days=random.randrange(420))
        owner_code = drawn_organisation(random)
        yield Project(
            code=f"{division}{owner_code}{starts.year}{serial:04d}",
            name=name,
            division=division,
            area=area,
            address=f"{place.name}{area}{road}{random.randrange(1, 400)}号"
            if area != place.name
            else f"{area}{road}",
            nature=random.choice(_NATURES),
            kind=random.choice(_TYPES),
            investment=random.randrange(300, 90_000),
            starts=starts,
            owner=f"{area}示例城市建设投资有限公司",
            owner_code=owner_code,
            companies=_one_of_each_role(companies, random),
        )


def _one_of_each_role(companies: tuple[Company, ...], random: Random) -> tuple[Company, ...]:
    roles = dict.fromkeys(each.trade.role for each in companies)
    return tuple(random.choice([each for each in companies if each.trade.role == role]) for role in roles)


def project_records(
    place: Place, companies: tuple[Company, ...], count: int, random: Random
) -> Iterator[SampleRecord]:
    """``count`` records: each project's basic information, and one to three other items."""
    serial = 0
    for project in projects(place, companies, random):
        others = random.sample(PROJECT_ITEMS[1:], random.randrange(1, 4))
        for item, second in zip((PROJECT_ITEMS[0], *others), cycle((1, 2_711, 9_013, 21_499))):
            if serial == count:
                return
            serial += 1
            published = min(
                project.starts + timedelta(days=random.randrange(20, 400)), DATA_DATE - timedelta(days=5)
            )
            updated = min(published + timedelta(days=random.randrange(5)), DATA_DATE)
            yield _record(place, project, item, serial, published, updated, second + 61 * serial)


def _record(
    place: Place,
    project: Project,
    item: ProjectItem,
    serial: int,
    published: date,
    updated: date,
    second: int,
) -> SampleRecord:
    parties: tuple[Field, ...] = (
        (
            "party",
            (
                ("partyRole", "owner"),
                ("partyName", project.owner),
                ("partyIdScheme", "organisation"),
                ("partyId", project.owner_code),
            ),
        ),
        *(party(each.trade.role, each.name, each.credit_code) for each in project.companies),
    )
    return record(
        Entry(
            host=place.host,
            place=place.code,
            serial=serial,
            catalogue="project",
            item=item.number,
            division=project.division,
            title=f"{project.name}{item.ending}",
            abstract=f"{project.name}位于{project.address}，建设性质为{project.nature}，"
            f"总投资{project.investment}万元。本条目{item.sentence}",
            body=f"{place.name}{item.body}",
            keywords=(project.kind, item.ending, project.area),
            published=published,
            updated=updated,
            second=second,
            profile=(("project", _project_fields(project)), *parties),
        )
    )


def _project_fields(project: Project) -> tuple[Field, ...]:
    return (
        ("projectCode", project.code),
        ("projectName", project.name),
        ("projectAddress", project.address),
        ("projectNature", project.nature),
        ("projectType", project.kind),
        ("industryCode", "4813" if project.kind == "市政" else "4710"),
        ("scale", f"总投资{project.investment}万元"),
        ("startDate", project.starts.isoformat()),
    )
