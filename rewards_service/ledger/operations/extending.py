"""Value gets a longer life. Nothing changes hands and nothing is worth more, so there is no entry."""

from datetime import datetime

from sqlalchemy import bindparam, or_, update
from sqlalchemy.orm import Session

from rewards_service.kit.database import UtcDateTime
from rewards_service.ledger.models import Lot

_EXTEND = (
    update(Lot)
    .where(
        Lot.account_id == bindparam("of_account"),
        or_(Lot.units_available > 0, Lot.units_held > 0),
        Lot.expires_at > bindparam("now", type_=UtcDateTime),
        Lot.expires_at < bindparam("until", type_=UtcDateTime),
    )
    .values(expires_at=bindparam("until", type_=UtcDateTime))
)


def extend_lots(session: Session, *, account_id: int, expires_at: datetime, now: datetime) -> int:
    """Let the open lots of an account live until ``expires_at`` and return how many were to end before.

    Lots that have ended, that never end, or that live longer stay as they are. The caller audits it.
    """
    parameters = {"of_account": account_id, "now": now, "until": expires_at}
    return session.connection().execute(_EXTEND, parameters).rowcount
