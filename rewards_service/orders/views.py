"""An order as it is shown: what was agreed, who paid what, what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rewards_service.orders.timeline import EventView


@dataclass(frozen=True, slots=True)
class PayerView:
    """A wallet or code that pays: its public id, the last four symbols of a code (empty for a wallet), its unit."""

    reference: str
    last4: str
    unit: str

    @property
    def is_code(self) -> bool:
        """Tell whether it is a code."""
        return bool(self.last4)

    @property
    def wallet_id(self) -> str | None:
        """Return the public id of a wallet; none of a code."""
        return None if self.last4 else self.reference

    @property
    def code_id(self) -> str | None:
        """Return the public id of a code; none of a wallet."""
        return self.reference if self.last4 else None

    @property
    def code_ending(self) -> str | None:
        """Return the last four symbols of a code; none of a wallet."""
        return self.last4 or None


@dataclass(frozen=True, slots=True)
class TenderView(PayerView):
    """What a wallet or code pays, of a line or in all.

    ``returned_units`` went back by a void, a partial capture, or refunds.
    """

    units: int
    returned_units: int


@dataclass(frozen=True, slots=True)
class LineView:
    """One unit of one item; ``price_units`` are of ``unit`` (``PTS``, or an ISO code for promised value)."""

    id: int
    number: int
    item_id: str
    kind: str
    title: str
    face_value_minor: int
    currency: str
    price_units: int
    unit: str
    margin_bp: int
    rate_units: int
    rate_minor: int
    details: Mapping[str, Any]
    state: str
    state_reason: str | None
    refunded_face_minor: int
    revealed_at: datetime | None
    tenders: Sequence[TenderView]


@dataclass(frozen=True, slots=True)
class OrderView:
    """A whole order; ``total_units`` are of ``unit``, the unit of all lines.

    Attributes:
        program_reference, member_reference: public ids; no member: a guest's order.
    """

    id: int
    public_id: str
    external_id: str
    program_id: int
    program_reference: str
    member_id: int | None
    member_reference: str | None
    state: str
    unit: str
    total_units: int
    recipient_name: str | None
    recipient_email: str | None
    recipient_phone: str | None
    placed_at: datetime
    lines: Sequence[LineView]
    timeline: Sequence[EventView]

    @property
    def tenders(self) -> list[TenderView]:
        """Return what each wallet and code pays in all, in the order of use."""
        totals: dict[str, TenderView] = {}
        for tender in (tender for line in self.lines for tender in line.tenders):
            sum_so_far = totals.get(tender.reference)
            totals[tender.reference] = TenderView(
                reference=tender.reference,
                last4=tender.last4,
                unit=tender.unit,
                units=tender.units + (sum_so_far.units if sum_so_far else 0),
                returned_units=tender.returned_units + (sum_so_far.returned_units if sum_so_far else 0),
            )
        return list(totals.values())
