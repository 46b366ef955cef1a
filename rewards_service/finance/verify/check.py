"""What a check is, and how it finds the first row that breaks its claim."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam
from sqlalchemy.orm import Session

from rewards_service.kit.database import UtcDateTime

Breaks = Iterator[dict[str, Any]]
"""Rows that break a claim, each as names and values; the first is enough."""

Statements = Sequence[Select[*tuple[Any, ...]]]

NOW = bindparam("now", type_=UtcDateTime)
"""The moment at which the books are looked at, in a check's statements."""

A_DAY_AGO = bindparam("a_day_ago", type_=UtcDateTime)
"""How long value that has ended may wait for the job that takes it out."""


@dataclass(frozen=True, slots=True)
class Check:
    """One claim about the books, how to find what breaks it at a moment, and what to say although nothing does."""

    number: int
    claim: str
    find_breaks: Callable[[Session, datetime], Breaks]
    note: Callable[[Session], str] = lambda _: ""


def by_statements(build: Callable[[], Statements]) -> Callable[[Session, datetime], Breaks]:
    """Return what finds the rows that break a claim by statements, which are built once and have none if it holds."""

    @cache
    def statements() -> Statements:
        return [statement.limit(1) for statement in build()]

    def find(session: Session, now: datetime) -> Breaks:
        for statement in statements():
            yield from (
                dict(row)
                for row in session.execute(statement, {"now": now, "a_day_ago": now - timedelta(days=1)}).mappings()
            )

    return find
