"""Headers that every answer carries: browsers take it for what it says it is, and load nothing from it.

Pages of the console load the files of this installation, and post to it; nothing written inline runs there either.
"""

from __future__ import annotations

from flask import Response, request

_SECURE = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_CONSOLE = {
    **_SECURE,
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}


def secure(response: Response) -> Response:
    """``response`` with these headers, where it does not carry its own. Pages of the console are not kept."""
    is_console = request.path == "/admin" or request.path.startswith("/admin/")
    for name, value in (_CONSOLE if is_console else _SECURE).items():
        response.headers.setdefault(name, value)
    if is_console and request.endpoint != "admin.static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
