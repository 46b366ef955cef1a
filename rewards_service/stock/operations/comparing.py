"""Which vouchers of a file are new to the stock, which are there, and which contradict it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from rewards_service.kit.crypto import Vault
from rewards_service.kit.tabular import Table
from rewards_service.stock.models import StockItem, Voucher
from rewards_service.stock.policy import LOOKUP_CONTENT, LOOKUP_NUMBER, content_of
from rewards_service.stock.voucher_file import Field, RefusedRow, VoucherRow, read_columns
from rewards_service.stock.voucher_file.cells import number_key

COMPARED_AT_ONCE = 500
"""Look-up values in one statement; databases limit their parameters."""

_KNOWN = select(Voucher.number_hmac, Voucher.content_hmac).where(
    Voucher.organization_id == bindparam("organization_id"),
    Voucher.item_id == bindparam("item_id"),
    Voucher.number_hmac.in_(bindparam("hmacs", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class FreshVoucher:
    """A voucher that the stock does not have, with the hashes it will be found by."""

    row: VoucherRow
    number_hmac: bytes
    content_hmac: bytes


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file held against the stock."""

    new: list[FreshVoucher]
    already_there: int
    refused: list[RefusedRow]


def compare_with_stock(
    session: Session, *, stock_item: StockItem, rows: Sequence[VoucherRow], table: Table, vault: Vault
) -> Comparison:
    """Return which rows are new; every look-up key that is kept is tried, so a rotation hides no duplicate."""
    numbers = [_digests(vault, LOOKUP_NUMBER, _key(row)) for row in rows]
    known = _known(session, stock_item=stock_item, hmacs=list(chain.from_iterable(numbers)))
    column = table.header[read_columns(table.header)[Field.NUMBER]]
    new: list[FreshVoucher] = []
    refused: list[RefusedRow] = []
    for row, digests in zip(rows, numbers, strict=True):
        contents = _digests(vault, LOOKUP_CONTENT, _content(row))
        stored = next((known[digest] for digest in digests if digest in known), None)
        if stored is None:
            new.append(FreshVoucher(row, digests[0], contents[0]))
        elif stored not in contents:
            refused.append(
                RefusedRow(row.line, column, "number_in_stock", str(row.number), "the PIN, value and expiry it has")
            )
    return Comparison(new, already_there=len(rows) - len(new) - len(refused), refused=refused)


def _digests(vault: Vault, purpose: str, text: str) -> list[bytes]:
    """Return what ``text`` is found by, under the newest look-up key and then under those before it."""
    return [digest for _, digest in vault.lookups(purpose, text)]


def _known(session: Session, *, stock_item: StockItem, hmacs: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the content hash of each number that is in the stock, by the number's hash."""
    known: dict[bytes, bytes] = {}
    for start in range(0, len(hmacs), COMPARED_AT_ONCE):
        parameters = {
            "organization_id": stock_item.organization_id,
            "item_id": stock_item.item_id,
            "hmacs": list(hmacs[start : start + COMPARED_AT_ONCE]),
        }
        known.update(session.connection().execute(_KNOWN, parameters).all())
    return known


def _key(row: VoucherRow) -> str:
    """Return what the number is found by."""
    return number_key(row.number.reveal())


def _content(row: VoucherRow) -> str:
    """Return what makes two rows the same voucher."""
    pin = row.pin.reveal() if row.pin else None
    return content_of(number=_key(row), pin=pin, face_value_minor=row.face_value_minor, expires_on=row.expires_on)
