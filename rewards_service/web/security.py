"""What every answer tells the browser, and which requests are refused before anything is read.

No page holds an inline script or style, so the policy allows none; the one script carries the request's nonce. Forms
are believed by a token (Flask-WTF) and, as a second line, only when the browser does not say that another site sent
them. Nothing that a page shows may stay in a shared cache.
"""

import secrets

from flask import Blueprint, Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect

from rewards_service.kit.errors import NotFound, Refusal
from rewards_service.web.context import is_secure, own_host

NONCE_BYTES = 16
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
OWN_SITE = frozenset({"same-origin", "none"})
HSTS_SECONDS = 2 * 365 * 24 * 3600
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
FORM_BYTES_MAX = 200_000
"""More than anybody types; pages take no files."""

PAGE_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; object-src 'none'"
)
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; "
    "base-uri 'none'; sandbox"
)

_csrf = CSRFProtect()


class OtherHost(Refusal):
    """The request names another host than ours, for instance to have it written into a page or a cache."""

    status = 400
    code = "other_host"
    title = "This address is not ours"


class NulInside(Refusal):
    """The request holds a NUL, which nobody types and PostgreSQL keeps in no text."""

    status = 400
    code = "nul_inside"
    title = "This request cannot be read"


class CrossSite(Refusal):
    """The browser says that another site sent this form."""

    status = 403
    code = "cross_site"
    title = "This form was sent from another site"


def secure_cookies(app: Flask) -> None:
    """Give Flask's own cookie (form tokens, basket, choice of language) the strictest rules the address allows."""
    secure = is_secure(app)
    app.config.update(
        SESSION_COOKIE_NAME=cookie_name("rewards", secure=secure),
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # pages with a secret send no Referer; the token and Sec-Fetch-Site decide
    )
    _csrf.init_app(app)


def cookie_name(name: str, *, secure: bool) -> str:
    """Return the name of a cookie; by TLS it carries the prefix that binds it to this very host."""
    return f"__Host-{name}" if secure else name


def guard(blueprint: Blueprint) -> None:
    """Put the rules of this module around every page of ``blueprint``; called before anything else that looks in."""
    blueprint.before_request(_refuse_other_sites)
    blueprint.before_request(_refuse_nul)
    blueprint.after_request(add_headers)


def csp_nonce() -> str:
    """Return the nonce of this request's script, the same at every call."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(NONCE_BYTES)
    nonce: str = g.csp_nonce
    return nonce


def hide_referrer() -> None:
    """Keep the address of this page from whatever is opened next: it leads to a secret."""
    g.referrer_policy = "no-referrer"


def show_as_mail() -> None:
    """Let this answer be shown in a frame of our own, with the inline styles that mail needs and nothing that runs."""
    g.content_policy = MAIL_POLICY


def add_headers(response: Response) -> Response:
    """Add the headers of every page; a cache header that the view set stays."""
    headers = response.headers
    headers["Content-Security-Policy"] = _content_policy()
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = g.get("referrer_policy", "same-origin")
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = PERMISSIONS_POLICY
    headers.setdefault("Cache-Control", "no-store")
    if g.get("retry_after") is not None:
        headers["Retry-After"] = str(g.retry_after)
    if is_secure():
        headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}; includeSubDomains"
    return response


def _refuse_other_sites() -> None:
    """Check, behind TLS, that we are meant; then where a form comes from, then its token."""
    if is_secure() and request.host.partition(":")[0] != own_host():
        raise OtherHost
    request.max_content_length = FORM_BYTES_MAX
    if request.method not in UNSAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in OWN_SITE:
        raise CrossSite("The browser says that this form comes from another site. Nothing was done.")
    _csrf.protect()


def _refuse_nul() -> None:
    """Stop a NUL here, once for every page: a page of that address does not exist, a form with one is not read."""
    if "\x00" in request.path:
        raise NotFound
    if any("\x00" in text for _, text in request.values.items(multi=True)):
        raise NulInside("The request holds a character that cannot be kept. Nothing was done.")


def _content_policy() -> str:
    """Return the policy of this request (ASVS 5.0, 3.4.3)."""
    policy: str = g.get("content_policy") or PAGE_POLICY.format(nonce=csp_nonce())
    return policy
