"""A quick OAI-PMH endpoint over the corpus, in a process of its own: what it costs is not counted.

``from`` decides what is asked: before 2025 everything, later only the records that the present revision touched.
The state (size, revision, how many records it touched) is set by ``/state?size=&revision=&touched=``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from benchmarks import corpus

PAGE = 500
_OAI = "http://www.openarchives.org/OAI/2.0/"
_HEAD = (
    f'<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="{_OAI}">'
    "<responseDate>2026-01-01T00:00:00Z</responseDate><request>http://127.0.0.1/oai</request>"
)
_IDENTIFY = (
    "<Identify><repositoryName>bench</repositoryName><baseURL>http://127.0.0.1/oai</baseURL>"
    "<protocolVersion>2.0</protocolVersion><adminEmail>bench@example.org</adminEmail>"
    "<earliestDatestamp>2020-01-01T00:00:00Z</earliestDatestamp><deletedRecord>persistent</deletedRecord>"
    "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # header and body in one piece: else they wait for an acknowledgement, now and then
    disable_nagle_algorithm = True
    size, revision, touched = 0, 0, 0

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/state":
            for name, value in query.items():
                setattr(_Handler, name, int(value))
            body = b"ok"
        else:
            body = (_HEAD + self._answer(query) + "</OAI-PMH>").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, query: dict[str, str]) -> str:
        if query.get("verb") == "Identify":
            return _IDENTIFY
        if token := query.get("resumptionToken"):
            first, last = (int(part) for part in token.split("-"))
        else:
            changed_only = query.get("from", "") > "2025"
            first, last = 0, self.touched if changed_only else self.size
        if first >= last:
            return '<error code="noRecordsMatch">nothing</error>'
        end = min(first + PAGE, last)
        records = "".join(self._record(number) for number in range(first, end))
        token = f"{end}-{last}" if end < last else ""
        return f"<ListRecords>{records}<resumptionToken>{token}</resumptionToken></ListRecords>"

    def _record(self, number: int) -> str:
        revision = self.revision if number < self.touched else 0
        stamp = f"202{5 if revision else 3}-01-01T00:00:{revision % 60:02d}Z"
        return (
            f"<record><header><identifier>{corpus.identifier(number)}</identifier>"
            f"<datestamp>{stamp}</datestamp></header>"
            f"<metadata>{corpus.document(number, revision)}</metadata></record>"
        )

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


@contextmanager
def serving() -> Iterator[str]:
    """The base URL of an endpoint in a process of its own, which ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.endpoint"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())
    try:
        yield f"http://127.0.0.1:{port}/oai"
    finally:
        process.kill()
        process.wait()


def set_state(base_url: str, **state: int) -> None:
    """Set ``size``, ``revision`` and ``touched`` of a running endpoint."""
    query = "&".join(f"{name}={value}" for name, value in state.items())
    with urlopen(base_url.replace("/oai", f"/state?{query}")) as answer:
        answer.read()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
