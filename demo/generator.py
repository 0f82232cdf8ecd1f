"""What each place publishes: drawn from a seed, the same on every machine and every day."""

from __future__ import annotations

from functools import cache
from random import Random

from demo.companies import draw_companies
from demo.credit import credit_records
from demo.faults import FAULTS, is_fit, spoil
from demo.places import Place
from demo.projects import Project, project_records, projects
from demo.records import SampleRecord

_DELETED_EVERY = 41
"""Every so many records one has been deleted since: only its header is left."""


@cache
def records_of(place: Place) -> tuple[SampleRecord, ...]:
    """All records of a place in the order of their datestamps; faulty ones stand in the place of good ones."""
    random = Random(f"mulu sample {place.code}")  # noqa: S311 (a sample, not a secret)
    companies = draw_companies(place, random)
    projects_count = place.size * 3 // 5
    good = [
        *project_records(place, companies, projects_count, random),
        *credit_records(place, companies, place.size - projects_count, random),
    ]
    good[_DELETED_EVERY - 1 :: _DELETED_EVERY] = [
        record.as_deleted() for record in good[_DELETED_EVERY - 1 :: _DELETED_EVERY]
    ]
    published: list[SampleRecord] = []
    faults = list(FAULTS.get(place.code, ()))
    for position, record in enumerate(good):
        fitting = [fault for fault in faults if is_fit(fault, record)]
        if position % 5 == 2 and fitting and not record.deleted:
            faults.remove(fitting[0])
            published.extend(spoil(fitting[0], record, place))
        else:
            published.append(record)
    return tuple(sorted(published, key=lambda record: record.datestamp))


@cache
def projects_of(place: Place) -> tuple[Project, ...]:
    """The projects of a place that publishes the plain municipal list."""
    random = Random(f"mulu sample list {place.code}")  # noqa: S311 (a sample, not a secret)
    drawn = projects(place, draw_companies(place, random), random)
    return tuple(next(drawn) for _ in range(place.size))
