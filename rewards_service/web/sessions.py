"""Cookies of sign-in sessions: read at the start of a request, set at its end, never holding more than a token.

Each shop has its own cookie, so one browser may be in several programs; the console has another. The browser cookie
holds the nonce that binds a sign-in message to the browser that asked for it.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, g, request
from sqlalchemy.orm import Session

from rewards_service.identity.errors import SessionOver
from rewards_service.identity.models import SignInSession
from rewards_service.identity.operations import OpenedSession, see_session
from rewards_service.identity.policy import SEEN_EVERY
from rewards_service.identity.queries import live_session
from rewards_service.identity.tokens import new_token
from rewards_service.kit.database import transact
from rewards_service.programs.models import Program
from rewards_service.web.context import is_secure, present
from rewards_service.web.security import cookie_name

CONSOLE = "console"
BROWSER = "browser"
BROWSER_LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Cookie:
    """A cookie to set with the answer; an empty value takes it away."""

    name: str
    token: str
    lifetime: timedelta | None = None


def shop_cookie(program: Program) -> str:
    """Return the plain name of the cookie of one program's shop."""
    return f"shop-{program.public_id}"


def set_cookies(blueprint: Blueprint) -> None:
    """Let every answer of ``blueprint`` carry the cookies that its views asked for."""
    blueprint.after_request(_send_cookies)


def sign_in_of(session: Session, plain_name: str) -> SignInSession | None:
    """Return the live session that the request's cookie stands for, or None: nobody, or one that ended."""
    token = _read(plain_name)
    if not token:
        return None
    try:
        return live_session(session, token=token, now=present())
    except SessionOver:
        _keep(_Cookie(plain_name, ""))
        return None


def note_seen(sign_in: SignInSession) -> None:
    """Note that a session is in use, at most once in ``SEEN_EVERY``, in a short transaction of its own."""
    now = present()
    if now - sign_in.seen_at >= SEEN_EVERY:
        transact(lambda session: see_session(session, session_id=sign_in.id, now=now))


def keep_session(plain_name: str, opened: OpenedSession) -> None:
    """Give the browser the token of a session that was just opened."""
    _keep(_Cookie(plain_name, opened.token))


def drop_session(plain_name: str) -> None:
    """Take the token away from the browser."""
    _keep(_Cookie(plain_name, ""))


def browser_nonce() -> str:
    """Return the nonce of this browser; one without a nonce gets one with this answer, the same throughout it."""
    given: _Cookie | None = g.get("cookies_to_send", {}).get(BROWSER)
    nonce = known_browser_nonce() or (given.token if given else new_token())
    _keep(_Cookie(BROWSER, nonce, BROWSER_LIFETIME))
    return nonce


def known_browser_nonce() -> str:
    """Return the nonce the browser already holds, or an empty text, which no sign-in message is bound to."""
    return _read(BROWSER)


def _read(plain_name: str) -> str:
    """Return a cookie of this request, or an empty text."""
    return request.cookies.get(cookie_name(plain_name, secure=is_secure()), "")


def _keep(cookie: _Cookie) -> None:
    """Remember a cookie for the answer; the last word on a name counts."""
    g.setdefault("cookies_to_send", {})[cookie.name] = cookie


def _send_cookies(response: Response) -> Response:
    """Set and remove the cookies of this request."""
    secure = is_secure()
    for cookie in g.get("cookies_to_send", {}).values():
        response.set_cookie(
            cookie_name(cookie.name, secure=secure),
            cookie.token,
            max_age=cookie.lifetime if cookie.token else 0,
            path="/",
            secure=secure,
            httponly=True,
            samesite="Lax",
        )
    return response
