"""Vouchers come in from a file: sealed, without duplicates, with what they cost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import Item
from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import record_audit
from rewards_service.kit.bulk import insert_rows
from rewards_service.kit.crypto import Vault
from rewards_service.kit.ids import new_public_id
from rewards_service.kit.tabular import Table
from rewards_service.ledger.accounts import supplier_owner
from rewards_service.ledger.chart import Role
from rewards_service.ledger.operations import MoneyLine, Source, post_money
from rewards_service.programs.models import Program
from rewards_service.programs.policy import book_component, local_day
from rewards_service.stock.errors import ItemNotStockable, TooManyRows
from rewards_service.stock.models import StockImport, StockItem, Voucher
from rewards_service.stock.operations.comparing import Comparison, compare_with_stock
from rewards_service.stock.operations.thresholds import forget_low_stock
from rewards_service.stock.policy import (
    IMPORT_ROWS_MAX,
    LOW_STOCK_DEFAULT,
    SEALED_NUMBER,
    SEALED_PIN,
    STOCKED_KINDS,
    VoucherState,
)
from rewards_service.stock.queries import stock_item_of
from rewards_service.stock.voucher_file import RefusedRow, read_vouchers

IMPORT_SOURCE = "stock_import"
FILE_NAME_LENGTH_MAX = 200

_COLUMNS = (
    *("public_id", "organization_id", "item_id", "import_id", "face_value_minor", "currency", "cost_minor"),
    *("vat_minor", "sealed_number", "sealed_pin", "number_hmac", "content_hmac", "key_version", "last4"),
    *("expires_on", "barcode_type", "state", "order_line_id", "state_changed_at"),
)


@dataclass(frozen=True, slots=True)
class StockImported:
    """What an import came to: rows of the file, new vouchers, those there before, and refused rows by line.

    ``import_id`` is the public id of the import, none when nothing was new; ``cost_minor`` is what the new ones cost
    without tax, in the program's currency.
    """

    import_id: str | None
    rows: int
    new: int
    already_there: int
    refused: list[RefusedRow]
    cost_minor: int


def import_stock(
    session: Session,
    *,
    program: Program,
    item: Item,
    table: Table,
    file_name: str,
    vault: Vault,
    actor: Actor,
    now: datetime,
) -> StockImported:
    """Take the good rows of a file into the stock of the program's organization, with the entry of what they cost.

    A number that is there already with the same PIN, value and expiry is counted and left alone, so the same file
    again changes nothing; with other content it is refused.

    Raises:
        ItemNotStockable: the item's kind is not handed out from a stock, or its currency is not the program's.
        ColumnsMissing: no column holds the number.
        TooManyRows: there are more than ``IMPORT_ROWS_MAX``.
    """
    _require_stockable(item, program=program, table=table)
    reading = read_vouchers(table, item=item, today=local_day(now, program.time_zone))
    stock_item = _locked_stock_item(session, program=program, item=item)
    compared = compare_with_stock(session, stock_item=stock_item, rows=reading.vouchers, table=table, vault=vault)
    refused = sorted([*reading.refused, *compared.refused], key=lambda row: row.line)
    bought = None
    if compared.new:
        bought = _buy(session, stock_item=stock_item, compared=compared, file_name=file_name, actor=actor, now=now)
        _store(session, bought=bought, item=item, compared=compared, vault=vault, now=now)
        _post(session, program=program, item=item, stock_item=stock_item, bought=bought, actor=actor, now=now)
        face_values = [fresh.row.face_value_minor for fresh in compared.new]
        forget_low_stock(
            session, stock_item=stock_item, face_values=face_values, today=local_day(now, program.time_zone)
        )
    return StockImported(
        import_id=bought.public_id if bought else None,
        rows=len(table.rows) + len(table.problems),
        new=len(compared.new),
        already_there=compared.already_there,
        refused=refused,
        cost_minor=bought.cost_minor if bought else 0,
    )


def _require_stockable(item: Item, *, program: Program, table: Table) -> None:
    """Refuse items that no stock is kept of, and files that one transaction should not take."""
    if item.kind not in STOCKED_KINDS:
        raise ItemNotStockable("Nothing of the kind {kind} is handed out from a stock.", kind=item.kind)
    if item.currency != program.currency:
        raise ItemNotStockable(
            "The item is in {currency}; this program keeps its books in {kept}.",
            currency=item.currency,
            kept=program.currency,
        )
    if len(table.rows) > IMPORT_ROWS_MAX:
        raise TooManyRows(
            "The file has {found} rows; {limit} are taken at once.", found=len(table.rows), limit=IMPORT_ROWS_MAX
        )


def _locked_stock_item(session: Session, *, program: Program, item: Item) -> StockItem:
    """Return the item's place in the stock, locked, so that two imports of one file come one after the other."""
    organization_id = program.organization_id
    if stock_item_of(session, organization_id=organization_id, item_id=item.id) is None:
        session.add(
            StockItem(
                organization_id=organization_id,
                item_id=item.id,
                book_owner=_free_book_owner(session, organization_id=organization_id, item=item),
                low_stock_threshold=LOW_STOCK_DEFAULT,
            )
        )
        session.flush()
    return session.scalars(
        select(StockItem)
        .where(StockItem.organization_id == organization_id, StockItem.item_id == item.id)
        .with_for_update()
    ).one()


