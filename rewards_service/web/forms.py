"""Forms: read by a schema, refused field by field, shown again with what was typed.

A form that spends something carries a one-time key: sent twice, by a double click or by the Back button, it is the
same order.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import g, make_response, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from rewards_service.kit.errors import FieldProblem, Refusal, ValidationFailed
from rewards_service.kit.money import MINOR_MAX
from rewards_service.web.i18n import _lazy
from rewards_service.web.routing import View

FORM_KEY_BYTES = 16
NEVER_SHOWN_AGAIN = frozenset({"password", "code"})
"""Fields that hold what signs somebody in: a password, or the code of a sign-in message."""


MISSING = _lazy("Please fill this in.")
TOO_LONG = _lazy("At most {max} characters.")
NOT_WHOLE = _lazy("This is not a whole number.")
OUT_OF_RANGE = _lazy("This is not a number from {min} to {max}.")


class FormIncomplete(ValidationFailed):
    """Fields of a form are missing or hold something unusable."""

    code = "form_incomplete"
    title = "Some fields need another look"


def text_field(*, length_max: int) -> fields.String:
    """Return a field for a text that must be there."""
    length = validate.And(validate.Length(min=1, error=MISSING), validate.Length(max=length_max, error=TOO_LONG))
    return fields.String(required=True, validate=length, error_messages={"required": MISSING})


def number_field(*, least: int = 1, most: int = MINOR_MAX, usual: int | None = None) -> fields.Integer:
    """Return a field for a whole number, which must be there where there is no ``usual`` one."""
    return fields.Integer(
        **({"required": True} if usual is None else {"load_default": usual}),
        validate=validate.Range(min=least, max=most, error=OUT_OF_RANGE),
        error_messages={"required": MISSING, "invalid": NOT_WHOLE, "too_large": NOT_WHOLE},
    )


def read_form(schema: type[Schema]) -> dict[str, Any]:
    """Return the request's form as ``schema`` reads it; fields it does not know are left out.

    Raises:
        FormIncomplete: with one problem for each field.
    """
    try:
        loaded: dict[str, Any] = schema(unknown=EXCLUDE).load(request.form.to_dict())
    except ValidationError as error:
        raise FormIncomplete(problems=_problems(error.messages_dict)) from error
    return loaded


def read_query(schema: type[Schema]) -> dict[str, Any]:
    """Return the query of the address as ``schema`` reads it; lists are read as lists. Raises ``FormIncomplete``."""
    lists = {name for name, field in schema().fields.items() if hasattr(field, "inner")}
    given = {name: request.args.getlist(name) if name in lists else request.args[name] for name in request.args}
    filled = {name: text for name, text in given.items() if text not in {"", None} or name in lists}
    try:
        loaded: dict[str, Any] = schema(unknown=EXCLUDE).load(filled)
    except ValidationError as error:
        raise FormIncomplete(problems=_problems(error.messages_dict)) from error
    return loaded


def shows_again(page: View) -> Callable[[View], View]:
    """Return a decorator: a form that is refused is shown again by ``page``, with the refusal and what was typed."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**arguments: Any) -> ResponseReturnValue:  # noqa: ANN401 — whatever the address holds
            try:
                return view(**arguments)
            except Refusal as refusal:
                g.refusal, g.retry_after = refusal, refusal.params.get("retry_after")
                response = make_response(page(**arguments))
                response.status_code = refusal.status
                return response

        return guarded

    return decorate


def typed(name: str) -> str:
    """Return what was typed into a field of the form that is shown again; nothing that signs somebody in is."""
    return "" if name in NEVER_SHOWN_AGAIN else request.form.get(name, "")


def last_refusal() -> Refusal | None:
    """Return why the form before this page was refused, if it was."""
    refusal: Refusal | None = g.get("refusal")
    return refusal


def form_key() -> str:
    """Return a new one-time key, or the one of the form that is shown again: a second try is still the same."""
    return request.form.get("form_key") or secrets.token_urlsafe(FORM_KEY_BYTES)


def once_reference(*, owner: str) -> str:
    """Return the permanent reference of what this form asks for: the same form of the same owner, the same reference.

    Raises:
        FormIncomplete: the form has no key.
    """
    key = request.form.get("form_key", "")
    if not key:
        raise FormIncomplete(problems=(FieldProblem("/form_key", "missing", "Please send the form again."),))
    return f"web-{hashlib.sha256(f'{owner}/{key}'.encode()).hexdigest()[:32]}"


def _problems(messages: Mapping[str, Any]) -> tuple[FieldProblem, ...]:
    """Return one problem for each message of each field."""
    return tuple(
        FieldProblem(f"/{name}", "unusable", str(message))
        for name, found in messages.items()
        for message in (found if isinstance(found, list) else [found])
    )
