"""JSON of suppliers: numbers with a point become ``Decimal``, whatever else is not JSON is refused with its place."""

import json
from decimal import Decimal
from typing import NoReturn

from catalog.errors import CatalogFileRefused, RowProblem


def parse_json(text: str) -> object:
    """Return the value of ``text``; decimals are ``Decimal``, never binary fractions.

    Raises:
        CatalogFileRefused: it is not JSON (RFC 8259), or nests deeper or counts higher than any catalog would.
    """
    try:
        parsed: object = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _refusal(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise _refusal(str(error)[:200]) from error
    return parsed


def _refuse_constant(name: str) -> NoReturn:
    """Refuse ``NaN`` and the infinities, which Python would read and JSON does not know."""
    raise ValueError(f"{name} is not a JSON number")


def _refusal(reason: str) -> CatalogFileRefused:
    """Return the refusal of a file that is not JSON."""
    return CatalogFileRefused([RowProblem(0, "", "json_invalid", f"the file is not JSON: {reason}")])
