"""What a check is, and how it finds the first row that breaks its claim."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

Breaks = Iterator[dict[str, Any]]
"""Rows that break a claim, each as names and values; the first is enough."""


@dataclass(frozen=True, slots=True)
class Check:
    """One claim about the books, how to find what breaks it at a moment, and what to say although nothing does."""

    number: int
    claim: str
    find_breaks: Callable[[Session, datetime], Breaks]
    note: Callable[[Session], str] = lambda _: ""


def first_of_each(session: Session, *statements: Select[*tuple[Any, ...]]) -> Breaks:
    """Yield the first row of each statement that has any."""
    for statement in statements:
        yield from (dict(row) for row in session.execute(statement.limit(1)).mappings())
