"""A failure as a page of the console: what happened, and a way on."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, g, make_response, render_template, request

from registry.model.issue import Text
from registry.web.admin import guard

_TITLES = {
    400: Text("请求有误", "That went wrong"),
    401: Text("请登录", "Sign in"),
    403: Text("没有权限", "Not allowed"),
    404: Text("没有找到", "Not found"),
    405: Text("请求方法不对", "Not this way"),
    409: Text("状态已变化", "Not in this state"),
    413: Text("内容过大", "Too large"),
    422: Text("内容有误", "Not accepted"),
}
_TITLE = Text("出错了", "Something failed")


def page(text: Text, status: int) -> Response:
    """The page; where nobody is signed in, or the store may be the reason, without the navigation."""
    title = _TITLES.get(status, _TITLE)
    if status >= 500:
        g.pop("visit", None)
    drawn = render_template("admin/error.html", title=title, text=text, status=status, back=_back())
    return make_response(drawn, status)


def _back() -> str:
    """The page that the visitor came from, if it is one of the console and another one than this."""
    came = urlsplit(request.referrer or "")
    place = f"{came.path}?{came.query}" if came.query else came.path
    is_ours = came.netloc == request.host and guard.inside(place)
    return place if is_ours and (request.method == "POST" or came.path != request.path) else ""
