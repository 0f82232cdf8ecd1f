"""Why somebody does not come in through the provider. Each text says the way out; none repeats a token."""

from __future__ import annotations

from registry.errors import Forbidden, Unavailable
from registry.model.issue import Text

_AGAIN_ZH = "请重新登录；如再次出现，请告知管理员。"
_AGAIN_EN = "Sign in again; if it happens again, tell your administrator."
_TELL_ZH = "请告知管理员，或使用密码登录。"
_TELL_EN = "Tell your administrator, or sign in with your password."


def _again(zh: str, en: str) -> Text:
    return Text(f"{zh}{_AGAIN_ZH}", f"{en} {_AGAIN_EN}")


def _tell(zh: str, en: str) -> Text:
    return Text(f"{zh}{_TELL_ZH}", f"{en} {_TELL_EN}")


DOWN = Text(
    "统一身份认证暂时没有应答。请稍后再试，或使用密码登录。",
    "The identity provider does not answer now. Try again later, or sign in with your password.",
)
BUSY = Text(
    "正在登录的人较多。请稍后再试，或使用密码登录。",
    "Many are signing in now. Try again in a moment, or sign in with your password.",
)
ODD = _tell("统一身份认证的应答有误。", "The answer of the identity provider is not what it should be.")
OTHER_ISSUER = _tell(
    "统一身份认证自称为另一个签发者。",
    "The identity provider calls itself another issuer than the one set here.",
)
UNGUARDED = _tell(
    "统一身份认证给出的地址未加密。", "An address that the identity provider gave is not encrypted (https)."
)
CLIENT = _tell(
    "统一身份认证不认可本系统的凭据。",
    "The identity provider does not accept the credentials of this installation.",
)

STATE = _again(
    "登录请求不存在、已使用或已过期。", "There is no such attempt to sign in, or it was used or has run out."
)
MIXED_UP = _again("应答来自另一个身份认证服务。", "The answer came from another identity provider.")
CODE = _again("登录凭证已使用或已过期。", "What the provider handed over was used already, or has run out.")
DENIED = Text(
    "您在统一身份认证中取消了登录，或没有获得使用本系统的许可。请重试，或联系管理员。",
    "You cancelled at the identity provider, or are not allowed to use this installation there. Try again, or ask "
    "your administrator.",
)
TOLD_ERROR = _again("统一身份认证报告错误({code})。", "The identity provider reports an error ({code}).")

ALGORITHM = _tell("身份令牌的签名算法不被接受。", "The ID token is signed in a way that is not accepted.")
KEY = _again("身份令牌的签名密钥未知。", "The ID token is signed with an unknown key.")
SIGNATURE = _tell("身份令牌的签名无效。", "The signature of the ID token is not right.")
ISSUER = _tell("身份令牌的签发者不符。", "The ID token is of another issuer.")
AUDIENCE = _tell("身份令牌不是签发给本系统的。", "The ID token was made for somebody else.")
EXPIRED = _again("身份令牌已过期。", "The ID token has run out.")
TIME = _tell(
    "身份令牌的时间不符(双方时钟可能不一致)。",
    "The time in the ID token is not right (the clocks may differ).",
)
NONCE = _again("身份令牌不属于本次登录。", "The ID token does not belong to this attempt to sign in.")
TOKEN = _tell("身份令牌无法识别。", "The ID token cannot be made out.")
CLAIM = _tell("身份令牌中没有可用的“{claim}”。", "The ID token holds no usable “{claim}”.")


def forbidden(text: Text, **facts: object) -> Forbidden:
    """The refusal of somebody."""
    return Forbidden(text.format(**facts) if facts else text)


def unavailable(text: Text) -> Unavailable:
    """The refusal of a provider that cannot be understood."""
    return Unavailable(text)
