"""Rows of a voucher file: each is a voucher, or is refused with its line, column and reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from catalog import FaceValueNotOffered, Item, item_cost
from rewards_service.kit.crypto import SecretText
from rewards_service.kit.tabular import Table, TableRow
from rewards_service.stock.policy import NEVER, NUMBER_LENGTH_MAX, PIN_LENGTH_MAX
from rewards_service.stock.voucher_file.cells import (
    CellRefused,
    are_rounded,
    find_date_format,
    number_key,
    read_amount,
    read_day,
    read_secret,
)
from rewards_service.stock.voucher_file.columns import Field, read_columns

SPREADSHEET = "xlsx"


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """Why a row was left out; ``found`` never shows a number or PIN."""

    line: int
    column: str
    code: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class VoucherRow:
    """One voucher of a file; amounts in smallest units of the item's currency."""

    line: int
    number: SecretText
    pin: SecretText | None
    face_value_minor: int
    cost_minor: int
    vat_minor: int
    expires_on: date


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says: usable rows and refused ones, both by line."""

    vouchers: list[VoucherRow]
    refused: list[RefusedRow]


def read_vouchers(table: Table, *, item: Item, today: date) -> Reading:
    """Return the vouchers of ``item`` in a file.

    A cost that is not in the file is the catalog's; a face value that is not in it is the item's only one. Refused are
    rows that do not fit the header, and those with an unusable number, PIN, amount or day, a face value or currency
    that the item is not offered in, a number met before in the file, or an expiry before ``today``.

    Raises:
        ColumnsMissing: no column holds the number.
    """
    reader = _RowReader(table, item=item, today=today)
    refused = [RefusedRow(p.line, "", p.code, p.found, p.expected) for p in table.problems]
    vouchers: list[VoucherRow] = []
    for row in table.rows:
        try:
            vouchers.append(reader.read(row))
        except CellRefused as refusal:
            refused.append(RefusedRow(row.line, reader.column, refusal.code, refusal.found, refusal.expected))
    return Reading(vouchers, sorted(refused, key=lambda row: row.line))


class _RowReader:
    """Reads the rows of one file; ``column`` names the one it looked at last."""

    def __init__(self, table: Table, *, item: Item, today: date) -> None:
        self.column = ""
        self._columns: Mapping[Field, int] = read_columns(table.header)
        self._header = table.header
        self._item = item
        self._today = today
        self._first_lines: dict[str, int] = {}
        self._date_format = find_date_format(self._all(table, Field.EXPIRES_ON))
        self._is_rounded = table.encoding == SPREADSHEET and are_rounded(self._all(table, Field.NUMBER))

    def read(self, row: TableRow) -> VoucherRow:
        """Return the voucher in a row.

        Raises:
            CellRefused: with ``column`` set to where.
        """
        number = self._number(row)
        pin = self._cell(row, Field.PIN)
        sealed_pin = SecretText(read_secret(pin, length_max=PIN_LENGTH_MAX, code="pin_unusable")) if pin else None
        face_value_minor = self._face_value(row)
        return VoucherRow(
            line=row.line,
            number=SecretText(number),
            pin=sealed_pin,
            face_value_minor=face_value_minor,
            cost_minor=self._cost(row, face_value_minor),
            vat_minor=self._amount(row, Field.VAT) or 0,
            expires_on=self._expiry(row),
        )

    def _number(self, row: TableRow) -> str:
        """Return the number of a row, the first time the file has it."""
        number = read_secret(self._cell(row, Field.NUMBER), length_max=NUMBER_LENGTH_MAX, code="number_unusable")
        if self._is_rounded:
            raise CellRefused("number_rounded", str(SecretText(number)), "a column of text: the last digits are lost")
        first = self._first_lines.setdefault(number_key(number), row.line)
        if first != row.line:
            raise CellRefused("duplicate_in_file", str(SecretText(number)), f"another number than in line {first}")
        return number

    def _face_value(self, row: TableRow) -> int:
        """Return the face value of a row, which is one that the item is offered in."""
        currency = self._cell(row, Field.CURRENCY).upper()
        if currency and currency != self._item.currency:
            raise CellRefused("currency_not_offered", currency[:10], self._item.currency)
        face_value_minor = self._amount(row, Field.FACE_VALUE)
        if face_value_minor is None:
            face_value_minor = self._only_face_value()
        try:
            item_cost(self._item, face_value_minor)
        except FaceValueNotOffered as error:
            raise CellRefused("face_value_not_offered", str(face_value_minor), error.offered) from error
        return face_value_minor

    def _only_face_value(self) -> int:
        """Return the one face value that the item has, for files that do not say it."""
        if len(self._item.fixed) != 1 or self._item.open is not None:
            raise CellRefused("face_value_missing", "", "a face value, because the item has several")
        return self._item.fixed[0].face_value_minor

    def _cost(self, row: TableRow, face_value_minor: int) -> int:
        """Return what a voucher was bought at, without tax."""
        told = self._amount(row, Field.COST)
        if told is not None:
            return told
        cost = item_cost(self._item, face_value_minor)
        if cost.currency != self._item.currency:
            raise CellRefused("cost_missing", "", f"what it cost in {self._item.currency}")
        return cost.minor

    def _expiry(self, row: TableRow) -> date:
        """Return the last day a voucher may be used, which is not over."""
        text = self._cell(row, Field.EXPIRES_ON)
        if not text:
            return NEVER
        day = read_day(text, date_format=self._date_format)
        if day < self._today:
            raise CellRefused("already_expired", day.isoformat(), "a day that is not over")
        return day

    def _amount(self, row: TableRow, field: Field) -> int | None:
        """Return the amount in a column, nothing where the cell is empty or the file has no such column."""
        text = self._cell(row, field)
        return read_amount(text, currency=self._item.currency, code=f"{field}_unusable") if text else None

    def _cell(self, row: TableRow, field: Field) -> str:
        """Return a cell without outer space; empty where the file has no such column."""
        index = self._columns.get(field)
        if index is None:
            return ""
        self.column = self._header[index]
        return row.cells[index].strip()

    def _all(self, table: Table, field: Field) -> list[str]:
        """Return all cells of a column."""
        index = self._columns.get(field)
        return [] if index is None else [row.cells[index].strip() for row in table.rows]
