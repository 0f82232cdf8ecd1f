"""Failures as answers, under the status that says what to do: a line of Chinese and a line of English, or, in the
console, a page."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from registry.errors import Conflict, Forbidden, NotFound, Refused, RegistryError, Unavailable
from registry.model.issue import Text
from registry.web.admin import failure

_STATUSES: dict[type[RegistryError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Refused: 422,
    Unavailable: 502,
}

_TEXTS = {
    401: Text("管理台不接受 API 密钥；请登录。", "The console takes no API keys; sign in instead."),
    404: Text("这里没有内容；请检查地址。", "There is nothing here; check the address."),
    405: Text("此地址不支持该请求方法。", "This address does not know that method."),
    413: Text("请求过大。", "The request is too large."),
    503: Text("服务器繁忙，请稍后再试。", "The server is busy; come again a little later."),
}
_BAD_REQUEST = Text("请求有误。", "The request is wrong.")
_FORGED = Text(
    "表单已失效(会话已更换或页面过旧)。请返回、刷新页面后重新提交。",
    "The form has run out (another session has begun, or the page is too old). Go back, reload it and send it again.",
)
_FAILURE = Text("服务器内部错误，已记入日志。", "Something failed here; it is in the log.")


def register(app: Flask) -> None:
    """Let ``app`` answer failures this way. What nobody foresaw is logged by Flask and ends as 500."""
    app.register_error_handler(HTTPException, _http_answer)
    app.register_error_handler(RegistryError, _answer)
    app.register_error_handler(CSRFError, _forged)


def _forged(_raised: CSRFError) -> Response:
    return _told(_FORGED, 400)


def _http_answer(raised: HTTPException) -> Response:
    if isinstance(raised.response, Response):
        return raised.response
    status = raised.code or 500
    response = _told(_TEXTS.get(status, _FAILURE if status >= 500 else _BAD_REQUEST), status)
    kept = raised.get_response().headers
    for name in ("Allow", "Retry-After", "Location"):
        if name in kept:
            response.headers[name] = kept[name]
    return response


def _answer(raised: RegistryError) -> Response:
    """Its own text; for what is not there a general one, since the text tells of the command line."""
    status = next((code for kind, code in _STATUSES.items() if isinstance(raised, kind)), 500)
    return _told(_TEXTS[404] if status == 404 else raised.text, status)


def _told(text: Text, status: int) -> Response:
    if request.path == "/admin" or request.path.startswith("/admin/"):
        return failure.page(text, status)
    return Response(f"{text.zh}\n{text.en}\n", status, content_type="text/plain; charset=utf-8")
