"""A folder of deliveries as a source."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from harvester.errors import FatalFailure, HarvestFailure, ProtocolFailure
from harvester.protocols import PROTOCOLS, folder
from harvester.protocols.base import Envelope, RawRecord
from harvester.protocols.deliveries import DeliveryLimits, next_delivery
from registry.model.run import Scope, Window
from registry.model.source import Protocol, SourceDescription
from tests.endpoint import plain_list
from tests.unit.harvester.protocols.samples import records, source

ROW = PROTOCOLS[Protocol.FOLDER]
LIST = plain_list(records(2))


def deliver(location: Path, name: str, scope: str = "full", files: Mapping[str, bytes] | None = None) -> Path:
    delivery = location / name
    delivery.mkdir()
    for file, content in (files or {"list.xml": LIST}).items():
        (delivery / file).write_bytes(content)
    manifest = {"scope": scope, "created": "2026-01-01T00:00:00Z"}
    (delivery / "manifest.json").write_text(json.dumps(manifest))
    return delivery


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    from io import BytesIO

    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def at(location: Path) -> SourceDescription:
    return source(Protocol.FOLDER, location=str(location))


def ask(
    location: Path, token: str = "", after: str = "", limits: DeliveryLimits | None = None
) -> tuple[folder.FolderAnswer, list[RawRecord], Envelope | None]:
    """One answer, read to its end."""
    request = ROW.ask(at(location), Window(Scope.FULL, etag=after), token)
    with folder.open_answer(request, at(location), limits) as answer:
        if answer.not_modified:
            return answer, [], None
        reader = ROW.reader(at(location))
        found = [record for chunk in answer.chunks() for record in reader.feed(chunk)]
        return answer, found, reader.close()


def walk(location: Path, after: str = "") -> tuple[list[str], list[Envelope]]:
    """The places of all records of one walk, and the envelopes of its answers."""
    places: list[str] = []
    envelopes: list[Envelope] = []
    token = ""
    while True:
        _, found, envelope = ask(location, token, after)
        assert envelope is not None
        places += [record.place.partition(",")[0] for record in found]
        envelopes.append(envelope)
        if not (token := envelope.token):
            return places, envelopes


def test_a_walk_reads_the_documents_of_one_delivery_in_the_order_of_their_names(tmp_path: Path) -> None:
    archive = zipped({"z.xml": plain_list(records(1)), "a/b.xml": LIST, "read-me.txt": b"no"})
    deliver(
        tmp_path,
        "2026-01-01",
        files={"c.xml": LIST, "b.zip": archive, "note.txt": b"no", ".hidden.xml": LIST},
    )
    places, envelopes = walk(tmp_path)
    assert places == [
        "b.zip/a/b.xml: record 1",
        "b.zip/a/b.xml: record 2",
        "b.zip/z.xml: record 1",
        "c.xml: record 1",
        "c.xml: record 2",
    ]
    assert [envelope.complete for envelope in envelopes] == [True] * 3
    assert {envelope.scope for envelope in envelopes} == {Scope.FULL}


def test_what_was_read_is_remembered_like_an_etag(tmp_path: Path) -> None:
    deliver(tmp_path, "2026-01-01")
    answer, _, _ = ask(tmp_path)
    assert answer.headers["ETag"] == "2026-01-01"
    again, _, _ = ask(tmp_path, after="2026-01-01")
    assert (again.status, again.not_modified, list(again.chunks())) == (304, True, [])


@pytest.mark.parametrize("name", ["list.xml", "lists.ZIP"])
@pytest.mark.parametrize("after", ["", "2026-01-01"])
def test_documents_outside_of_deliveries_are_not_passed_over_in_silence(
    tmp_path: Path, name: str, after: str
) -> None:
    (tmp_path / name).write_bytes(LIST)
    with pytest.raises(FatalFailure, match=f"{name} in .* belongs to no delivery"):
        ask(tmp_path, after=after)
    deliver(tmp_path, "2026-01-02")
    assert ask(tmp_path, after=after)[0].headers["ETag"] == "2026-01-02"


def test_an_empty_folder_and_other_files_hold_nothing_new(tmp_path: Path) -> None:
    for name in ("read-me.txt", ".hidden.xml"):
        (tmp_path / name).write_bytes(LIST)
    assert ask(tmp_path)[0].not_modified


def test_deliveries_of_changes_follow_each_other(tmp_path: Path) -> None:
    for name, scope in (("1", "full"), ("2", "delta"), ("3", "delta")):
        deliver(tmp_path, name, scope)
    answer, _, envelope = ask(tmp_path, after="1")
    assert envelope is not None
    assert (answer.headers["ETag"], envelope.scope) == ("2", Scope.DELTA)
    assert ask(tmp_path, after="2")[0].headers["ETag"] == "3"


def test_a_full_delivery_makes_older_ones_needless(tmp_path: Path) -> None:
    for name, scope in (("1", "full"), ("2", "delta"), ("3", "full"), ("4", "delta")):
        deliver(tmp_path, name, scope)
    assert ask(tmp_path)[0].headers["ETag"] == "3"
    assert ask(tmp_path, after="3")[0].headers["ETag"] == "4"


def test_a_delivery_is_there_once_its_manifest_is(tmp_path: Path) -> None:
    delivery = deliver(tmp_path, "1")
    (delivery / "manifest.json").rename(delivery / "manifest.json.part")
    assert next_delivery(tmp_path, "") is None


def test_a_resumed_walk_stays_in_its_delivery(tmp_path: Path) -> None:
    deliver(tmp_path, "1", files={"a.xml": LIST, "b.xml": LIST})
    _, _, envelope = ask(tmp_path)
    deliver(tmp_path, "2")
    assert envelope is not None
    answer, found, _ = ask(tmp_path, token=envelope.token)
    assert (answer.headers["ETag"], found[0].place) == ("1", "b.xml: record 1, line 3")


@pytest.mark.parametrize(
    "token",
    [
        "1/c.xml",
        "1/",
        "2/a.xml",
        "../1/a.xml",
        "1/../a.xml",
        "1//etc/hostname",
        "/etc/hostname",
        "1",
        "1/.hidden.xml",
    ],
)
def test_a_token_leads_to_nothing_but_documents(tmp_path: Path, token: str) -> None:
    deliver(tmp_path, "1", files={"a.xml": LIST, ".hidden.xml": LIST})
    if token in ("1/", "1"):
        assert ask(tmp_path, token)[1][0].place.startswith("a.xml")
        return
    with pytest.raises(ProtocolFailure):
        ask(tmp_path, token)


def test_links_lead_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.xml").write_bytes(LIST)
    location = tmp_path / "location"
    location.mkdir()
    delivery = deliver(location, "1")
    (delivery / "linked.xml").symlink_to(outside / "secret.xml")
    deliver(outside, "2")
    (location / "3").symlink_to(outside / "2")
    assert walk(location)[0] == ["list.xml: record 1", "list.xml: record 2"]


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"scope": "some", "created": "2026-01-01T00:00:00Z"}', b"\xff"]
)
def test_a_manifest_must_be_one(tmp_path: Path, content: bytes) -> None:
    (deliver(tmp_path, "1") / "manifest.json").write_bytes(content)
    with pytest.raises(ProtocolFailure, match="no valid manifest"):
        ask(tmp_path)


def test_a_folder_that_is_not_there_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(FatalFailure, match="cannot be read"):
        ask(tmp_path / "nowhere")


def test_an_empty_delivery_is_no_answer(tmp_path: Path) -> None:
    deliver(tmp_path, "1", files={"read-me.txt": b""})
    with pytest.raises(ProtocolFailure, match="nothing can be read"):
        ask(tmp_path)


_NO_TEXT = b"\xd6\xd0".decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(("delivery", "file"), [("1", f"{_NO_TEXT}.xml"), (_NO_TEXT, "list.xml")])
def test_a_name_that_is_no_text_is_told(tmp_path: Path, delivery: str, file: str) -> None:
    """In a complete list, whoever passed it over would miss its records."""
    try:
        deliver(tmp_path, delivery, files={"a.xml": LIST, file: LIST})
    except OSError:
        pytest.skip("this file system takes no such names")
    with pytest.raises(ProtocolFailure, match=r"is not UTF-8: \\xd6\\xd0"):
        ask(tmp_path)


def test_a_bomb_in_a_zip_is_left_before_it_goes_off(tmp_path: Path) -> None:
    deliver(tmp_path, "1", files={"bomb.zip": zipped({"a.xml": b" " * 3_000_000})})
    with pytest.raises(ProtocolFailure, match="more than 100:1"):
        ask(tmp_path)


@pytest.mark.parametrize(("limit", "passes"), [(len(LIST), True), (len(LIST) - 1, False)])
@pytest.mark.parametrize("archived", [True, False])
def test_a_document_has_its_limit(tmp_path: Path, limit: int, passes: bool, archived: bool) -> None:
    files = {"a.zip": zipped({"a.xml": LIST})} if archived else {"a.xml": LIST}
    deliver(tmp_path, "1", files=files)
    limits = DeliveryLimits(document_bytes=limit)
    assert_limit(tmp_path, limits, passes, "longer than")


@pytest.mark.parametrize(("limit", "passes"), [(3, True), (2, False)])
def test_a_zip_has_its_number_of_documents(tmp_path: Path, limit: int, passes: bool) -> None:
    deliver(tmp_path, "1", files={"a.zip": zipped({f"{name}.xml": LIST for name in "abc"})})
    assert_limit(tmp_path, DeliveryLimits(documents=limit), passes, "more than 2 documents")


def assert_limit(location: Path, limits: DeliveryLimits, passes: bool, message: str) -> None:
    if passes:
        assert ask(location, limits=limits)[1]
        return
    with pytest.raises(ProtocolFailure, match=message):
        ask(location, limits=limits)


def corrupt(content: bytes) -> bytes:
    """The zip with one byte of its data changed."""
    middle = content.index(b"list.xml") + 60
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "content",
    [
        b"no zip",
        zipped({"list.xml": LIST})[:-30],
        corrupt(zipped({"list.xml": LIST})),
        corrupt(zipped({"list.xml": LIST}, zipfile.ZIP_LZMA)),
        zipped({"目录.xml": LIST}).replace("目录".encode(), b"\xff\xfe\xff\xfe\xff\xfe"),
    ],
)
def test_a_broken_zip_is_told(tmp_path: Path, content: bytes) -> None:
    deliver(tmp_path, "1", files={"a.zip": content})
    with pytest.raises(HarvestFailure, match="no zip file"):
        ask(tmp_path)


def test_a_manifest_takes_records_back(tmp_path: Path) -> None:
    delivery = deliver(tmp_path, "1", "delta", {"a.xml": LIST, "z.xml": LIST})
    manifest = json.loads((delivery / "manifest.json").read_text()) | {"withdrawn": ["oai:a:1", "oai:a:2"]}
    (delivery / "manifest.json").write_text(json.dumps(manifest))
    places, envelopes = walk(tmp_path)
    assert places == [
        "a.xml: record 1", "a.xml: record 2", "manifest.json: oai:a:1", "manifest.json: oai:a:2",
        "z.xml: record 1", "z.xml: record 2",
    ]  # fmt: skip
    assert [envelope.complete for envelope in envelopes] == [True] * 3
    token = envelopes[0].token
    _, found, _ = ask(tmp_path, token)
    assert [(each.identifier, each.deleted) for each in found] == [("oai:a:1", True), ("oai:a:2", True)]
