"""How PostgreSQL changes a table: in place, but nobody may wait long behind it."""

from sqlalchemy import Connection

from rewards_service.kit.triggers_postgresql import FUNCTION_NAME

ONE_AT_A_TIME = 7_239_311_062
"""The advisory lock that lets several starting processes migrate one after the other; any fixed number does."""

TIMEOUTS = {"lock_timeout": "2s", "statement_timeout": "15min"}
"""A lock not granted at once queues every reader behind it, so the migration gives up and is run again later."""


def before_begin(_: Connection) -> None:
    """Nothing: foreign keys hold during a migration."""


def after_begin(connection: Connection) -> None:
    """Wait for another migration to end, then bound every wait of this one."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
    for name, value in TIMEOUTS.items():
        connection.exec_driver_sql(f"SET LOCAL {name} = '{value}'")


def tables_with_triggers(connection: Connection) -> frozenset[str]:
    """Return the names of the tables that have any trigger of ours."""
    found = connection.exec_driver_sql("SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
    return frozenset(found.scalars())


def before_commit(connection: Connection) -> None:
    """Drop the function of the triggers with the last of them; foreign keys were checked row by row."""
    if not tables_with_triggers(connection):
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {FUNCTION_NAME}()")


def after_end(_: Connection) -> None:
    """Nothing: the time-outs ended with the transaction."""
