"""gzip for whoever accepts it (RFC 9110, section 12.5.3; OAI-PMH 2.0, section 3.1.3)."""

from __future__ import annotations

import gzip

from flask import Response, request

LEVEL = 1
"""XML of this kind shrinks to a few hundredths already; higher levels cost several times as much for little."""
_WORTH_IT = 1024
_SMALL_FILE = 512 * 1024
_TEXTUAL = ("text/", "application/xml", "application/json")


def compress(response: Response) -> Response:
    """``response``, compressed where that is wanted and worth it."""
    if not (response.mimetype or "").startswith(_TEXTUAL):
        return response
    if response.direct_passthrough and (response.content_length or 0) <= _SMALL_FILE:
        response.direct_passthrough = False  # a file of the console's style: compressed like a page
        response.make_sequence()
    if response.is_streamed:
        return response
    response.vary.add("Accept-Encoding")
    if (
        request.accept_encodings["gzip"] <= 0
        or "Content-Encoding" in response.headers
        or (response.calculate_content_length() or 0) < _WORTH_IT
    ):
        return response
    response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response
