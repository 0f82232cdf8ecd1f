"""The people of the sample: one of each role, so that every page of the console has somebody who sees it."""

from __future__ import annotations

from dataclasses import dataclass

from demo.places import NATION

ADMINISTRATOR = "lin.mu"
REGISTRAR = "chen.jing"
OFFICER = "wu.fan"
OPERATOR = "he.ping"
REVIEWER = "zhou.yi"
"""Who makes registers, who submits sources for all of them and for one city, who harvests, who approves: by the
names of their accounts."""


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """Somebody with an account. ``register_code``: where the role is held; empty: on the whole installation."""

    name: str
    full_name: str
    role: str
    register_code: str


PEOPLE = (
    SamplePerson(ADMINISTRATOR, "林木", "administrator", ""),
    SamplePerson(REGISTRAR, "陈静", "submitter", NATION[0]),
    SamplePerson(OFFICER, "吴帆", "submitter", "330400"),
    SamplePerson(OPERATOR, "何平", "operator", NATION[0]),
    SamplePerson(REVIEWER, "周毅", "approver", ""),
    SamplePerson("xu.min", "徐敏", "auditor", ""),
    SamplePerson("gao.yuan", "高远", "viewer", "330000"),
)
