"""Value is an integer in its smallest unit, in code and in every column."""

import ast
import re

import pytest
from sqlalchemy import BigInteger, Column, Double, Float, Integer, Numeric, Table

from rewards_service.kit.database import Base
from tests.support.schema import import_all_models
from tests.support.source import Module, modules

MONEY_WORDS = re.compile(r"(^|_)(minor|units|points|amount|price|cost|fee|balance|value|margin|rate|face)(_|$)")
VALUE_COLUMN = re.compile(r"(^|_)(minor|units)(_|$)")
INEXACT = (Float, Double, Numeric)
MEASURES_SECONDS = {
    "rewards_service/delivery/jobs.py": "how long a try took",
    "rewards_service/gateways/": "time-outs are seconds",
    "rewards_service/kit/failpoints.py": "pauses are seconds",
    "rewards_service/kit/jobs/": "leases and backoff are seconds",
    "rewards_service/kit/scrubbing.py": "logs may say any number",
    "rewards_service/kit/tabular/spreadsheet.py": "a workbook keeps every number as one; it becomes text at once",
    "rewards_service/kit/throttle": "rates of tries are seconds",
    "rewards_service/worker/": "polling waits are seconds",
}
"""Where a float may stand at all, besides constants that say SECONDS; even there never in a name of value."""

import_all_models()
TABLES = sorted(Base.metadata.tables.values(), key=lambda table: table.name)


def floats(module: Module) -> list[ast.expr]:
    """Return every float literal and every mention of ``float`` in ``module``."""
    return [
        node
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]


def names_in(node: ast.expr) -> set[str]:
    """Return the identifiers that ``node`` is made of."""
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)} | {
        child.attr for child in ast.walk(node) if isinstance(child, ast.Attribute)
    }


class TestCode:
    def test_has_no_float_but_for_seconds(self):
        allowed = tuple(MEASURES_SECONDS)
        strays = [
            module.at(node)
            for module in modules()
            if not module.path.startswith(allowed)
            for node in floats(module)
            if "_SECONDS" not in module.text.splitlines()[node.lineno - 1]
        ]
        assert strays == []

    def test_gives_no_value_a_float_even_there(self):
        strays = [
            module.at(node)
            for module in modules()
            for node in ast.walk(module.tree)
            if isinstance(node, ast.AnnAssign | ast.arg)
            and node.annotation is not None
            and "float" in names_in(node.annotation)
            and MONEY_WORDS.search(node.arg if isinstance(node, ast.arg) else ast.unparse(node.target))
        ]
        assert strays == []

    def test_divides_no_value_with_a_slash(self):
        strays = [
            module.at(node)
            for module in modules()
            for node in ast.walk(module.tree)
            if isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Div)
            and any(MONEY_WORDS.search(name) for name in names_in(node))
        ]
        assert strays == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
class TestColumns:
    def test_hold_no_inexact_number(self, table: Table):
        assert [column.name for column in table.columns if isinstance(column.type, INEXACT)] == []

    def test_of_value_are_integers_with_room(self, table: Table):
        assert [c.name for c in value_columns(table) if not isinstance(c.type, BigInteger)] == []

    def test_of_value_refuse_a_fraction_where_the_database_would_not(self, table: Table):
        checked = {str(constraint.name) for constraint in table.constraints}
        unchecked = [
            c.name for c in value_columns(table) if not any(f"{c.name}_is_integer" in name for name in checked)
        ]
        assert unchecked == []


def value_columns(table: Table) -> list[Column[int]]:
    """Return the columns of ``table`` that hold an amount of value."""
    return [column for column in table.columns if isinstance(column.type, Integer) and VALUE_COLUMN.search(column.name)]
