"""Who is named, and for what: codes of organisations by their check characters, codes of bad conduct."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from harvester.rules.base import Arguments, CheckRule, Fields, Subject
from registry.formats.leaves import plain
from registry.model.issue import Severity, Text

_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015 leaves out I, O, S, V, Z
_CREDIT_VALUES: Final = {character: value for value, character in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_CREDIT_SHAPE: Final = re.compile(
    f"[0-9A-HJ-NPQRTUWXY][0-9A-HJ-NPQRTUWXY][0-9]{{6}}[{_CREDIT_ALPHABET}]{{10}}"
)

NATIONAL: Final = b"national"  # the conductScheme of the ministry's own list
_CONDUCT_CODE: Final = re.compile(rb"[A-I][0-9]-[0-9]-[0-9]{2}")

_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_SHAPE: Final = re.compile(r"([0-9A-Z]{8})-?([0-9X])")


@lru_cache(maxsize=50_000)
def is_credit_code(text: str) -> bool:
    """Whether ``text`` is a 统一社会信用代码 (GB 32100-2015): one character each for the registering
    department (a digit, or a letter such as A, N, Y) and the kind of organisation, six digits of division,
    the organisation's code of nine, and a check character (MOD 31)."""
    if not _CREDIT_SHAPE.fullmatch(text):
        return False
    total = sum(
        _CREDIT_VALUES[character] * weight for character, weight in zip(text, _CREDIT_WEIGHTS, strict=False)
    )
    return text[17] == _CREDIT_ALPHABET[-total % 31]


@lru_cache(maxsize=50_000)
def is_organisation_code(text: str) -> bool:
    """Whether ``text`` is a 组织机构代码 (GB 11714-1997): eight digits or letters and a check character
    (MOD 11), with or without a hyphen before it."""
    found = _ORGANISATION_SHAPE.fullmatch(text)
    if found is None:
        return False
    total = sum(
        int(character, 36) * weight for character, weight in zip(found[1], _ORGANISATION_WEIGHTS, strict=True)
    )
    return found[2] == "0123456789X0"[11 - total % 11]


def _credit_code(party: Fields, _: Subject) -> Arguments | None:
    if party.get(b"partyIdScheme") != b"uscc" or is_credit_code(party[b"partyId"].decode()):
        return None
    return {"value": plain(party[b"partyId"])}


def _organisation_code(party: Fields, _: Subject) -> Arguments | None:
    if party.get(b"partyIdScheme") != b"organisation" or is_organisation_code(party[b"partyId"].decode()):
        return None
    return {"value": plain(party[b"partyId"])}


def _conduct_code(conduct: Fields, _: Subject) -> Arguments | None:
    if conduct.get(b"conductScheme") != NATIONAL or _CONDUCT_CODE.fullmatch(conduct[b"conductCode"]):
        return None
    return {"value": plain(conduct[b"conductCode"])}


def _party(scheme: str, code: str) -> str:
    return (
        "<party><partyRole>construction</partyRole><partyName>某建设有限公司</partyName>"
        f"<partyIdScheme>{scheme}</partyIdScheme><partyId>{code}</partyId></party>"
    )


CREDIT_CODE = CheckRule(
    code="credit-code-invalid",
    severity=Severity.WARNING,
    since=1,
    on=("party",),
    about="partyId",
    check=_credit_code,
    title=Text("统一社会信用代码无效", "invalid credit code"),
    message=Text(
        "统一社会信用代码“{value}”校验不通过", "the unified social credit code “{value}” is invalid"
    ),
    hint=Text("请核对 18 位代码（GB 32100-2015）", "check the 18 characters (GB 32100-2015)"),
    good=_party("uscc", "91350100M000100Y43"),
    bad=_party("uscc", "91350100M000100Y44"),
)
ORGANISATION_CODE = CheckRule(
    code="organisation-code-invalid",
    severity=Severity.WARNING,
    since=1,
    on=("party",),
    about="partyId",
    check=_organisation_code,
    title=Text("组织机构代码无效", "invalid organisation code"),
    message=Text("组织机构代码“{value}”校验不通过", "the organisation code “{value}” is invalid"),
    hint=Text("请核对 9 位代码（GB 11714-1997）", "check the nine characters (GB 11714-1997)"),
    good=_party("organisation", "00175530-9"),
    bad=_party("organisation", "123456789"),
)
CONDUCT_CODE = CheckRule(
    code="conduct-code-shape",
    severity=Severity.WARNING,
    since=1,
    on=("conduct",),
    about="conductCode",
    check=_conduct_code,
    title=Text("不良行为代码格式", "shape of a bad-conduct code"),
    message=Text("“{value}”不是全国不良行为认定标准的代码", "“{value}” is no code of the national standard"),
    hint=Text(
        "全国标准代码形如 D1-3-01；地方代码请在 conductScheme 中写明其标准",
        "national codes look like D1-3-01; name the scheme of a local code in conductScheme",
    ),
    good="<conductScheme>national</conductScheme><conductCode>D1-3-01</conductCode>",
    bad="<conductScheme>national</conductScheme><conductCode>KC-001</conductCode>",
)
