"""How PostgreSQL refuses a change of an append-only table; TRUNCATE as well, which fires no row trigger."""

FUNCTION_NAME = "refuse_change"
FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION_NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def statements(table: str) -> list[str]:
    """Return the statements that create the triggers of ``table`` and, where it is missing, their function."""
    rows = f"{table}_refuses_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
    whole = f"{table}_refuses_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
    return [FUNCTION, *(f"CREATE TRIGGER {when} EXECUTE FUNCTION {FUNCTION_NAME}()" for when in (rows, whole))]


def drop_statements(table: str) -> list[str]:
    """Return the statements that drop the triggers of ``table`` where they exist."""
    return [f"DROP TRIGGER IF EXISTS {table}_refuses_{what} ON {table}" for what in ("change", "truncate")]
