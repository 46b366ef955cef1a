"""Words that revisions share. They are history: what they make never changes; something else gets a new word."""

import sqlalchemy as sa

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""Internal keys and amounts of value."""

MOMENT = sa.DateTime(timezone=True)
"""A moment in UTC."""


def integer_check(column: str, *, nullable: bool = True) -> sa.CheckConstraint:
    """Return the check that keeps anything but an integer out of a value column of SQLite."""
    check = f"typeof({column}) = 'integer'"
    constraint = sa.CheckConstraint(f"{column} IS NULL OR {check}" if nullable else check, name=f"{column}_is_integer")
    return constraint.ddl_if(dialect="sqlite")
