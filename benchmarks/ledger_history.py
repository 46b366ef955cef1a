"""A ledger that has been kept for years: many holds on accounts that nobody uses any more."""

import psycopg
from sqlalchemy.engine import make_url

ROWS_PER_HOLD = 5
"""An entry, its posting, the hold, the lot it drew on, and that lot's movement."""

BEARERS = 20_000
"""Past holders, each with a wallet's account and a lot; the history is theirs."""

_HOLDERS = """
INSERT INTO account (organization_id, program_id, unit_id, role, book_name, balance_units)
  SELECT 1, 1, (SELECT points_unit_id FROM program WHERE id = 1), 'code', 'Liabilities:Value:Bench:Code:PAST-' || n, 0
  FROM generate_series(1, %(bearers)s) AS n;
INSERT INTO lot (account_id, unit_id, award_ref, incentive_type, earned_on, rate_version_id, units_made, minor_made,
                 base_units, base_minor, units_available, units_held, entry_id)
  SELECT id, unit_id, 'past', 'Points', now(), 1, 1000, 1000, 1000, 1000, 0, 0, 1 FROM account
  WHERE book_name LIKE 'Liabilities:Value:Bench:Code:PAST-%%';
"""
_HISTORY = """
CREATE TEMPORARY TABLE past AS
  SELECT n, nextval('entry_id_seq') AS entry_id, nextval('hold_id_seq') AS hold_id,
         %(first_lot)s + n %% %(bearers)s AS lot_id, %(first_account)s + n %% %(bearers)s AS account_id
  FROM generate_series(1, %(holds)s) AS n;
INSERT INTO entry (id, organization_id, program_id, kind, source_type, source_ref, booked_on, effective_on, recorded_at,
                   actor)
  SELECT entry_id, 1, 1, 'hold', 'order_line', 'past/' || n, current_date, current_date, now(), 'past' FROM past;
INSERT INTO posting (entry_id, debit_account_id, credit_account_id, unit_id, units)
  SELECT entry_id, account_id, %(held)s, %(unit)s, 10 FROM past;
INSERT INTO hold (id, organization_id, entry_id, account_id, unit_id, source_ref, units, state, captured_units,
                  refunded_units, resolved_entry_id)
  SELECT hold_id, 1, entry_id, account_id, %(unit)s, 'past/' || n, 10, 'voided', 0, 0, entry_id FROM past;
INSERT INTO hold_lot (hold_id, seq, lot_id, rate_version_id, units, captured, captured_minor, refunded)
  SELECT hold_id, 0, lot_id, 1, 10, 0, 0, 0 FROM past;
INSERT INTO lot_movement (entry_id, lot_id, available_delta, held_delta, carrying_delta_minor)
  SELECT entry_id, lot_id, 0, 0, 0 FROM past;
"""


def add_history(url: str, *, rows: int) -> int:
    """Add about so many rows to the ledger of the PostgreSQL database at ``url`` and return how many that were.

    The rows are well-formed for every index, but say nothing: nobody verifies the books of a benchmark.
    """
    parts = make_url(url)
    with psycopg.connect(
        f"host={parts.query['host']} user={parts.username} dbname={parts.database}", autocommit=True
    ) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in _statements(_HOLDERS):
            connection.execute(statement, {"bearers": BEARERS})
        facts = _facts(connection)
        given = {**facts, "bearers": BEARERS, "holds": rows // ROWS_PER_HOLD}
        for statement in _statements(_HISTORY):
            connection.execute(statement, given)
        connection.execute("VACUUM ANALYZE")
    return given["holds"] * ROWS_PER_HOLD


def _facts(connection: psycopg.Connection) -> dict[str, int]:
    """Return the keys that the history refers to."""
    found = connection.execute(
        "SELECT min(lot.id), min(lot.account_id), min(lot.unit_id), (SELECT min(id) FROM account WHERE role = 'held') "
        "FROM lot WHERE award_ref = 'past'"
    ).fetchone()
    assert found is not None
    return dict(zip(("first_lot", "first_account", "unit", "held"), found, strict=True))


def _statements(script: str) -> list[str]:
    """Return the statements of a script: several at once cannot take parameters."""
    return [statement for statement in script.split(";") if statement.strip()]
