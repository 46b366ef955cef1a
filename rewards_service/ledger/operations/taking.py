"""Deciding which lots pay, over all accounts and lines of one operation."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.ledger.errors import InsufficientValue
from rewards_service.ledger.lots import LotRow, NewLot, lots_by_id, open_lots
from rewards_service.ledger.policy import Taking, plan_taking


class LotPool:
    """Lots as they were read under their accounts' locks, counted down while takings are planned."""

    def __init__(self, lots: Iterable[LotRow]) -> None:
        self._by_id = {lot.id: lot for lot in lots}

    @classmethod
    def of_accounts(cls, session: Session, *, account_ids: Iterable[int]) -> "LotPool":
        """Return the pool of all open lots of these accounts."""
        return cls(open_lots(session, account_ids=account_ids))

    @classmethod
    def of_lots(cls, session: Session, *, lot_ids: Iterable[int]) -> "LotPool":
        """Return the pool of these lots."""
        return cls(lots_by_id(session, lot_ids=lot_ids).values())

    def __getitem__(self, lot_id: int) -> LotRow:
        """Return the lot with that key."""
        return self._by_id[lot_id]

    def origin_of(self, child: NewLot) -> LotRow:
        """Return the lot that a child comes from."""
        assert child.parent_lot_id is not None, "a child has a parent"
        return self._by_id[child.parent_lot_id]

    def take(self, *, account_id: int, units: int, now: datetime, first_award_ref: str | None = None) -> list[Taking]:
        """Plan to take ``units`` from an account, soonest expiry first; lots of ``first_award_ref`` before others.

        Raises:
            InsufficientValue: its unexpired lots hold less.
        """
        lots = [lot for lot in self._by_id.values() if lot.account_id == account_id]
        preferred = [lot for lot in lots if lot.award_ref == first_award_ref]
        takings = plan_taking(preferred, units=units, now=now)
        missing = units - sum(taking.units for taking in takings)
        others = [lot for lot in lots if lot.award_ref != first_award_ref]
        takings += plan_taking(others, units=missing, now=now)
        if sum(taking.units for taking in takings) != units:
            raise InsufficientValue(account_id=account_id)
        for taking in takings:
            self._by_id[taking.lot_id].units_available -= taking.units
        return takings

    def child_of(
        self, lot_id: int, *, account_id: int, units: int, base_minor: int, expires_at: datetime | None = None
    ) -> NewLot:
        """Return a new lot of the same origin; ``expires_at`` only where it outlives its parent."""
        parent = self._by_id[lot_id]
        return NewLot(
            account_id=account_id,
            unit_id=parent.unit_id,
            units=units,
            base_minor=base_minor,
            award_ref=parent.award_ref,
            incentive_type=parent.incentive_type,
            earned_on=parent.earned_on,
            expires_at=expires_at or parent.expires_at,
            rate_version_id=parent.rate_version_id,
            budget_id=parent.budget_id,
            parent_lot_id=parent.id,
        )
