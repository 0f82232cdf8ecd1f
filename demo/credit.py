"""What a place publishes about companies: the credit catalogue (信用信息共享目录).

Bad conduct is public for one to three years after its decision. Some periods ended before the data date, some
records are not to be shared, some only with other departments: the registers must keep them back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from random import Random

from demo.companies import Company
from demo.fields import Entry, party, record
from demo.places import Place
from demo.records import DATA_DATE, Field, SampleRecord


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one record says about a company."""

    item: str
    ending: str
    sentence: str
    profile: tuple[Field, ...]
    day: date
    sharing: str = "1"
    openness: str = "1"


def credit_records(
    place: Place, companies: tuple[Company, ...], count: int, random: Random
) -> Iterator[SampleRecord]:
    """``count`` records: penalties, qualifications, achievements, grades and awards, in turn."""
    kinds: cycle[_Kind] = cycle(
        (_penalty, _qualification, _penalty, _achievement, _grade, _expired_penalty, _award)
    )
    sharing = cycle(
        (("1", "1"), ("1", "1"), ("1", "1"), ("2", "1"), ("1", "1"), ("1", "1"), ("1", "1"), ("3", "0"))
    )
    for serial, kind, (shared, is_open) in zip(range(1, count + 1), kinds, sharing, strict=False):
        company = random.choice(companies)
        found = kind(_Draw(place, company, serial, random))
        updated = min(found.day + timedelta(days=6), DATA_DATE)
        yield record(
            Entry(
                host=place.host,
                place=place.code,
                serial=serial,
                catalogue="credit",
                item=found.item,
                division=place.code,
                title=f"{company.name}{found.ending}",
                abstract=f"{company.name}（统一社会信用代码{company.credit_code}）{found.sentence}",
                body=f"{place.name}住房和城乡建设局",
                keywords=("信用信息", found.ending, company.trade.qualification),
                published=updated,
                updated=updated,
                second=33_000 + 37 * serial,
                profile=(party(company.trade.role, company.name, company.credit_code), *found.profile),
                sharing=shared,
                openness=is_open,
            )
        )


@dataclass(frozen=True, slots=True)
class _Draw:
    """Of whom a finding is drawn, as the how manieth of the place."""

    place: Place
    company: Company
    serial: int
    random: Random


_Kind = Callable[[_Draw], _Finding]


def _penalty(draw: _Draw) -> _Finding:
    decided = DATA_DATE - timedelta(days=draw.random.randrange(10, 170))
    return _decided(draw, decided, public_days=1095)


def _expired_penalty(draw: _Draw) -> _Finding:
    decided = date(2020, 3, 2) + timedelta(days=draw.random.randrange(600))
    return _decided(draw, decided, public_days=draw.random.choice((183, 365, 730)))


def _decided(draw: _Draw, decided: date, public_days: int) -> _Finding:
    code, fact = draw.random.choice(draw.company.trade.offences)
    made_public = decided + timedelta(days=draw.random.randrange(1, 7))
    fine = draw.random.randrange(2, 60)
    number = f"{draw.place.name[0]}建罚决字〔{decided.year}〕第{draw.serial:03d}号"
    conduct: tuple[Field, ...] = (
        ("conductKind", "bad"),
        ("conductScheme", "national"),
        ("conductCode", code),
        ("conductFact", f"{fact}。处以罚款{fine}万元，责令限期改正。"),
        ("docNumber", number),
        ("authority", f"{draw.place.name}住房和城乡建设局"),
        ("decisionDate", decided.isoformat()),
        ("madePublic", made_public.isoformat()),
        ("publicUntil", (made_public + timedelta(days=public_days)).isoformat()),
        ("conductStatus", "effective"),
    )
    return _Finding(
        "6.2",
        "行政处罚信息",
        f"因{fact}，被{draw.place.name}住房和城乡建设局处以罚款{fine}万元，决定文书号{number}。",
        (("conduct", conduct),),
        made_public,
    )


def _qualification(draw: _Draw) -> _Finding:
    issued = DATA_DATE - timedelta(days=draw.random.randrange(30, 900))
    level = draw.random.choice(("甲级", "乙级", "壹级", "贰级"))
    held: tuple[Field, ...] = (
        ("qualificationName", draw.company.trade.qualification),
        ("qualificationLevel", level),
        ("certificateNumber", f"D{draw.place.code}{draw.serial:05d}"),
        ("issuedBy", f"{draw.place.name}住房和城乡建设局"),
        ("issueDate", issued.isoformat()),
        ("validUntil", (issued + timedelta(days=1826)).isoformat()),
    )
    return _Finding(
        "2",
        "资质信息",
        f"持有{draw.company.trade.qualification}{level}资质。",
        (("qualification", held),),
        issued,
    )


def _achievement(draw: _Draw) -> _Finding:
    completed = DATA_DATE - timedelta(days=draw.random.randrange(30, 700))
    _, area = draw.random.choice(draw.place.areas)
    name = f"{area}{draw.random.choice(('便民服务中心', '体育公园', '综合管廊', '保障性住房'))}工程"
    done: tuple[Field, ...] = (
        ("achievementName", name),
        ("achievementRole", draw.company.trade.role),
        ("contractAmount", f"{draw.random.randrange(200, 30_000)}.{draw.random.randrange(10)}"),
        ("completionDate", completed.isoformat()),
    )
    return _Finding(
        "3", f"承建{name}业绩信息", f"完成{name}，已竣工验收。", (("achievement", done),), completed
    )


def _grade(draw: _Draw) -> _Finding:
    level, original = draw.random.choice((("A", "AAA"), ("A", "AA"), ("B", "B"), ("C", "C")))
    graded = date(2025, 3, 31)
    given: tuple[Field, ...] = (
        ("gradeLevel", level),
        ("gradeOriginal", original),
        ("gradedBy", f"{draw.place.name}建筑业协会"),
        ("gradeDate", graded.isoformat()),
    )
    return _Finding(
        "4", "2024年度信用评价结果", f"2024年度信用评价等级为{original}。", (("grade", given),), graded
    )


def _award(draw: _Draw) -> _Finding:
    awarded = DATA_DATE - timedelta(days=draw.random.randrange(40, 500))
    name = (
        f"{draw.place.name}建设工程{draw.random.choice(('结构优质', '安全文明施工标准化工地', '优质工程'))}奖"
    )
    given: tuple[Field, ...] = (
        ("awardName", name),
        ("awardLevel", "县级" if draw.place.name.endswith("县") else "市级"),
        ("awardedBy", f"{draw.place.name}住房和城乡建设局"),
        ("awardDate", awarded.isoformat()),
    )
    return _Finding("5", "良好行为信息", f"获得{name}。", (("award", given),), awarded)
