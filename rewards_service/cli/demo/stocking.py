"""The demo's own stock: made-up numbers and PINs, imported as a supplier's file would be."""

import csv
import io
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import Item
from catalog.queries import get_items_by_id
from catalog.tables import item as item_table
from rewards_service.cli.demo import people
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.crypto import Vault
from rewards_service.kit.tabular import read_table
from rewards_service.programs.models import Program
from rewards_service.stock.operations import import_stock

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
EAN_DIGITS = 12
NUMBER_SYMBOLS = 12
PIN_DIGITS = 4
LIFE = timedelta(days=3 * 365)
HEADER = ("number", "pin", "face value", "cost", "expires on")


def stock_everything(session: Session, *, program: Program, vault: Vault, now: datetime) -> None:
    """Give every item of the demo's supplier vouchers in each of its denominations."""
    keys = session.scalars(
        select(item_table.c.id).where(item_table.c.supplier == people.SUPPLIER).order_by(item_table.c.id)
    ).all()
    for item in get_items_by_id(session.connection(), keys):
        import_stock(
            session,
            program=program,
            item=item,
            table=read_table(_voucher_file(item, now=now)),
            file_name=f"{item.supplier_reference.lower()}.csv",
            vault=vault,
            actor=SYSTEM,
            now=now,
        )


def _voucher_file(item: Item, *, now: datetime) -> bytes:
    """Return a supplier's file of new vouchers for every denomination of an item."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    expires_on = (now + LIFE).date().isoformat()
    for fixed in item.fixed:
        for _ in range(people.STOCK_PER_DENOMINATION):
            face, cost = (f"{minor // 100}.{minor % 100:02}" for minor in (fixed.face_value_minor, fixed.cost_minor))
            writer.writerow((_number(item), _digits(PIN_DIGITS), face, cost, expires_on))
    return text.getvalue().encode()


def _number(item: Item) -> str:
    """Return a number that the item's barcode can carry."""
    if item.barcode_type == "ean13":
        return _with_check_digit(_digits(EAN_DIGITS))
    letters = "".join(secrets.choice(ALPHABET) for _ in range(NUMBER_SYMBOLS))
    return "-".join(letters[start : start + 4] for start in range(0, NUMBER_SYMBOLS, 4))


def _digits(count: int) -> str:
    """Return random digits, the first of them not zero."""
    return str(secrets.randbelow(9 * 10 ** (count - 1)) + 10 ** (count - 1))


def _with_check_digit(digits: str) -> str:
    """Return twelve digits with the thirteenth of EAN-13 (GS1 General Specifications, 7.9)."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"
