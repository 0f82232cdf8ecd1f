"""When: the order of dates, dates that have not come yet, and how long conduct stays public."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from harvester.rules.base import RECORD, Arguments, CheckRule, Fields, Subject
from registry.model.issue import Severity, Text

LONGEST_YEARS: Final = 3  # 2007 rules on bad conduct: public for six months to three years,
SHORTEST_MONTHS: Final = 3  # never shortened below three months

_TOMORROW: Final = timedelta(days=1)  # clocks and time zones differ
_FAR: Final = timedelta(days=366)


def months_later(day: date, months: int) -> date:
    """The same day of the month, ``months`` later; the last of that month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def _order(conduct: Fields, _: Subject) -> Arguments | None:
    before, earlier = b"", b""
    for name in (b"decisionDate", b"madePublic", b"publicUntil"):
        day = conduct.get(name)
        if day is None:
            continue
        if earlier > day:  # days of ISO 8601 sort as texts
            named = {"earlier": before, "first": earlier, "later": name, "second": day}
            return {place: value.decode() for place, value in named.items()}
        before, earlier = name, day
    return None


def _validity(qualification: Fields, _: Subject) -> Arguments | None:
    issued, until = qualification.get(b"issueDate"), qualification.get(b"validUntil")
    if issued is None or until is None or issued <= until:
        return None
    return {"first": issued.decode(), "second": until.decode()}


def _decided_ahead(conduct: Fields, subject: Subject) -> Arguments | None:
    return _later(conduct, (b"decisionDate",), subject.today, _TOMORROW)


def _publicity_ahead(conduct: Fields, subject: Subject) -> Arguments | None:
    return _later(conduct, (b"madePublic",), subject.today, _FAR)


def _publication_ahead(fields: Fields, subject: Subject) -> Arguments | None:
    return _later(fields, (b"pubDate",), subject.today, _FAR)


def _told_ahead(fields: Fields, subject: Subject) -> Arguments | None:
    return _later(fields, (b"mdDateUpd", b"collectionDate", b"gradeDate"), subject.today, _TOMORROW)


def _later(fields: Fields, names: tuple[bytes, ...], today: date, span: timedelta) -> Arguments | None:
    """The first of ``names`` whose day is later than ``span`` after ``today``."""
    limit = _after(today, span)
    for name in names:
        if fields.get(name, b"") > limit:
            return {"element": name.decode(), "value": fields[name].decode()}
    return None


@lru_cache(maxsize=16)
def _after(today: date, span: timedelta) -> bytes:
    return (today + span).isoformat().encode()


def _period(conduct: Fields, _: Subject) -> Arguments | None:
    until = conduct.get(b"publicUntil", b"")
    begin = conduct.get(b"madePublic") or conduct[b"decisionDate"]
    if conduct[b"conductKind"] != b"bad" or until < begin:
        return None
    earliest, latest = _allowed_ends(begin)
    return None if earliest <= until <= latest else {"begin": begin.decode(), "until": until.decode()}


@lru_cache(maxsize=4096)
def _allowed_ends(begin: bytes) -> tuple[bytes, bytes]:
    day = date.fromisoformat(begin.decode())
    ends = months_later(day, SHORTEST_MONTHS), months_later(day, 12 * LONGEST_YEARS)
    return ends[0].isoformat().encode(), ends[1].isoformat().encode()


def _open_ended(conduct: Fields, _: Subject) -> Arguments | None:
    return {} if conduct[b"conductKind"] == b"bad" and b"publicUntil" not in conduct else None


def _conduct(kind: str, decided: str, public: str, until: str) -> str:
    days = "".join(
        f"<{name}>{day}</{name}>"
        for name, day in (("decisionDate", decided), ("madePublic", public), ("publicUntil", until))
        if day
    )
    return (
        f"<conduct><conductKind>{kind}</conductKind><authority>杭州市建委</authority>{days}"
        "<conductStatus>effective</conductStatus></conduct>"
    )


def _qualification(issued: str, until: str) -> str:
    days = f"<issueDate>{issued}</issueDate><validUntil>{until}</validUntil>"
    return f"<qualification><qualificationName>监理甲级</qualificationName>{days}</qualification>"


