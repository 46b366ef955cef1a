"""The floor of a redemption: the same effects, written straight into the database by a client that does nothing else.

pgbench gathers them into seven round trips; ``sqlite3`` runs them one after the other. What the product looks up and
checks, they look up and check: the item, its price, its stock, the wallet, and that it has enough.
"""

import re
import secrets
import sqlite3
import subprocess
import time
from itertools import count
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.support.postgresql import PostgresqlServer

_LOOK = """
SELECT wallet.account_id AS account_id, wallet.unit_id AS unit_id, item.id AS item_id, rate_version.id AS rate_id
  FROM item LEFT JOIN offer ON offer.item_id = item.id AND offer.program_id = 1
  LEFT JOIN open_denomination ON open_denomination.item_id = item.id AND 2500 BETWEEN min_minor AND max_minor
  JOIN fixed_denomination ON fixed_denomination.item_id = item.id AND fixed_denomination.face_value_minor = 2500
  JOIN wallet ON wallet.id = {wallet} AND wallet.program_id = 1
  JOIN rate_version ON rate_version.program_id = 1 AND rate_version.valid_from <= {now}
 WHERE item.id = 1 AND item.state = 'available'
   AND (SELECT count(*) FROM (SELECT id FROM voucher WHERE item_id = item.id AND organization_id = 1
        AND face_value_minor = 2500 AND state = 'available' AND expires_on >= '2026-01-01' LIMIT 100) AS found) > 0
 ORDER BY rate_version.valid_from DESC LIMIT 1
"""
_PGBENCH = r"""
\set wallet {wallet}
BEGIN;
INSERT INTO stored_answer (organization_id, key_digest, fingerprint, created_at)
  VALUES (1, sha256(gen_random_uuid()::text::bytea), sha256('content'), now())
  ON CONFLICT (key_digest) DO NOTHING RETURNING id AS answer_id, 'ord_' || gen_random_uuid() AS order_ref \gset
{look} \gset
UPDATE account SET balance_units = balance_units - 2500 WHERE id = :account_id AND balance_units >= 2500;
WITH picked AS (SELECT id FROM lot WHERE account_id = :account_id AND is_open
    ORDER BY expires_at, earned_on, id LIMIT 1)
UPDATE lot SET units_available = units_available - 2500, units_held = units_held + 2500 FROM picked
  WHERE lot.id = picked.id AND units_available >= 2500 RETURNING lot.id AS lot_id, base_units, base_minor \gset
WITH the_order AS (INSERT INTO customer_order (public_id, organization_id, program_id, external_id, content_hmac,
    locale, state, awaits_approval, actor, placed_at)
    VALUES (:order_ref, 1, 1, :order_ref, sha256('content'), 'en', 'processing', false, 'api_key', now())
    ON CONFLICT (program_id, external_id) DO NOTHING RETURNING id),
  the_entry AS (INSERT INTO entry (organization_id, program_id, kind, source_type, source_ref, booked_on,
    effective_on, recorded_at, actor) VALUES (1, 1, 'hold', 'order_line', :order_ref, current_date,
    current_date, now(), 'api_key') RETURNING id),
  the_posting AS (INSERT INTO posting (entry_id, debit_account_id, credit_account_id, unit_id, units)
    SELECT id, :account_id, {held}, :unit_id, 2500 FROM the_entry),
  the_hold AS (INSERT INTO hold (organization_id, entry_id, account_id, unit_id, source_ref, units, state,
    captured_units, refunded_units) SELECT 1, id, :account_id, :unit_id, :order_ref, 2500, 'pending', 0, 0
    FROM the_entry RETURNING id),
  the_hold_lot AS (INSERT INTO hold_lot (hold_id, seq, lot_id, rate_version_id, units, captured, captured_minor,
    refunded) SELECT id, 0, :lot_id, :rate_id, 2500, 0, 0, 0 FROM the_hold),
  the_movement AS (INSERT INTO lot_movement (entry_id, lot_id, available_delta, held_delta, carrying_delta_minor)
    SELECT id, :lot_id, -2500, 2500, 0 FROM the_entry),
  the_line AS (INSERT INTO order_line (order_id, number, item_id, item_public_id, kind, supplier, title,
    face_value_minor, currency, margin_bp, rate_version_id, rate_units, rate_minor, price_units, unit_id, details,
    state, state_changed_at, refunded_face_minor) SELECT id, 1, :item_id, 'itm_00000000000000000000000000',
    'gift_card', 'cardo', 'Bookworld card', 2500, 'EUR', 0, :rate_id, 100, 100, 2500, :unit_id, '{{}}', 'held', now(), 0
    FROM the_order RETURNING id),
  the_tender AS (INSERT INTO order_tender (order_line_id, seq, wallet_id, account_id, unit_id, units, hold_id)
    SELECT the_line.id, 0, :wallet, :account_id, :unit_id, 2500, the_hold.id FROM the_line, the_hold),
  the_event AS (INSERT INTO order_event (order_id, at, actor, event, detail)
    SELECT id, now(), 'api_key', 'placed', json_build_object('lines', 1) FROM the_order),
  the_job AS (INSERT INTO job (organization_id, kind, queue, state, priority, run_at, payload, done, attempts,
    attempts_base, is_unresolved, created_at) SELECT 1, 'fulfillment.fulfil_line', 'money', 'pending', 50, now(),
    json_build_object('order_line_id', id), 0, 0, 0, false, now() FROM the_line)
UPDATE stored_answer SET status = 201, headers = '[["Content-Type", "application/json"]]',
  body = convert_to(repeat('x', 1100), 'UTF8') WHERE id = :answer_id;
COMMIT;
"""
_PER_SECOND = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)

