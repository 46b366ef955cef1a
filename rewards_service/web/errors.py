"""Pages for everything that goes wrong: what happened, what is safe, one next action, and the request's number last."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError

from catalog import CatalogError
from rewards_service.kit.errors import FieldProblem, Refusal
from rewards_service.kit.logs import current_request_id, logger_of
from rewards_service.web.forms import NEVER_SHOWN_AGAIN
from rewards_service.web.i18n import _, _lazy
from rewards_service.web.security import add_headers

FORM_EXPIRED = 419
KEPT_FIELDS_MAX = 40
SECRET_LEFT_OUT = _lazy("Nothing was done. What you typed to sign in is not repeated here: we ask for it once more.")
_log = logger_of(__name__)


@dataclass(frozen=True, slots=True)
class ErrorText:
    """The words of one status: headline, what is safe, the picture's sign."""

    title: str
    detail: str
    mark: str


TEXTS: dict[int, ErrorText] = {
    400: ErrorText(
        _lazy("This request is not complete"), _lazy("Nothing was done. Please go back and try once more."), "question"
    ),
    401: ErrorText(
        _lazy("Please sign in"), _lazy("Your session has ended, to be safe. What you hold is untouched."), "lock"
    ),
    403: ErrorText(_lazy("This page is not open to you"), _lazy("Nothing was changed."), "lock"),
    404: ErrorText(
        _lazy("There is nothing at this address"),
        _lazy("The link may be cut short or old. What you hold is untouched."),
        "search",
    ),
    405: ErrorText(
        _lazy("This address cannot be opened like that"), _lazy("Nothing was done. Please start again."), "question"
    ),
    409: ErrorText(
        _lazy("This does not fit any more"), _lazy("Something changed meanwhile. Nothing was done."), "question"
    ),
    410: ErrorText(_lazy("This is no longer valid"), _lazy("Nothing was done. You can ask for a new one."), "cross"),
    413: ErrorText(_lazy("This is too large"), _lazy("Nothing was stored. Please send less at once."), "cross"),
    FORM_EXPIRED: ErrorText(
        _lazy("This page was open for a long time"),
        _lazy("What you typed is still here. Please send it once more."),
        "tick",
    ),
    422: ErrorText(_lazy("Some fields need another look"), _lazy("Nothing was done."), "question"),
    429: ErrorText(_lazy("Too many tries"), _lazy("This protects codes from being guessed. Nothing is lost."), "clock"),
    500: ErrorText(
        _lazy("Something broke on our side"),
        _lazy(
            "What you hold is untouched. Please try again; if it happens twice, send us this number and we find the "
            "exact moment."
        ),
        "cross",
    ),
    503: ErrorText(
        _lazy("We are very busy right now"), _lazy("Nothing was changed. Please try again in a minute."), "clock"
    ),
}


def show_errors(blueprint: Blueprint) -> None:
    """Answer everything that goes wrong in ``blueprint`` with a page."""
    blueprint.register_error_handler(Refusal, refusal_page)
    blueprint.register_error_handler(CSRFError, form_expired_page)
    blueprint.register_error_handler(HTTPException, http_page)
    blueprint.register_error_handler(CatalogError, catalog_page)
    blueprint.register_error_handler(Exception, broken_page)


def show_unrouted_errors(app: Flask) -> None:
    """Answer addresses that no blueprint owns with a page."""
    app.register_error_handler(404, http_page)
    app.register_error_handler(405, http_page)


def refusal_page(refusal: Refusal) -> Response:
    """Return the page of a business error: its own title and sentence, and how long to wait where that helps."""
    g.retry_after = refusal.params.get("retry_after")
    return _page(refusal.status, title=refusal_title(refusal), detail=refusal_detail(refusal))


def form_expired_page(_error: CSRFError) -> Response:
    """Return the page that keeps what was typed and asks to send it again: the form's token is no longer known.

    A password or a sign-in code is not repeated; sent without it, the form comes back and asks for it.
    """
    left_out = NEVER_SHOWN_AGAIN | {"csrf_token"}
    fields = [(name, text) for name, text in request.form.items(multi=True) if name not in left_out]
    detail = str(SECRET_LEFT_OUT) if NEVER_SHOWN_AGAIN & request.form.keys() else ""
    return _page(FORM_EXPIRED, detail=detail, fields=fields[:KEPT_FIELDS_MAX])


def catalog_page(_error: CatalogError) -> Response:
    """Return the page of an address that asks the catalog something impossible, such as a page of another search."""
    return _page(BadRequest.code)


def http_page(error: HTTPException) -> Response:
    """Return the page of an HTTP error; redirects of the router pass unchanged."""
    if error.code is None or error.response is not None or error.code < 400:  # noqa: PLR2004 — where errors begin
        return make_response(error.get_response())
    return _page(error.code)


def broken_page(error: Exception) -> Response:
    """Return the page of a defect, and log it with the request's number."""
    _log.error("page_broken", exception="".join(traceback.format_exception(error)), path=request.path)
    return _page(InternalServerError.code)


def refusal_title(refusal: Refusal) -> str:
    """Return the title of a business error in the reader's language."""
    return str(_(refusal.title))


def refusal_detail(refusal: Refusal) -> str:
    """Return the sentence of a business error in the reader's language; empty when it says no more than its title."""
    told = _told(refusal.detail, refusal.params)
    return "" if told == refusal_title(refusal) else told


def problem_text(problem: FieldProblem) -> str:
    """Return what is wrong with a field in the reader's language."""
    return _told(problem.sentence, problem.params)


def _told(sentence: str, params: Mapping[str, str | int | None]) -> str:
    """Return an English sentence in the reader's language, its places filled in."""
    translated = str(_(sentence)) if sentence else ""
    return translated.format(**params) if params else translated


def _page(status: int, *, title: str = "", detail: str = "", fields: list[tuple[str, str]] | None = None) -> Response:
    """Return the page of ``status``; words that are not given come from ``TEXTS``."""
    text = TEXTS.get(status, TEXTS[500 if status >= 500 else 400])  # noqa: PLR2004 — classes of HTTP statuses
    body = render_template(
        "error.html",
        status=status,
        title=title or text.title,
        detail=detail or text.detail,
        mark=text.mark,
        fields=fields,
        request_id=current_request_id(),
    )
    return add_headers(make_response(body, status))