DATE_ORDER = CheckRule(
    code="date-order",
    severity=Severity.ERROR,
    since=1,
    on=("conduct",),
    check=_order,
    title=Text("日期先后颠倒", "dates out of order"),
    message=Text(
        "{earlier}（{first}）晚于 {later}（{second}）", "{earlier} ({first}) is later than {later} ({second})"
    ),
    hint=Text("应为：决定日期 ≤ 公布日期 ≤ 公布截止日期", "decided, then made public, then public until"),
    good=_conduct("bad", "2024-03-01", "2024-03-05", "2025-03-05"),
    bad=_conduct("bad", "2024-03-01", "2024-02-05", "2025-03-05"),
)
DATE_FUTURE = CheckRule(
    code="date-future",
    severity=Severity.ERROR,
    since=1,
    on=("conduct",),
    check=_decided_ahead,
    title=Text("决定日期在将来", "decided in the future"),
    message=Text("决定日期 {value} 在将来", "the day of the decision, {value}, has not come yet"),
    hint=Text("请核对日期", "check the date"),
    good="<decisionDate>2024-03-01</decisionDate>",
    bad="<decisionDate>2099-03-01</decisionDate>",
)
PUBLICITY_FAR = CheckRule(
    code="publicity-far-future",
    severity=Severity.ERROR,
    since=1,
    on=("conduct",),
    check=_publicity_ahead,
    title=Text("公布日期在遥远的将来", "made public in the far future"),
    message=Text("公布日期 {value} 在一年以后", "{value}, when it is made public, is more than a year away"),
    hint=Text("请核对日期", "check the date"),
    good="<madePublic>2024-03-05</madePublic>",
    bad="<madePublic>2099-12-31</madePublic>",
)
PUBLICATION_FAR = CheckRule(
    code="publication-far-future",
    severity=Severity.ERROR,
    since=1,
    on=(RECORD,),
    about="pubDate",
    check=_publication_ahead,
    title=Text("发布日期在遥远的将来", "published in the far future"),
    message=Text("发布日期 {value} 在一年以后", "the day of publication, {value}, is more than a year away"),
    hint=Text("请核对日期", "check the date"),
    good="<pubDate>2024-03-05</pubDate>",
    bad="<pubDate>2099-12-31</pubDate>",
)
DATE_AHEAD = CheckRule(
    code="date-ahead",
    severity=Severity.WARNING,
    since=1,
    on=(RECORD,),
    check=_told_ahead,
    title=Text("已发生事项的日期在将来", "a past act dated in the future"),
    message=Text("{element} 的日期 {value} 在将来", "the date {value} of {element} has not come yet"),
    hint=Text(
        "请核对日期；合并时不采信将来的日期", "check it; merging does not trust a date that has not come"
    ),
    good="<mdDateUpd>2024-03-05</mdDateUpd>",
    bad="<mdDateUpd>2099-12-31</mdDateUpd>",
)
VALIDITY_ORDER = CheckRule(
    code="validity-order",
    severity=Severity.WARNING,
    since=1,
    on=("qualification",),
    check=_validity,
    title=Text("有效期早于发证日期", "valid until before issued"),
    message=Text("有效期（{second}）早于发证日期（{first}）", "valid until {second}, but issued on {first}"),
    hint=Text("请核对日期", "check the dates"),
    good=_qualification("2020-01-01", "2025-01-01"),
    bad=_qualification("2025-01-01", "2020-01-01"),
)
CONDUCT_PERIOD = CheckRule(
    code="conduct-period",
    severity=Severity.WARNING,
    since=1,
    on=("conduct",),
    check=_period,
    title=Text("不良行为公布期限", "period of publicity of bad conduct"),
    message=Text(
        "公布期限 {begin} 至 {until} 不在三个月至三年之间",
        "public from {begin} to {until}: not between three months and three years",
    ),
    hint=Text(
        "2007 年规定：一般六个月至三年，缩短后不得少于三个月",
        "rules of 2007: six months to three years, never shortened below three months",
    ),
    good=_conduct("bad", "2024-03-01", "2024-03-05", "2027-03-05"),
    bad=_conduct("bad", "2024-03-01", "2024-03-05", "2027-03-06"),
)
CONDUCT_OPEN_ENDED = CheckRule(
    code="conduct-open-ended",
    severity=Severity.WARNING,
    since=1,
    on=("conduct",),
    check=_open_ended,
    title=Text("不良行为未写明公布截止日期", "bad conduct without an end of publicity"),
    message=Text(
        "不良行为记录缺少公布截止日期", "a record of bad conduct does not say until when it is public"
    ),
    hint=Text("请填写 publicUntil", "give publicUntil"),
    good=_conduct("bad", "2024-03-01", "2024-03-05", "2025-03-05"),
    bad=_conduct("bad", "2024-03-01", "2024-03-05", ""),
)
