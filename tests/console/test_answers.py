"""What holds for every answer of the console: headers, pages of failures, text from strangers."""

from __future__ import annotations

import pytest

from registry.model.role import Role
from registry.services import accounts
from registry.store.engine import transaction
from registry.store.tables import accounts as table
from tests.console.office import CITY, NEIGHBOUR, NOBODY, Office, name_of

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
OPERATOR, ADMINISTRATOR = name_of(Role.OPERATOR, "own"), name_of(Role.ADMINISTRATOR, "everywhere")


@pytest.mark.parametrize(
    ("account", "path", "status"),
    [
        (None, "/admin/sign-in", 200),
        (None, "/admin/", 303),
        (OPERATOR, "/admin/", 200),
        (OPERATOR, "/admin/nowhere", 404),
        (OPERATOR, "/admin/accounts", 403),
        (OPERATOR, "/admin/static/console.css", 200),
        (OPERATOR, "/admin/static/nothing.css", 404),
    ],
)
def test_headers(standing: Office, account: str | None, path: str, status: int) -> None:
    answer = standing.client(account).get(path)
    assert answer.status_code == status
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert (answer.headers.get("Cache-Control") == "no-store") is not path.startswith("/admin/static")
    answer.close()


def test_the_style_is_kept_until_it_changes_and_comes_compressed(standing: Office) -> None:
    browser = standing.client()
    page = browser.get("/admin/sign-in").text
    links = [part.partition('"')[0] for part in page.split('rel="stylesheet" href="')[1:]]
    assert [each.partition("?v=")[0] for each in links] == [
        "/bootstrap/static/css/bootstrap.min.css", "/admin/static/console.css"
    ]  # fmt: skip
    for each in links:
        answer = browser.get(each, headers={"Accept-Encoding": "gzip"})
        assert len(each.partition("?v=")[2]) == 12
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.data) < 60_000
        again = browser.get(each, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        answer.close()
        again.close()


def test_outlets_know_nothing_of_the_console(standing: Office) -> None:
    answer = standing.client(OPERATOR).get(f"/oai/{CITY}?verb=Identify")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers["Vary"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; base-uri")
    assert standing.client().client.post(f"/oai/{CITY}", data={"verb": "Identify"}).status_code == 200


@pytest.mark.parametrize(("language", "told"), [("zh", "没有找到"), ("en", "Not found")])
def test_a_failure_is_a_page_in_ones_language(standing: Office, language: str, told: str) -> None:
    standing.speak(OPERATOR, language)
    answer = standing.client(OPERATOR).get("/admin/nowhere")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert told in answer.text
    assert 'class="side"' in answer.text, "the navigation is there for whoever is signed in"
    standing.speak(OPERATOR, "zh")


def test_a_failure_leads_back_where_one_came_from(standing: Office) -> None:
    browser = standing.client(OPERATOR)
    came = {"Referer": "http://localhost/admin/inbox?x=1"}
    assert 'href="/admin/inbox?x=1"' in browser.get("/admin/accounts", headers=came).text
    elsewhere = {"Referer": "http://evil.example/admin/inbox"}
    assert "/admin/inbox?" not in browser.get("/admin/accounts", headers=elsewhere).text


def test_a_failure_of_the_store_is_a_page_too(standing: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = standing.client(OPERATOR)
    monkeypatch.setitem(standing.app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr("registry.web.admin.home.overview.days", lambda *_: 1 / 0)
    answer = browser.get("/admin/")
    assert answer.status_code == 500
    assert "服务器内部错误" in answer.text
    assert 'class="side"' not in answer.text
    assert "ZeroDivisionError" not in answer.text


def test_what_strangers_wrote_is_shown_as_it_is(office: Office) -> None:
    hostile = "<script>alert(1)</script>\u202egnp.exe\x1b[31m"
    with transaction(office.installation.engines.write) as connection:
        connection.execute(table.update().where(table.c.name == NOBODY).values(full_name=hostile))
    page = office.client(ADMINISTRATOR).get("/admin/accounts").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u202egnp.exe\\u001b[31m" in page
    assert "\u202e" not in page


def test_an_administrator_sees_and_reaches_its_own_accounts_only(office: Office) -> None:
    browser = office.client(name_of(Role.ADMINISTRATOR, "own"))
    listed = browser.get("/admin/accounts").text
    assert name_of(Role.VIEWER, "own") in listed
    assert name_of(Role.VIEWER, "below") in listed
    assert NOBODY in listed
    for place in ("above", "beside", "everywhere"):
        assert name_of(Role.VIEWER, place) not in listed
        assert browser.get(f"/admin/accounts/{name_of(Role.VIEWER, place)}").status_code == 403


def test_roles_elsewhere_are_counted_and_not_told(office: Office) -> None:
    engine, now = office.installation.engines.write, office.installation.clock()
    viewer = name_of(Role.VIEWER, "own")
    accounts.grant(engine, viewer, Role.OPERATOR, NEIGHBOUR, actor=office.cli, now=now)
    page = office.client(name_of(Role.ADMINISTRATOR, "own")).get(f"/admin/accounts/{viewer}").text
    assert "另有 1 个角色在您的管理范围之外。" in page
    assert f'data-label="登记册">{NEIGHBOUR}' not in page
    assert f"/admin/accounts/{viewer}/lock" not in page
    refused = office.client(name_of(Role.ADMINISTRATOR, "own")).post(f"/admin/accounts/{viewer}/lock")
    assert refused.status_code == 403, "who has roles beyond one's reach is not locked by one"


def test_a_secret_is_shown_once(office: Office) -> None:
    browser = office.client(ADMINISTRATOR)
    form = {"label": "省平台", "permissions": ["entries.read"], "on": CITY, "days": "30"}
    viewer = name_of(Role.VIEWER, "own")
    issued = browser.post(f"/admin/accounts/{viewer}/keys/new", form)
    secret = issued.text.partition('class="secret"')[2].partition(">")[2].partition("<")[0]
    assert secret.startswith("mulu_")
    assert issued.headers["Cache-Control"] == "no-store"
    for path in (f"/admin/accounts/{viewer}", "/admin/keys"):
        page = browser.get(path).text
        assert "省平台" in page
        assert secret not in page


def test_the_book_is_read_within_reach_and_exported_as_it_is_shown(office: Office) -> None:
    everything = office.client(name_of(Role.AUDITOR, "everywhere"))
    city = office.client(name_of(Role.AUDITOR, "own"))
    assert "source:330100-over-330106" in everything.get("/admin/acts/export").text
    assert "source:330000-over-330100" in everything.get("/admin/acts/export").text
    assert "source:330000-over-330100" not in city.get("/admin/acts/export").text
    answer = city.get("/admin/acts/export?subject=source:hangzhou&action=approve&format=json")
    assert answer.mimetype == "application/x-ndjson"
    (line,) = answer.text.splitlines()
    assert '"action":"approve"' in line
    csv = city.get("/admin/acts/export?subject=source:hangzhou")
    assert csv.data.startswith(b"\xef\xbb\xbfid,happened_at,actor,action")
    assert "attachment" in csv.headers["Content-Disposition"]
    assert city.get("/admin/acts?since=nonsense&until=9999-12-31&after=x").status_code == 200


def test_pages_of_a_list_go_on_behind_one_another(office: Office) -> None:
    for number in range(60):
        office.add_source(f"s-{number:02}", CITY, f"数据源 {number}")
    browser = office.client(name_of(Role.AUDITOR, "everywhere"))
    seen: list[str] = []
    path = "/admin/acts?action=approve"
    while path:
        page = browser.get(path).text
        seen += [part.partition('"')[0] for part in page.split('href="/admin/acts/')[1:] if part[0].isdigit()]
        path = next(
            (part.partition('"')[0].replace("&amp;", "&") for part in page.split('rel="next" href="')[1:]),
            "",
        )
    assert len(seen) == len(set(seen)) == 64
    assert seen == sorted(seen, key=int, reverse=True)


@pytest.mark.parametrize(
    "address",
    [
        "runs?source=%00",
        "registers/330100/entry?identifier=a%00b",
        "registers/330%00",
        "accounts?name=%00&name=x",
    ],
)
def test_what_no_database_takes_is_refused(standing: Office, address: str) -> None:
    browser = standing.client(name_of(Role.ADMINISTRATOR, "everywhere"))
    answer = browser.get(f"/admin/{address}")
    assert answer.status_code == 422 and "空字符" in answer.text
