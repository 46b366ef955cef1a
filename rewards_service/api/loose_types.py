"""Names for what others leave open, so that a signature says which sort of anything is meant."""

from typing import Any

Json = Any
"""A JSON value: text, number, truth value, null, list or object."""

Options = Any
"""Keyword arguments that are handed on as they are, to marshmallow or to ``Route``."""

Parsed = Any
"""What a schema made of a part of a request."""
