"""``mulu serve`` as a process: it serves, harvests what is due, and ends cleanly when it is told to."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.acceptance.conftest import Mulu

_PATIENCE_SECONDS = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(mulu: Mulu, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The URL and the process of ``mulu serve``, once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "cli", "serve", "--port", str(port), *options]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background ignores it
    with subprocess.Popen(command, env=mulu.variables, stderr=subprocess.PIPE, text=True) as process:
        signal.signal(signal.SIGINT, before)
        url = f"http://127.0.0.1:{port}"
        try:
            until(lambda: answers(url))
            yield url, process
        finally:
            process.kill()


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def until(holds: object) -> None:
    """Wait until ``holds()``; fail where it never does."""
    assert callable(holds)
    end = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.1)


def test_it_serves_and_harvests_what_is_due(mulu: Mulu, source: str) -> None:
    with serving(mulu) as (url, process):
        until(lambda: mulu.json("register", "show", "330800")["entries"] > 0)
        until(lambda: b"330800-P-00001" in requests.get(
            f"{url}/oai/330800?verb=ListIdentifiers&metadataPrefix=oai_dc", timeout=10).content)  # fmt: skip
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    (run,) = mulu.json("run", "list", "--source", source)
    assert run["status"] == "published"
    mulu("verify")


def test_a_server_alone_harvests_nothing(mulu: Mulu, source: str) -> None:
    with serving(mulu, "--no-harvest") as (url, process):
        answer = requests.get(f"{url}/oai/330800?verb=Identify", timeout=10)
        assert "衢州市工程建设信息目录" in answer.text
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert mulu.json("run", "list") == []


def test_what_people_do_is_sealed_beside_the_server(mulu: Mulu) -> None:
    with serving(mulu, "--no-harvest") as (_url, process):
        until(lambda: mulu.json("verify", "--audit")["unsealed"] == 0)
        mulu("account", "add", "li.na", "--role", "operator", "--register", "330800", "--no-password")
        until(lambda: mulu.json("verify", "--audit")["unsealed"] == 0)
        head = mulu.home / "audit-head.txt"
        count = mulu.json("verify", "--audit")["sealed"]
        until(lambda: f"number {count}\n" in head.read_text())
        mulu("verify", "--audit", "--head", head)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_a_taken_port_is_told(mulu: Mulu) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [
            sys.executable,
            "-m",
            "cli",
            "serve",
            "--port",
            str(taken.getsockname()[1]),
            "--lang",
            "en",
        ]
        ended = subprocess.run(command, env=mulu.variables, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "choose another with --port" in ended.stderr


def form_token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def test_the_console_is_served_behind_a_proxy(mulu: Mulu) -> None:
    password = mulu.json("account", "add", "li.ming", "--administrator", "--generate")["password"]
    mulu.environ["MULU_WEB_PROXIES"] = "1"
    with serving(mulu, "--no-harvest") as (url, process):
        browser = requests.Session()
        browser.headers["X-Forwarded-For"] = "203.0.113.9, 198.51.100.7"
        page = browser.get(f"{url}/admin/", timeout=10)
        assert page.url.endswith("/admin/sign-in?next=/admin/")
        form = {"name": "li.ming", "password": password, "csrf_token": form_token(page.text)}
        page = browser.post(page.url, form, timeout=10)
        assert page.url.endswith("/admin/me/password"), "a password that was made by another is changed first"
        wanted = "a phrase of one's own"
        form = {"present": password, "wanted": wanted, "again": wanted, "csrf_token": form_token(page.text)}
        page = browser.post(page.url, form, timeout=10)
        assert page.url.endswith("/admin/")
        assert "衢州市工程建设信息目录" in page.text
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    acts = mulu.json("audit", "list", "--subject", "account:li.ming")
    assert [(each["action"], each["address"]) for each in acts[:2]] == [
        ("change-password", "198.51.100.7"),
        ("sign-in", "198.51.100.7"),
    ]
    mulu("verify", "--audit")
