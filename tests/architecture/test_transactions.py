"""One place commits, one place knows the databases, one place knows the time."""

import ast

from tests.support.source import Module, code_strings, dotted, modules

ENDS_A_TRANSACTION = {"commit", "rollback", "begin", "autocommit"}
MAY_END_TRANSACTIONS = (
    "rewards_service/kit/database.py",
    "rewards_service/kit/database_",
    "rewards_service/kit/schema.py",  # the one transaction in which the schema changes
)
DIALECT_NAMES = ("sqlite", "postgres", "psycopg")
MAY_NAME_DIALECTS = {
    "rewards_service/kit/": "holds the interfaces behind which the differences live",
    "catalog/search": "holds the interface of the two search indexes",
    "catalog/tables.py": "the catalog stands alone, so it declares the key type itself",
    "rewards_service/config.py": "the default database URL",
}
READS_THE_MACHINE_CLOCK = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "datetime.datetime.now",
}
ALTERS_THE_SCHEMA = {"create_all", "drop_all"}


def calls(module: Module, names: set[str]) -> list[str]:
    """Return where ``module`` calls a method with one of ``names``."""
    return [
        module.at(node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names
    ]


class TestTransactions:
    def test_nobody_commits_but_the_unit_of_work(self):
        strays = [
            c for m in modules() if not m.path.startswith(MAY_END_TRANSACTIONS) for c in calls(m, ENDS_A_TRANSACTION)
        ]
        assert strays == []

    def test_nobody_creates_tables_but_migrations(self):
        assert [call for module in modules() for call in calls(module, ALTERS_THE_SCHEMA)] == []


class TestDialects:
    def test_are_named_only_behind_their_interfaces(self):
        allowed = tuple(MAY_NAME_DIALECTS)
        strays = [
            module.at(string)
            for module in modules()
            if not module.path.startswith(allowed) and not module.path.endswith(("_sqlite.py", "_postgresql.py"))
            for string in code_strings(module)
            if any(name in string.value.lower() for name in DIALECT_NAMES)
        ]
        assert strays == []


class TestTime:
    def test_comes_in_through_the_door(self):
        strays = [
            module.at(node)
            for module in modules()
            if module.path != "rewards_service/kit/clock.py"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Attribute) and dotted(node) in READS_THE_MACHINE_CLOCK
        ]
        assert strays == []