def _free_book_owner(session: Session, *, organization_id: int, item: Item) -> str:
    """Return the item's component in the books: its supplier's reference if that is free, else its public id."""
    readable = book_component(item.supplier_reference)
    taken = select(StockItem.id).where(StockItem.organization_id == organization_id, StockItem.book_owner == readable)
    if readable and session.scalar(taken) is None:
        return readable
    return book_component(item.public_id.upper())


def _buy(
    session: Session, *, stock_item: StockItem, compared: Comparison, file_name: str, actor: Actor, now: datetime
) -> StockImport:
    """Record the import of the new vouchers, who made it, and what they cost."""
    bought = StockImport(
        public_id=new_public_id("sti", now=now),
        organization_id=stock_item.organization_id,
        stock_item_id=stock_item.id,
        file_name=file_name[:FILE_NAME_LENGTH_MAX],
        vouchers=len(compared.new),
        cost_minor=sum(fresh.row.cost_minor for fresh in compared.new),
        vat_minor=sum(fresh.row.vat_minor for fresh in compared.new),
        actor=f"{actor.kind}:{actor.reference}",
        imported_at=now,
    )
    session.add(bought)
    session.flush()
    record_audit(
        session,
        organization_id=stock_item.organization_id,
        actor=actor,
        action="stock.imported",
        object_type="stock_import",
        object_id=bought.public_id,
        now=now,
        detail={"vouchers": bought.vouchers, "cost_minor": bought.cost_minor, "vat_minor": bought.vat_minor},
    )
    return bought


def _store(
    session: Session, *, bought: StockImport, item: Item, compared: Comparison, vault: Vault, now: datetime
) -> None:
    """Seal the new vouchers and add them."""
    insert_rows(
        session,
        Voucher,
        columns=_COLUMNS,
        rows=_sealed_rows(session, bought=bought, item=item, compared=compared, vault=vault, now=now),
    )


def _sealed_rows(
    session: Session, *, bought: StockImport, item: Item, compared: Comparison, vault: Vault, now: datetime
) -> Sequence[tuple[object, ...]]:
    """Return the columns of each new voucher, in the order of ``_COLUMNS``; soonest expiry first."""
    numbers = vault.sealer(session, organization_id=bought.organization_id, purpose=SEALED_NUMBER)
    pins = vault.sealer(session, organization_id=bought.organization_id, purpose=SEALED_PIN)

    def sealed() -> Iterator[tuple[object, ...]]:
        for fresh in compared.new:
            row, public_id = fresh.row, new_public_id("vch", now=now)
            yield (
                *(public_id, bought.organization_id, item.id, bought.id, row.face_value_minor, item.currency),
                *(row.cost_minor, row.vat_minor),
                numbers.seal(public_id, row.number.reveal()),
                pins.seal(public_id, row.pin.reveal()) if row.pin else None,
                *(fresh.number_hmac, fresh.content_hmac, vault.lookup_version, row.number.last4),
                *(row.expires_on, item.barcode_type, VoucherState.AVAILABLE.value, None, now),
            )

    return list(sealed())


def _post(
    session: Session,
    *,
    program: Program,
    item: Item,
    stock_item: StockItem,
    bought: StockImport,
    actor: Actor,
    now: datetime,
) -> None:
    """Post what the vouchers cost: the stock and the tax against what the supplier is owed."""
    total_minor = bought.cost_minor + bought.vat_minor
    if not total_minor:
        return
    post_money(
        session,
        program=program,
        kind="stock",
        source=Source(IMPORT_SOURCE, bought.public_id, actor),
        lines=[
            MoneyLine(Role.STOCK, bought.cost_minor, stock_item.book_owner),
            MoneyLine(Role.VAT_INPUT, bought.vat_minor),
            MoneyLine(Role.PAYABLE, -total_minor, supplier_owner(item.supplier)),
        ],
        now=now,
    )