MOMENT = "2026-11-21 09:00:00.000000"
_SQLITE = {
    "answer": "INSERT INTO stored_answer (organization_id, key_digest, fingerprint, created_at) VALUES (1, ?, ?, ?) "
    "ON CONFLICT (key_digest) DO NOTHING RETURNING id",
    "order": "INSERT INTO customer_order (public_id, organization_id, program_id, external_id, content_hmac, locale, "
    "state, awaits_approval, actor, placed_at) VALUES (?, 1, 1, ?, ?, 'en', 'processing', false, 'api_key', ?) "
    "ON CONFLICT (program_id, external_id) DO NOTHING RETURNING id",
    "look": _LOOK.format(wallet="?", now="'9999-01-01'"),
    "account": "UPDATE account SET balance_units = balance_units - 2500 WHERE id = ? AND balance_units >= 2500",
    "lots": "SELECT id, base_units, base_minor, units_available, units_held, expires_at, earned_on FROM lot "
    "WHERE account_id = ? AND is_open ORDER BY id",
    "lot": "UPDATE lot SET units_available = units_available - 2500, units_held = units_held + 2500 "
    "WHERE id = ? AND units_available >= 2500 RETURNING base_units, base_minor",
    "entry": "INSERT INTO entry (organization_id, program_id, kind, source_type, source_ref, booked_on, effective_on, "
    "recorded_at, actor) VALUES (1, 1, 'hold', 'order_line', ?, '2026-11-21', '2026-11-21', ?, 'api_key') RETURNING id",
    "posting": "INSERT INTO posting (entry_id, debit_account_id, credit_account_id, unit_id, units) "
    "VALUES (?, ?, ?, ?, 2500)",
    "hold": "INSERT INTO hold (organization_id, entry_id, account_id, unit_id, source_ref, units, state, "
    "captured_units, refunded_units) VALUES (1, ?, ?, ?, ?, 2500, 'pending', 0, 0) RETURNING id",
    "hold_lot": "INSERT INTO hold_lot (hold_id, seq, lot_id, rate_version_id, units, captured, captured_minor, "
    "refunded) VALUES (?, 0, ?, ?, 2500, 0, 0, 0)",
    "movement": "INSERT INTO lot_movement (entry_id, lot_id, available_delta, held_delta, carrying_delta_minor) "
    "VALUES (?, ?, -2500, 2500, 0)",
    "line": "INSERT INTO order_line (order_id, number, item_id, item_public_id, kind, supplier, title, "
    "face_value_minor, currency, margin_bp, rate_version_id, rate_units, rate_minor, price_units, unit_id, details, "
    "state, state_changed_at, refunded_face_minor) VALUES (?, 1, ?, 'itm_00000000000000000000000000', 'gift_card', "
    "'cardo', 'Bookworld card', 2500, 'EUR', 0, ?, 100, 100, 2500, ?, '{}', 'held', ?, 0) RETURNING id",
    "tender": "INSERT INTO order_tender (order_line_id, seq, wallet_id, account_id, unit_id, units, hold_id) "
    "VALUES (?, 0, ?, ?, ?, 2500, ?)",
    "event": "INSERT INTO order_event (order_id, at, actor, event, detail) VALUES (?, ?, 'api_key', 'placed', '{}')",
    "job": "INSERT INTO job (organization_id, kind, queue, state, priority, run_at, payload, done, attempts, "
    "attempts_base, is_unresolved, created_at) VALUES (1, 'fulfillment.fulfil_line', 'money', 'pending', 50, ?, ?, 0, "
    "0, 0, false, ?)",
    "answered": "UPDATE stored_answer SET status = 201, headers = '[]', body = ? WHERE id = ?",
}


