"""Whatever is written into a field of a source's forms: nothing breaks, and nothing of it runs."""

from __future__ import annotations

import pytest

from registry.model.role import Role
from tests.console.office import Office, name_of
from tests.console.samples import AMENDED, NEW_SOURCE

SUBMITTER, OPERATOR, APPROVER = (
    name_of(role, "own") for role in (Role.SUBMITTER, Role.OPERATOR, Role.APPROVER)
)
HOSTILE = (
    "<script>alert(1)</script>'\"; DROP TABLE sources;--\u202e\x1b[31m\ufeff\U0001f600%s{0}{{7*7}}\r\n$HOME"
)
FORMS = (
    (SUBMITTER, "/admin/new-source", NEW_SOURCE),
    (SUBMITTER, "/admin/new-source/check", NEW_SOURCE),
    (SUBMITTER, "/admin/sources/hangzhou/amend", AMENDED | {"confirmed": "yes"}),
    (SUBMITTER, "/admin/sources/hangzhou/amend", AMENDED),
    (SUBMITTER, "/admin/sources/hangzhou/check", AMENDED),
    (
        SUBMITTER,
        "/admin/sources/hangzhou/person",
        {"body": "x", "contact_name": "y", "phone": "", "email": ""},
    ),
    (OPERATOR, "/admin/sources/hangzhou/contacts", {"kind": "call", "text": "x"}),
    (OPERATOR, "/admin/sources/hangzhou/suspend", {"reason": "x", "seen": ""}),
    (APPROVER, "/admin/sources/hangzhou/trial", {"trusting": ""}),
)
OPTIONAL = (
    "set_spec", "identifier_prefixes", "co_reports_with", "credentials", "ca_bundle", "allowed_networks", "seen",
)  # fmt: skip
PAGES = ("/admin/sources", "/admin/sources/hangzhou", "/admin/sources/hangzhou/dossier")


@pytest.mark.parametrize(
    ("account", "path", "form"), FORMS, ids=[f"{path}-{len(form)}" for _, path, form in FORMS]
)
def test_a_field_takes_anything(office: Office, account: str, path: str, form: dict[str, object]) -> None:
    browser = office.client(account)
    token = browser.forgery_token()
    fields = {*form, *(OPTIONAL if "location" in form else ())} - {"confirmed"}
    for field in sorted(fields):
        for value in (HOSTILE, "\x00" + HOSTILE, "x" * 5000):
            sent = dict(form) | {field: value, "csrf_token": token}
            answer = browser.client.post(path, data=sent)
            assert answer.status_code < 500, (field, value, answer.text)
            assert "<script>alert" not in answer.text, field
    for page in PAGES:
        seen = browser.get(page)
        assert seen.status_code == 200
        assert "<script>alert" not in seen.text and "\u202e" not in seen.text


@pytest.mark.parametrize("query", ["text", "status", "health", "after", "register"])
def test_a_filter_takes_anything(standing: Office, query: str) -> None:
    answer = standing.client(OPERATOR).get("/admin/sources", query_string={query: HOSTILE})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
