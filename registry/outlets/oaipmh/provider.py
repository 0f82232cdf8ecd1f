"""The OAI-PMH 2.0 provider: every register of the installation as a repository of its own.

An answer is dated R and shows what was published with a datestamp before R. Whatever comes later is datestamped R
or later: a harvester that goes on with ``from`` = the responseDate of its last walk misses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from registry.formats import FORMATS, Format
from registry.formats.catalogue import CATALOGUE
from registry.model.issue import Text
from registry.model.register import Register
from registry.model.version import Line
from registry.model.visibility import Audience, day_of
from registry.outlets import selection
from registry.outlets.oaipmh import identifiers, response, sets
from registry.outlets.oaipmh.arguments import Request, Window, request_from, window_of
from registry.outlets.oaipmh.errors import ProtocolError
from registry.outlets.oaipmh.resumption import Signer, Token, unusable
from registry.outlets.selection import Page, Span, View
from registry.store import lines, log, memberships, publications, registers, sources
from registry.store.engine import Connection, Engines
from registry.store.publications import Shown
from schemas.oaipmh import IDENTIFIER, OAI, PROVENANCE, SCHEMA_LOCATIONS

WRITTEN: Final[Mapping[str, Format]] = {
    prefix: each for prefix, each in FORMATS.items() if each.write is not None
}
"""The formats that records are disseminated in."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and how a provider serves: ``public_url`` without a slash at its end, under which the registers lie
    at ``/oai/<code>`` and schema files at ``/schemas/<name>``; ``page_size`` entries an answer."""

    public_url: str
    admin_email: str
    page_size: int

    def base_url(self, register_code: str) -> str:
        """The base URL of a register."""
        return f"{self.public_url}/oai/{register_code}"

    def schema_url(self, location: str) -> str:
        """Where the schema of a format lies; ours are named by their file."""
        return location if ":" in location else f"{self.public_url}/schemas/{location}"


class Provider:
    """Answers requests. Safe to share between threads.

    ``token_key`` signs resumption tokens (32 bytes, the same on every server of the installation).
    """

    def __init__(
        self, engines: Engines, setting: Setting, token_key: bytes, clock: Callable[[], datetime]
    ) -> None:
        self.setting, self.signer = setting, Signer(token_key)
        self._engines, self._clock = engines, clock
        self._specs: dict[int, Sequence[str]] = {}
        self._locations = {space: SCHEMA_LOCATIONS[space] for space in (OAI, PROVENANCE, IDENTIFIER)} | {
            each.namespace: setting.schema_url(each.schema_location) for each in WRITTEN.values()
        }

    def specs_of(self, connection: Connection, combinations: Collection[int]) -> Mapping[int, Sequence[str]]:
        """The set specs of combinations of sets. There are few of them, and they never change: they are read
        once."""
        if missing := [key for key in combinations if key not in self._specs]:
            found = memberships.by_ids(connection, missing)
            self._specs = self._specs | {key: each.sets for key, each in found.items()}
        return self._specs

    def answer(
        self, register_code: str, pairs: Sequence[tuple[str, str]], audience: Audience = Audience.PUBLIC
    ) -> bytes:
        """The answer (UTF-8 XML) to a request of ``audience`` with these arguments, errors included.

        Raises ``NotFound`` where there is no such register.
        """
        now = self._clock().replace(microsecond=0)
        arguments: dict[str, str] = {}
        with self._engines.read.connect() as connection:
            register = registers.get(connection, register_code)
            shown = publications.shown_at(connection, register.id, now)
            try:
                request = request_from(pairs)
                arguments = {"verb": request.verb, **request.arguments}
                reply = _Reply(self, connection, register, View(audience, day_of(now)), shown)
                body = _VERBS[request.verb](reply, request)
            except ProtocolError as error:
                body = response.errors(error.complaints)
        envelope = response.Envelope(self.setting.base_url(register_code), self._locations)
        return envelope.around(body, shown.dated, arguments)


@dataclass(frozen=True, slots=True)
class _Reply:
    """One request being answered: the register as ``view`` is ``shown`` it."""

    provider: Provider
    connection: Connection
    register: Register
    view: View
    shown: Shown

    def identify(self, _request: Request) -> list[bytes]:
        setting = self.provider.setting
        # Without a publication, nothing will ever be datestamped before this very answer.
        earliest = publications.earliest(self.connection, self.register.id) or self.shown.dated
        return response.identify(
            response.Repository(
                self.register.name, setting.base_url(self.register.code), setting.admin_email,
                min(earliest, self.shown.dated), self._sample(),
            )
        )  # fmt: skip

    def list_metadata_formats(self, request: Request) -> list[bytes]:
        if "identifier" in request.arguments:
            self._single(request.arguments["identifier"], with_content=False)
        schema_url = self.provider.setting.schema_url
        return response.metadata_formats(
            (each.prefix, schema_url(each.schema_location), each.namespace) for each in WRITTEN.values()
        )

    def list_sets(self, request: Request) -> list[bytes]:
        if "resumptionToken" in request.arguments:
            raise unusable(Text("集合一次列全", "sets are listed at once"))
        specs = selection.set_specs(self.connection, self.register.id, self.view, mark=self.shown.through)
        return response.sets(sets.named(specs))

    def get_record(self, request: Request) -> list[bytes]:
        form = _format(request.arguments["metadataPrefix"])
        found = self._single(request.arguments["identifier"], with_content=True)
        sequence = found[0].sequence
        stamps = lines.stamps(self.connection, self.register.id, sequence, sequence)
        return [b"<GetRecord>", *self._records(Page([found], stamps, more=False), form, ""), b"</GetRecord>"]

    def list_entries(self, request: Request) -> list[bytes]:
        """ListRecords and ListIdentifiers."""
        token = self._token(request)
        form = _format(token.prefix)
        whole = request.verb == "ListRecords"
        page = selection.page(
            self.connection, self.register.id, token.span, self.view,
            limit=self.provider.setting.page_size, present=max(self.shown.through, token.span.mark),
            with_content=whole,
        )  # fmt: skip
        if not page.listed:
            raise ProtocolError.of("noRecordsMatch")
        set_spec = token.span.set_spec
        listed = self._records(page, form, set_spec) if whole else self._headers(page, set_spec)
        name = request.verb.encode()
        return [b"<%b>" % name, *listed, *self._continuation(token, page), b"</%b>" % name]

    def _token(self, request: Request) -> Token:
        """Where the list goes on, or begins."""
        code, audience = self.register.code, self.view.audience
        if "resumptionToken" not in request.arguments:
            prefix = request.arguments["metadataPrefix"]
            return Token(code, request.verb, audience, prefix, self._span(request), 0)
        token = self.provider.signer.open(request.arguments["resumptionToken"])
        if (token.register, token.verb, token.audience) != (code, request.verb, audience):
            raise unusable(Text("它属于另一个请求", "it belongs to another request"))
        if token.span.mark > self.register.mark or token.prefix not in WRITTEN:
            raise unusable(Text("登记册已不是当时的样子", "the register is not what it was then"))
        return token

    def _span(self, request: Request) -> Span:
        """The part of the log that a first request asks for."""
        mark = self.shown.through
        spec = request.arguments.get("set", "")
        window = window_of(request)
        covered: tuple[int, int] | None = (0, mark)
        if window != Window(None, None):
            covered = publications.range_between(
                self.connection, self.register.id, window.since, window.until
            )
        after, through = covered or (0, 0)
        return Span(after, min(through, mark), mark, sets.filed(spec))

    def _single(self, identifier: str, *, with_content: bool) -> tuple[Line, bool]:
        mark = self.shown.through
        found = selection.single(
            self.connection, self.register.id, identifier, self.view, mark=mark, present=mark,
            with_content=with_content,
        )  # fmt: skip
        if found is None:
            raise ProtocolError.of("idDoesNotExist")
        return found

    def _headers(self, page: Page, set_spec: str) -> list[bytes]:
        return response.headers(page.listed, self._shared(page, set_spec))

    def _records(self, page: Page, form: Format, set_spec: str) -> list[bytes]:
        shared = self._shared(page, set_spec)
        if form is CATALOGUE:
            stored = [line.content for line, _ in page.listed]
            return response.records(page.listed, stored, shared, converted=False)
        return response.records(page.listed, self._written(page, form), shared, converted=True)

    def _written(self, page: Page, form: Format) -> Iterator[bytes]:
        """The metadata of a page in another format than the stored one."""
        assert form.write is not None
        shown = [line.sequence for line, is_shown in page.listed if is_shown]
        versions = log.at(self.connection, self.register.id, shown)
        for line, is_shown in page.listed:
            facts = versions[line.sequence].facts if is_shown else None
            yield b"" if facts is None else form.write(line.content, facts)

    def _shared(self, page: Page, set_spec: str) -> response.Headers:
        combinations = {line.membership_id for line, shown in page.listed if shown}
        specs = self.provider.specs_of(self.connection, combinations)
        return response.Headers(page.stamps, specs, set_spec)

    def _continuation(self, token: Token, page: Page) -> list[bytes]:
        """The resumption token: where more follows, and (empty) behind the last of several parts."""
        if not page.more:
            return [response.resumption_token("", token.cursor)] if token.cursor else []
        following = msgspec.structs.replace(
            token,
            span=token.span._replace(after=page.listed[-1][0].sequence),
            cursor=token.cursor + len(page.listed),
        )
        return [response.resumption_token(self.provider.signer.seal(following), token.cursor)]

    def _sample(self) -> tuple[str, str] | None:
        """(namespace, identifier) where all identifiers of the register are of one namespace."""
        described = [
            each.description for each in sources.listed(self.connection, register_id=self.register.id)
        ]
        namespace = identifiers.common_namespace(described)
        if namespace is None:
            return None
        mark = self.shown.through
        page = selection.page(
            self.connection, self.register.id, Span(0, mark, mark), self.view, limit=1, present=mark,
            with_content=False,
        )  # fmt: skip
        sample = page.listed[0][0].identifier if page.listed else ""
        return (namespace, sample) if identifiers.is_oai_identifier(sample, namespace) else None


_VERBS: Final[Mapping[str, Callable[[_Reply, Request], list[bytes]]]] = {
    "Identify": _Reply.identify,
    "ListMetadataFormats": _Reply.list_metadata_formats,
    "ListSets": _Reply.list_sets,
    "GetRecord": _Reply.get_record,
    "ListIdentifiers": _Reply.list_entries,
    "ListRecords": _Reply.list_entries,
}


def _format(prefix: str) -> Format:
    form = WRITTEN.get(prefix)
    if form is None:
        raise ProtocolError.of("cannotDisseminateFormat")
    return form
