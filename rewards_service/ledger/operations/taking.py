"""Deciding which lots pay, over all accounts and lines of one operation."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.kit.clock import has_expired
from rewards_service.ledger.errors import InsufficientValue
from rewards_service.ledger.lots import LotRow, open_lots
from rewards_service.ledger.operations.rebasing import rebase_lots
from rewards_service.ledger.policy import Taking, is_stale, plan_taking
from rewards_service.programs.models import Program


class LotPool:
    """Lots as they were read under their accounts' locks, counted down while takings are planned."""

    def __init__(self, lots: Iterable[LotRow]) -> None:
        self._by_id = {lot.id: lot for lot in lots}

    def __getitem__(self, lot_id: int) -> LotRow:
        """Return the lot with that key."""
        return self._by_id[lot_id]

    def ended(self, lot_id: int, *, now: datetime) -> LotRow | None:
        """Return the lot with that key if it has units available whose last moment has passed."""
        lot = self._by_id.get(lot_id)
        return lot if lot is not None and has_expired(expires_at=lot.expires_at, now=now) else None

    def take(self, *, account_id: int, units: int, now: datetime, first_award_ref: str | None = None) -> list[Taking]:
        """Plan to take ``units`` from an account, soonest expiry first; lots of ``first_award_ref`` before others.

        Raises:
            InsufficientValue: its unexpired lots hold less.
        """
        lots = [lot for lot in self._by_id.values() if lot.account_id == account_id]
        preferred = [lot for lot in lots if lot.award_ref == first_award_ref]
        takings = plan_taking(preferred, units=units, now=now)
        missing = units - sum(taking.units for taking in takings)
        takings += plan_taking((lot for lot in lots if lot.award_ref != first_award_ref), units=missing, now=now)
        if sum(taking.units for taking in takings) != units:
            raise InsufficientValue(account_id=account_id)
        for taking in takings:
            self._by_id[taking.lot_id].units_available -= taking.units
        return takings


def pool_of_accounts(session: Session, *, program: Program, account_ids: Iterable[int], now: datetime) -> LotPool:
    """Return the pool of all open lots of these accounts, which are locked, at the rate in force.

    Lots that are based on an older rate are re-based first, in an entry of their own, so that no spend uses them.
    """
    ids = list(account_ids)
    lots, rate_id = open_lots(session, program_id=program.id, account_ids=ids, now=now)
    stale = [lot for lot in lots if is_stale(lot.rate_version_id, in_force_id=rate_id or 0)]
    if stale:
        rebase_lots(session, program=program, lots=stale, now=now)
        lots, _ = open_lots(session, program_id=program.id, account_ids=ids, now=now)
    return LotPool(lots)
