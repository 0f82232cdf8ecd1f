"""Everything a municipality can do wrong, as one table: a new fault is a function and a row.

A fault works on one level: PAGE changes what the OAI-PMH list says, ANSWER the HTTP answer made of it, WIRE
sends the answer itself, byte by byte. TLS and CONNECTION faults only have a name: the server knows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from tests.endpoint import answer_faults, page_faults, wire_faults
from tests.endpoint.exchange import Fault, Level
from tests.endpoint.records import Record, dublin_core

_HOSTILE = Record("oai:endpoint.test:hostile", "2024-01-01T00:00:00Z", "<x>不是任何已知格式</x>")
_FOREIGN = Record("oai:elsewhere.test:1", "2024-01-01T00:00:00Z", dublin_core("他市项目", "1"))
_LIST_ONLY = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"/>'

_ROWS = (
    Fault("refused", Level.CONNECTION, "nobody listens at the port"),
    Fault("tls", Level.TLS, "TLS as it should be (no fault)"),
    Fault("tls-client", Level.TLS, "TLS that asks for a client's certificate (no fault)"),
    Fault("tls-expired", Level.TLS, "a certificate that has expired"),
    Fault("tls-wrong-name", Level.TLS, "a certificate of another address"),
    Fault("silent", Level.WIRE, "the connection is accepted, then nothing", wire_faults.silent),
    Fault("header-trickle", Level.WIRE, "one byte of the header a beat", wire_faults.header_trickle),
    Fault("body-trickle", Level.WIRE, "one byte of the body a beat", wire_faults.body_trickle),
    Fault("reset", Level.WIRE, "a reset in the middle of the body", wire_faults.reset),
    Fault(
        "short-body", Level.WIRE, "half of the announced bytes", partial(wire_faults.short_body, length=-1)
    ),
    Fault(
        "short-without-length",
        Level.WIRE,
        "half of the body, unannounced",
        partial(wire_faults.short_body, length=None),
    ),
    Fault("understated-length", Level.WIRE, "more bytes than announced", wire_faults.understated_length),
    Fault("cut-chunks", Level.WIRE, "chunked, without the last chunk", wire_faults.cut_chunks),
    Fault("endless-chunks", Level.WIRE, "chunked, without end", wire_faults.endless_chunks),
    Fault("header-flood", Level.WIRE, "10 MB of header", wire_faults.header_flood),
    Fault("login-page", Level.ANSWER, "200 with a login page in HTML", answer_faults.login_page),
    Fault("empty", Level.ANSWER, "200 without a body", partial(answer_faults.body, content=b"")),
    Fault(
        "no-list",
        Level.ANSWER,
        "an OAI-PMH root without anything in it",
        partial(answer_faults.body, content=_LIST_ONLY),
    ),
    Fault("redirect-loop", Level.ANSWER, "a redirect to itself", answer_faults.redirect_loop),
    Fault(
        "redirect-inside",
        Level.ANSWER,
        "a redirect to a metadata service",
        partial(answer_faults.redirect, target="http://169.254.169.254/latest/"),
    ),
    Fault(
        "redirect-elsewhere",
        Level.ANSWER,
        "a redirect to another host",
        partial(answer_faults.redirect, target="http://127.0.0.2:9/oai"),
    ),
    Fault(
        "busy-at-once", Level.ANSWER, "429, Retry-After 0", partial(answer_faults.status, code=429, after="0")
    ),
    Fault(
        "busy-for-ever",
        Level.ANSWER,
        "503, Retry-After 10^9",
        partial(answer_faults.status, code=503, after="1000000000"),
    ),
    Fault(
        "busy-in-the-past",
        Level.ANSWER,
        "503, Retry-After long ago",
        partial(answer_faults.status, code=503, after="Thu, 01 Jan 1970 00:00:00 GMT"),
    ),
    Fault(
        "busy-garbage",
        Level.ANSWER,
        "503, Retry-After soon",
        partial(answer_faults.status, code=503, after="soon"),
    ),
    Fault("unauthorised", Level.ANSWER, "401", partial(answer_faults.status, code=401)),
    Fault("unasked-304", Level.ANSWER, "304 without a condition", partial(answer_faults.status, code=304)),
    Fault("gone", Level.ANSWER, "404", partial(answer_faults.status, code=404)),
    Fault("error-on-page-2", Level.ANSWER, "500 from the second page on", answer_faults.error_on_page_2),
    Fault("gzip", Level.ANSWER, "gzip as it should be (no fault)", answer_faults.gzipped),
    Fault("gzip-bomb", Level.ANSWER, "80 MB of blanks in gzip", answer_faults.gzip_bomb),
    Fault("double-gzip", Level.ANSWER, "gzip in gzip", answer_faults.double_gzip),
    Fault("false-gzip", Level.ANSWER, "said to be gzip, but is not", answer_faults.false_gzip),
    Fault("cut-gzip", Level.ANSWER, "gzip without its end", answer_faults.cut_gzip),
    Fault(
        "cut-page", Level.ANSWER, "a third of the page is missing, the length fits", answer_faults.cut_page
    ),
    Fault(
        "external-entity", Level.ANSWER, "a DOCTYPE with an external entity", answer_faults.external_entity
    ),
    Fault("false-label", Level.ANSWER, "UTF-8 that says it is GB18030", answer_faults.false_label),
    Fault("token-loop", Level.PAGE, "the same token for ever", partial(page_faults.token_loop, period=1)),
    Fault("token-loop-2", Level.PAGE, "two tokens in turn", partial(page_faults.token_loop, period=2)),
    Fault("token-loop-7", Level.PAGE, "seven tokens in turn", partial(page_faults.token_loop, period=7)),
    Fault("new-tokens", Level.PAGE, "ever-new tokens with the same records", page_faults.new_tokens),
    Fault(
        "bad-token-on-page-2",
        Level.PAGE,
        "badResumptionToken on the second page",
        page_faults.bad_token_on_page_2,
    ),
    Fault("lost-token", Level.PAGE, "the list ends after its first page", page_faults.without_token),
    Fault(
        "repeated-same",
        Level.PAGE,
        "an identifier twice, the same content",
        partial(page_faults.repeated, same=True),
    ),
    Fault(
        "repeated-other",
        Level.PAGE,
        "an identifier twice, other content",
        partial(page_faults.repeated, same=False),
    ),
    Fault(
        "foreign-identifier",
        Level.PAGE,
        "another source's identifier",
        partial(page_faults.with_record, record=_FOREIGN),
    ),
    Fault(
        "hostile-record",
        Level.PAGE,
        "one record of no known format",
        partial(page_faults.with_record, record=_HOSTILE),
    ),
    *(
        Fault(
            f"shrunk-to-{percent}",
            Level.PAGE,
            f"{percent} % are left",
            partial(page_faults.shrunk, percent=percent),
        )
        for percent in (0, 1, 50, 89, 91)
    ),
    Fault("all-deleted", Level.PAGE, "every record deleted", page_faults.all_deleted),
    *(
        Fault(
            f"stamped-{name}",
            Level.PAGE,
            f"datestamps {stamp}",
            partial(page_faults.stamped, datestamp=stamp),
        )
        for name, stamp in (
            ("2099", "2099-12-31T23:59:59Z"),
            ("0001", "0001-01-01T00:00:00Z"),
            ("offset", "2024-01-01T08:00:00+08:00"),
            ("february", "2024-02-30T00:00:00Z"),
        )
    ),
    Fault("renamed", Level.PAGE, "the repository has another name", page_faults.renamed),
)

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _ROWS}
