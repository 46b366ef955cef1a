"""How SQLite refuses a change of an append-only table."""

CHANGES = ("update", "delete")


def statements(table: str) -> list[str]:
    """Return the CREATE TRIGGER statements of ``table``."""
    return [
        f"CREATE TRIGGER {table}_refuses_{change} BEFORE {change.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for change in CHANGES
    ]


def drop_statements(table: str) -> list[str]:
    """Return the statements that drop the triggers of ``table`` where they exist."""
    return [f"DROP TRIGGER IF EXISTS {table}_refuses_{change}" for change in CHANGES]
