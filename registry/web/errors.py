"""Failures as answers: a line of Chinese and a line of English, under the status that says what to do."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from registry.errors import Conflict, Forbidden, NotFound, Refused, RegistryError
from registry.model.issue import Text

_STATUSES: dict[type[RegistryError], int] = {NotFound: 404, Forbidden: 403, Conflict: 409, Refused: 422}

_TEXTS = {
    404: Text("这里没有内容;请检查地址。", "There is nothing here; check the address."),
    405: Text("此地址不支持该请求方法。", "This address does not know that method."),
    413: Text("请求过大。", "The request is too large."),
    503: Text("服务器繁忙,请稍后再试。", "The server is busy; come again a little later."),
}
_BAD_REQUEST = Text("请求有误。", "The request is wrong.")
_FAILURE = Text("服务器内部错误,已记入日志。", "Something failed here; it is in the log.")


def register(app: Flask) -> None:
    """Let ``app`` answer failures this way. What nobody foresaw is logged by Flask and ends as 500."""
    app.register_error_handler(HTTPException, _http_answer)
    app.register_error_handler(RegistryError, _answer)


def _http_answer(failure: HTTPException) -> Response:
    status = failure.code or 500
    response = _told(_TEXTS.get(status, _FAILURE if status >= 500 else _BAD_REQUEST), status)
    kept = failure.get_response().headers
    for name in ("Allow", "Retry-After", "Location"):
        if name in kept:
            response.headers[name] = kept[name]
    return response


def _answer(failure: RegistryError) -> Response:
    """Its own text; for what is not there a general one, since the text tells of the command line."""
    status = _STATUSES.get(type(failure), 500)
    return _told(_TEXTS[404] if status == 404 else failure.text, status)


def _told(text: Text, status: int) -> Response:
    return Response(f"{text.zh}\n{text.en}\n", status, content_type="text/plain; charset=utf-8")