def pgbench(server: PostgresqlServer, url: str, *, wallets: int, clients: int, seconds: float, held: int) -> float:
    """Return how many redemptions per second pgbench writes; with one wallet it is a hot one.

    ``held`` is the key of the account that keeps what is held.
    """
    wallet = "1" if wallets == 1 else f"random(1, {wallets})"
    look = " ".join(_LOOK.format(wallet=":wallet", now="now()").split())
    script = server.directory / "redeem.sql"
    script.write_text(_PGBENCH.format(wallet=wallet, look=look, held=held).lstrip(), encoding="ascii")
    done = subprocess.run(
        [
            *(str(server.binaries / "pgbench"), "-n", "-M", "prepared", "-f", str(script)),
            *("-c", str(clients), "-j", "2", "-T", str(max(1, round(seconds)))),
            *("-h", str(server.directory), "-U", "rewards", str(make_url(url).database)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    found = _PER_SECOND.search(done.stdout)
    assert found, f"pgbench came to nothing: {done.stderr[-2000:]}"
    return float(found.group(1))


def raw_sqlite(path: Path, *, wallets: int, seconds: float, held: int) -> float:
    """Return how many redemptions per second one connection writes, each in a transaction of its own, fully synced."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")
    begun = time.perf_counter()
    for number in count(1):
        _redeem(connection, wallet=number % wallets + 1, held=held)
        elapsed = time.perf_counter() - begun
        if elapsed >= seconds:
            break
    connection.close()
    return number / elapsed


def _redeem(connection: sqlite3.Connection, *, wallet: int, held: int) -> None:
    """Write one redemption."""
    run = connection.execute
    reference, digest = f"ord_{secrets.token_hex(13)}", secrets.token_bytes(32)
    run("BEGIN IMMEDIATE")
    ((answer_id,),) = run(_SQLITE["answer"], (digest, digest, MOMENT)).fetchall()
    ((order_id,),) = run(_SQLITE["order"], (reference, reference, digest, MOMENT)).fetchall()
    ((account_id, unit_id, item_id, rate_id),) = run(_SQLITE["look"], (wallet,)).fetchall()
    assert run(_SQLITE["account"], (account_id,)).rowcount == 1
    lot_id = min(run(_SQLITE["lots"], (account_id,)).fetchall(), key=lambda lot: (lot[5], lot[6], lot[0]))[0]
    run(_SQLITE["lot"], (lot_id,)).fetchall()
    ((entry_id,),) = run(_SQLITE["entry"], (reference, MOMENT)).fetchall()
    run(_SQLITE["posting"], (entry_id, account_id, held, unit_id))
    ((hold_id,),) = run(_SQLITE["hold"], (entry_id, account_id, unit_id, reference)).fetchall()
    run(_SQLITE["hold_lot"], (hold_id, lot_id, rate_id))
    run(_SQLITE["movement"], (entry_id, lot_id))
    ((line_id,),) = run(_SQLITE["line"], (order_id, item_id, rate_id, unit_id, MOMENT)).fetchall()
    run(_SQLITE["tender"], (line_id, wallet, account_id, unit_id, hold_id))
    run(_SQLITE["event"], (order_id, MOMENT))
    run(_SQLITE["job"], (MOMENT, f'{{"order_line_id": {line_id}}}', MOMENT))
    run(_SQLITE["answered"], (b"x" * 1100, answer_id))
    run("COMMIT")
