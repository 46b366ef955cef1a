"""Gift cards, handed out from the organization's own stock."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.fulfillment.strategies.protocol import Issued, LineToFulfil
from rewards_service.kit.crypto import Vault
from rewards_service.ledger.accounts import supplier_owner
from rewards_service.ledger.chart import Role
from rewards_service.ledger.operations import MoneyLine
from rewards_service.orders.models import OrderLine
from rewards_service.programs.policy import local_day
from rewards_service.stock.operations import Credentials, HandedOut, hand_out_voucher, reveal_voucher
from rewards_service.stock.queries import stock_item_of, voucher_of_line


@dataclass(frozen=True, slots=True)
class GiftCardFromStock:
    """A voucher leaves the stock at what it cost; the difference to its face value is the discount it was bought at."""

    kind: str = "gift_card"

    def issue(self, session: Session, *, wanted: LineToFulfil, now: datetime) -> Issued:
        """Hand out the voucher that ends soonest.

        Raises:
            OutOfStock: none is left.
        """
        program, line = wanted.program, wanted.line
        voucher = hand_out_voucher(
            session,
            organization_id=program.organization_id,
            item_id=line.item_id,
            face_value_minor=line.face_value_minor,
            order_line_id=line.id,
            today=local_day(now, program.time_zone),
            now=now,
        )
        stock_item = stock_item_of(session, organization_id=program.organization_id, item_id=line.item_id)
        assert stock_item is not None, "what has vouchers is in stock"
        return _issued(voucher, line=line, stock_owner=stock_item.book_owner)

    def reveal(self, session: Session, *, line: OrderLine, vault: Vault) -> Credentials:
        """Return the voucher's number and PIN.

        Raises:
            VoucherNotFound: the line was handed none.
        """
        return reveal_voucher(session, voucher=voucher_of_line(session, order_line_id=line.id), vault=vault)


def _issued(voucher: HandedOut, *, line: OrderLine, stock_owner: str) -> Issued:
    """Return the money side: cost and discount add up to the face value; tax comes and goes beside them."""
    discount_minor = line.face_value_minor - voucher.cost_minor
    supplier = supplier_owner(line.supplier)
    return Issued(
        settlement=[
            MoneyLine(Role.STOCK, -voucher.cost_minor, stock_owner),
            MoneyLine(Role.COST_DISCOUNT, -discount_minor),
            MoneyLine(Role.COST_VAT, voucher.vat_minor),
            MoneyLine(Role.VAT_OUTPUT, -voucher.vat_minor),
        ],
        recovery=[
            MoneyLine(Role.PAYABLE, voucher.cost_minor + voucher.vat_minor, supplier),
            MoneyLine(Role.VAT_INPUT, -voucher.vat_minor),
            MoneyLine(Role.COST_DISCOUNT, discount_minor),
            MoneyLine(Role.COST_VAT, -voucher.vat_minor),
            MoneyLine(Role.VAT_OUTPUT, voucher.vat_minor),
        ],
    )
