"""From raw bytes to checked records: what leaves is masked, what is refused is kept, what is secret is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harvester import validate
from harvester.parse import digests_under
from harvester.rules.samples import SOURCE, TODAY, sample_record
from harvester.sandbox import InlineSandbox, Reading, SandboxLimits
from harvester.validate import is_secret
from registry.formats.catalogue import document_from
from registry.formats.leaves import Leaves
from registry.model.document import Document, digest_of
from registry.model.issue import Severity
from registry.model.record import CheckedRecord, Condition, Hop
from registry.model.source import Protocol
from schemas.xml import canonical, parse
from schemas.xsd import CATALOGUE
from tests.unit.harvester.sandbox import answers
from tests.unit.harvester.sandbox.answers import READING, nothing_known

LIMITS = SandboxLimits()
CITIZEN = "11010519491231002X"


def check(
    *records: bytes, limits: SandboxLimits = LIMITS, reading: Reading = READING
) -> Sequence[CheckedRecord]:
    batches = InlineSandbox(limits).read(reading, [answers.page(*records)], nothing_known)
    return [record for batch in batches for record in batch]


def check_one(*fragments: str, name: str = "1") -> CheckedRecord:
    (record,) = check(answers.record(name, canonical(sample_record(*fragments))))
    return record


def codes(record: CheckedRecord) -> list[str]:
    return [issue.code for issue in record.issues]


def test_a_clean_record() -> None:
    record = check_one()
    assert record.condition is Condition.LIVE
    assert record.issues == ()
    assert record.document is not None and record.raw is not None
    assert record.document.content == canonical(sample_record())
    assert record.document_digest == record.document.digest == digest_of(record.document.content)
    assert record.raw_digest == record.raw.digest == digests_under(READING.archive_key)(record.raw.content)
    assert record.document.facts.division == "330106"
    assert record.path == (
        Hop("", "https://www.hangzhou.example/oai", "2024-06-01T00:00:00Z", "urn:mulu:catalogue:1", ""),
    )


def test_what_leaves_is_masked_and_valid_and_says_so() -> None:
    record = check_one(
        f"<abstract>负责人{CITIZEN}，联系人：张三，\u202e手机13800138000</abstract>",
        "<onLineSrc>javascript:alert(1)</onLineSrc>",
        "<IdPoC><rpOrgName>杭州市建委</rpOrgName><cntAdd>李四 0571-87654321</cntAdd></IdPoC>",
    )
    assert record.condition is Condition.LIVE and record.document is not None and record.raw is not None
    text = record.document.content.decode()
    for leaked in (CITIZEN, "张三", "13800138000", "李四", "87654321", "\u202e", "javascript", "cntAdd"):
        assert leaked not in text
    assert CATALOGUE.validate(parse(record.document.content))
    assert CITIZEN in record.raw.content.decode(), "the archive has what came"
    assert codes(record) == [
        "link-scheme",
        "text-invisible",
        "text-citizen-number",
        "text-contact",
        "text-contact",
    ]
    assert record.issues[0].path == "/record/onLineSrc"
    assert record.issues[0].severity is Severity.WARNING


def test_masking_is_stable() -> None:
    """The same input gives the same document: its digest decides whether anything changed."""
    fragment = f"<abstract>负责人{CITIZEN}</abstract>"
    assert check_one(fragment).document_digest == check_one(fragment).document_digest
    assert check_one(fragment).document_digest != check_one().document_digest


def test_a_refused_record_is_kept_and_explained() -> None:
    record = check_one("<division>999999</division>", "<openness>maybe</openness>")
    assert record.condition is Condition.REFUSED
    assert record.document is None and record.document_digest == b""
    assert record.raw is not None and b"999999" in record.raw.content
    assert codes(record) == ["schema-code"], "rules beyond the schema are asked of valid records only"
    assert record.issues[0].message.zh and "maybe" in record.issues[0].message.en


def test_messages_repeat_no_citizen_number() -> None:
    for fragments in (
        (f"<openness>{CITIZEN}</openness>",),
        ("<partyIdScheme>uscc</partyIdScheme>", f"<partyId>{CITIZEN}</partyId>"),
        (f"<onLineSrc>ftp://host/{CITIZEN}</onLineSrc>",),
        (f"<docNumber>号{CITIZEN}</docNumber>",),
    ):
        record = check_one(*fragments)
        assert record.issues
        assert not [issue for issue in record.issues if CITIZEN[:17] in issue.message.zh + issue.message.en]


@pytest.mark.parametrize("name", [CITIZEN, f"a%20{CITIZEN}", "１１０１０５１９４９１２３１００２Ｘ"])
def test_a_citizen_number_in_the_identifier_refuses_and_is_not_repeated(name: str) -> None:
    record = check_one(name=name)
    assert record.condition is Condition.REFUSED
    assert "identifier-citizen-number" in codes(record)
    assert record.identifier == ""
    assert not [issue for issue in record.issues if CITIZEN in issue.message.zh]


def test_a_citizen_number_in_the_metadata_identifier_refuses() -> None:
    record = check_one(f"<mdId>x-{CITIZEN}</mdId>")
    assert record.condition is Condition.REFUSED and codes(record) == ["identifier-citizen-number"]


@pytest.mark.parametrize("secrecy", ["秘密", "机密", "绝密", "内部", "普通*"])
def test_secret_bytes_are_not_kept(secrecy: str) -> None:
    for record in (
        check_one(f"<secrecy>{secrecy}</secrecy>", "<abstract>要害</abstract>"),
        check_one(f"<secrecy>{secrecy}</secrecy>", "<openness>maybe</openness>"),
    ):
        assert record.condition is Condition.REFUSED
        assert codes(record) == ["secrecy"]
        assert record.raw is None and record.document is None
        assert record.identifier == "oai:hangzhou.example:1", "its last good version stays"


def test_secrecy_is_seen_in_any_format() -> None:
    listed = "<PROPERTIES><项目编号>1</项目编号><密级>秘密</密级></PROPERTIES>"
    source = replace(SOURCE, metadata_prefix="municipal_list", protocol=Protocol.XML_DOCUMENT)
    batches = InlineSandbox().read(Reading(source, b"k" * 32, TODAY), [listed.encode()], nothing_known)
    (record,) = [record for batch in batches for record in batch]
    assert record.raw is None and codes(record) == ["secrecy"]


@pytest.mark.parametrize(
    ("raw", "secret"),
    [
        ("<secrecy>普通</secrecy>", False),
        ("<a:secrecy>\n 普通 </a:secrecy>", False),
        ("<secrecy/>", False),
        ("<secrecy></secrecy><abstract>密级</abstract>", False),
        ("<abstract>密级为秘密</abstract>", False),
        ("<密级>秘密</密级>", True),
        ('<密级 since="2020">秘密</密级>', True),
        ("<secrecy>普通</secrecy><secrecy>机密</secrecy>", True),
    ],
)
def test_is_secret(raw: str, secret: bool) -> None:
    assert is_secret(raw.encode()) is secret


def test_deleted_records_carry_no_text_and_obey_the_scope() -> None:
    own, foreign = check(
        answers.deleted("1"), answers.deleted("2").replace(b"oai:hangzhou.example", b"oai:ningbo.example")
    )
    assert own.condition is Condition.DELETED and own.raw is None and own.issues == ()
    assert len(own.path) == 1
    assert foreign.condition is Condition.REFUSED and codes(foreign) == ["identifier-foreign"]
    assert (
        "hangzhou" in foreign.issues[0].message.en and "oai:ningbo.example:2" in foreign.issues[0].message.en
    )


def test_the_path_of_a_record_from_below_is_kept() -> None:
    about = (
        b'<about><provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance"><originDescription '
        b'harvestDate="2024-05-30T00:00:00Z" altered="false"><baseURL>https://origin.example/oai</baseURL>'
        b"<identifier>oai:hangzhou.example:1</identifier><datestamp>2024-05-29T00:00:00Z</datestamp>"
        b"<metadataNamespace>urn:mulu:catalogue:1</metadataNamespace></originDescription></provenance></about>"
    )
    page = answers.record("1", canonical(sample_record())).replace(b"</metadata>", b"</metadata>" + about)
    reading = Reading(replace(SOURCE, location="https://zj.example/oai/330100"), b"k" * 32, TODAY)
    (record,) = check(page, reading=reading)
    assert [hop.base_url for hop in record.path] == [
        "https://origin.example/oai",
        "https://zj.example/oai/330100",
    ]
    assert record.path[-1].register == "330100"


@pytest.mark.parametrize("over", [False, True])
def test_a_record_has_a_longest_length(over: bool) -> None:
    metadata = canonical(sample_record())
    (raw,) = [record.raw for record in check(answers.record("1", metadata)) if record.raw]
    limit = SandboxLimits(record_bytes=len(raw.content) - over)
    (record,) = check(answers.record("1", metadata), limits=limit)
    assert (record.condition is Condition.REFUSED) is over
    assert codes(record) == (["record-too-long"] if over else [])
    assert (record.raw is None) is over


def test_one_bad_record_costs_no_other() -> None:
    good = canonical(sample_record())
    bad = b"<x:record xmlns:x='urn:other'/>"
    checked = check(*(answers.record(str(number), bad if number == 50 else good) for number in range(100)))
    assert [record.condition for record in checked].count(Condition.LIVE) == 99
    assert codes(checked[50]) == ["catalogue-element"]


def test_a_failure_in_our_own_code_costs_one_record(monkeypatch: pytest.MonkeyPatch) -> None:

    def failing(content: bytes, found: Leaves) -> Document:
        if b"0007" in content:
            raise KeyError("bug")
        return document_from(content, found)

    monkeypatch.setattr(validate, "document_from", failing)
    metadata = canonical(sample_record())
    checked = check(
        *(
            answers.record(str(number), metadata.replace(b"2024-0001", b"2024-%04d" % number))
            for number in range(20)
        )
    )
    assert [record.condition for record in checked].count(Condition.LIVE) == 19
    assert codes(checked[7]) == ["record-unreadable"] and checked[7].raw is not None


def test_many_faults_are_told_by_the_worst() -> None:
    links = "".join("<onLineSrc>javascript:alert(1)</onLineSrc>" for _ in range(80))
    metadata = canonical(sample_record()).replace(b"<resID>", links.encode() + b"<resID>")
    metadata = metadata.replace(b"330106</division>", b"999999</division>")
    (record,) = check(answers.record("1", metadata))
    assert len(record.issues) == 51
    assert record.issues[0].severity is Severity.ERROR
    assert record.issues[-1].code == "record-many-faults"


def test_groups_are_judged_one_by_one() -> None:
    conduct = "".join(
        f"<conduct><conductKind>bad</conductKind><authority>建委</authority><decisionDate>{day}</decisionDate>"
        "<publicUntil>2025-03-05</publicUntil><conductStatus>effective</conductStatus></conduct>"
        for day in ("2024-03-01", "2025-04-01", "2024-03-02")
    )
    metadata = canonical(sample_record())
    begin, end = metadata.index(b"<conduct>"), metadata.index(b"</conduct>") + len(b"</conduct>")
    (record,) = check(answers.record("1", metadata[:begin] + conduct.encode() + metadata[end:]))
    assert [(issue.code, issue.path) for issue in record.issues] == [
        ("date-order", "/record/conduct[2]"),
        ("date-future", "/record/conduct[2]/decisionDate"),
    ]
