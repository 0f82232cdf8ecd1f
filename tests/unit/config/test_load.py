"""Settings: where they come from, what wins, and what a wrong one says."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

from config.load import SECTIONS, SettingsError, keyring, language, load
from config.oidc import is_guarded
from config.settings import Settings


def test_the_documented_defaults_are_the_defaults(tmp_path: Path) -> None:
    documented = tomllib.loads(files("config").joinpath("default.toml").read_text("utf-8"))
    assert documented == {
        name: msgspec.json.decode(msgspec.json.encode(section())) for name, section in SECTIONS.items()
    }
    assert load(tmp_path, {}) == Settings(home=tmp_path)


def test_command_line_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    (tmp_path / "mulu.toml").write_text("[web]\nport = 1\nthreads = 2\nhost = '::1'\n", "utf-8")
    settings = load(
        tmp_path, {"MULU_WEB_PORT": "3", "MULU_WEB_THREADS": "4"}, {"web.port": 5, "web.host": None}
    )
    assert (settings.web.port, settings.web.threads, settings.web.host) == (5, 4, "::1")
    assert settings.web.request_bytes == 1_048_576


def test_home_is_argument_then_environment_then_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(None, {}).home == tmp_path / ".mulu"
    assert load(None, {"MULU_HOME": "/srv/mulu"}).home == Path("/srv/mulu")
    assert load("/srv/other", {"MULU_HOME": "/srv/mulu"}).home == Path("/srv/other")


def test_the_embedded_store_lies_in_the_home_folder(tmp_path: Path) -> None:
    assert load(tmp_path, {}).database_url == f"sqlite:///{tmp_path}/mulu.sqlite3"
    url = "postgresql+psycopg://mulu@db/mulu"
    assert load(tmp_path, {"MULU_DATABASE_URL": url}).database_url == url


def test_lists_in_the_environment_are_separated_by_commas(tmp_path: Path) -> None:
    settings = load(tmp_path, {"MULU_NETWORKS_ALLOWED": "10.0.0.0/8, 127.0.0.1/32,"})
    assert settings.networks.allowed == ("10.0.0.0/8", "127.0.0.1/32")


def test_public_url_follows_host_and_port_unless_it_is_set(tmp_path: Path) -> None:
    assert load(tmp_path, {"MULU_WEB_PORT": "80"}).public_url == "http://127.0.0.1:80"
    assert (
        load(tmp_path, {"MULU_WEB_PUBLIC_URL": "https://mulu.example/"}).public_url == "https://mulu.example"
    )


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("[web]\nport = 'many'", "web.port"),
        ("[web]\nport = 65536", "web.port"),
        ("[http]\nconnect_seconds = 0", "http.connect_seconds"),
        ("[http]\nconect_seconds = 1", "http.conect_seconds"),
        ("[networks]\nallowed = ['10.0.0.1/8']", "networks.allowed"),
        ("[brake]\nvanish_percent = 101", "brake.vanish_percent"),
        ("[schedule]\ntime_zone = 'Asia/Atlantis'", "schedule.time_zone"),
        ("[secrets]\ntoken_key = 'hunter2'", "secrets.token_key"),
        ("[database]\nurl = 'mysql://db/mulu'", "database.url"),
        ("[log]\nformat = 'xml'", "log.format"),
        ("[mail]\nhost = 'mail.example'", "mail.host"),
        ("[oidc]\nissuer = 'https://id.example'", "oidc.issuer"),
        ("[oidc]\nissuer = 'http://id.example'\nclient_id = 'mulu'", "oidc.issuer"),
        ("[oidc]\nissuer = 'https://id.example?x'\nclient_id = 'mulu'", "oidc.issuer"),
        ("[oidc]\nissuer = 'https://me@id.example'\nclient_id = 'mulu'", "oidc.issuer"),
        ("[oidc]\nalgorithms = ['RS256', 'none']", "oidc.algorithms"),
        ("[oidc]\nalgorithms = ['HS256']", "oidc.algorithms"),
        ("[oidc]\nalgorithms = []", "oidc.algorithms"),
        ("[oidc]\nscopes = ['email']", "oidc.scopes"),
        ("[oidc]\nclient_secret = 'hunter2'", "oidc.client_secret"),
        ("[oidc]\nnetworks = ['10.0.0.1/8']", "oidc.networks"),
        ("[oidc]\nclaim = ''", "oidc.claim"),
        ("[oidc]\nskew_seconds = 301", "oidc.skew_seconds"),
        ("[wbe]\nport = 1", "wbe"),
        ("port = 1", "port"),
        ("[web", "(file)"),
    ],
)
def test_a_wrong_value_in_the_file_names_key_and_file(tmp_path: Path, content: str, key: str) -> None:
    (tmp_path / "mulu.toml").write_text(content, "utf-8")
    with pytest.raises(SettingsError) as failure:
        load(tmp_path, {})
    assert [each.key for each in failure.value.wrong] == [key]
    for text in (failure.value.zh, failure.value.en):
        assert key in text
        assert str(tmp_path / "mulu.toml") in text
        assert "default.toml" in text


def test_a_value_that_needs_another_one_is_looked_at_beside_it(tmp_path: Path) -> None:
    mail = "[mail]\nhost = 'mail.example'\nsender = 'catalogue@example.cn'\n"
    (tmp_path / "mulu.toml").write_text(
        mail + "[oidc]\nissuer = 'https://id.example'\nclient_id = 'mulu'", "utf-8"
    )
    settings = load(tmp_path, {})
    assert (settings.mail.host, settings.oidc.issuer) == ("mail.example", "https://id.example")
    with pytest.raises(SettingsError) as failure:
        load(tmp_path, {"MULU_MAIL_PORT": "x"})
    assert [each.key for each in failure.value.wrong] == ["mail.port"]


@pytest.mark.parametrize(
    ("url", "guarded"),
    [
        ("https://id.example/realms/mulu", True),
        ("https://10.0.0.1:8443", True),
        ("http://127.0.0.1:1", True),
        ("http://[::1]/", True),
        ("http://localhost:8080", True),
        ("http://localhost.evil.example", False),
        ("http://id.example", False),
        ("http://10.0.0.1", False),
        ("http://127.0.0.1@id.example", False),
        ("https://user:word@id.example", False),
        ("https://", False),
        ("https://id.example:port", False),
        ("https://id.exämple", False),
        ("https://id.example/\r\nX: y", False),
        ("https://id.example/a b", False),
        ("ftp://127.0.0.1", False),
        ("id.example", False),
        ("", False),
    ],
)
def test_what_nobody_between_can_read(url: str, guarded: bool) -> None:
    assert is_guarded(url) is guarded


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "mulu.toml").write_bytes("[web]\n# 端口\nport = 1".encode("gb18030"))
    with pytest.raises(SettingsError, match="not UTF-8") as failure:
        load(tmp_path, {})
    assert str(tmp_path / "mulu.toml") in failure.value.zh


@pytest.mark.parametrize("variable", ["MULU_WEB_PORT", "MULU_WEB_PROT"])
def test_a_wrong_variable_is_named(tmp_path: Path, variable: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        load(tmp_path, {variable: "x"})


def test_a_valid_value_that_a_stronger_place_replaces_is_not_blamed(tmp_path: Path) -> None:
    (tmp_path / "mulu.toml").write_text("[web]\nport = 1", "utf-8")
    with pytest.raises(SettingsError, match="the command line"):
        load(tmp_path, {}, {"web.port": -1})


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "mulu.toml").write_text("[web]\nport = 'many'\n[wbe]\nport = 1\n[http]\nconect = 1", "utf-8")
    with pytest.raises(SettingsError) as failure:
        load(tmp_path, {"MULU_LOG_FORMAT": "xml", "MULU_WEB_PROT": "1"}, {"brake.vanish_percent": 101})
    keys = {"web.port", "wbe", "http.conect", "log.format", "web.prot", "brake.vanish_percent"}
    assert {each.key for each in failure.value.wrong} == keys and len(failure.value.wrong) == 6
    for text in (failure.value.zh, failure.value.en):
        assert all(each in text for each in (*keys, "MULU_LOG_FORMAT", str(tmp_path / "mulu.toml"), "6"))


def test_variables_of_no_section_are_left_alone(tmp_path: Path) -> None:
    assert load(tmp_path, {"MULU_HANGZHOU_PASSWORD": "x", "PATH": "/bin"}) == load(tmp_path, {})


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        load(tmp_path, {}).web.port = 1  # type: ignore[misc]


def test_the_keyring_lies_in_the_home_folder(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    keyring(settings, {}).key(settings.secrets.token_key)
    assert (tmp_path / "secrets" / "token.key").is_file()


@pytest.mark.parametrize(
    ("asked", "given"), [("en", "en"), ("en_GB.UTF-8", "en"), ("zh", "zh"), ("", "zh"), ("fr", "zh")]
)
def test_messages_are_in_chinese_unless_english_is_asked_for(asked: str, given: str) -> None:
    assert language({"MULU_LANG": asked}) == given
    assert language({}) == "zh"
