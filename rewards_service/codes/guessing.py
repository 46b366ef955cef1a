"""Wrong guesses: who has made too many, and counting one more.

Unknown, expired, blocked and foreign codes count alike; a slip of the pen does not count. A code is never locked. A
machine with a key speaks for many customers, who come with codes that are used up: these are no guesses of its own,
and are counted apart, by the same statements.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.codes.errors import ClaimLinkNotUsable, CodeNotUsable
from rewards_service.kit.errors import Refusal
from rewards_service.kit.throttle import Caller, SiteStanding, record_failure, require_below_limits

GUESS_PURPOSE = "code"
KNOWN_CODE_PURPOSE = "known_code"


def require_guesses_left(session: Session, *, caller: Caller, now: datetime) -> SiteStanding:
    """Let ``caller`` enter a code, before it is looked up; ``session`` need not be able to write.

    The standing says whether strangers must prove some work first.

    Raises:
        RateLimited: too many wrong codes from this session, address or key, or for this organization.
    """
    return require_below_limits(session, purpose=GUESS_PURPOSE, caller=caller, now=now)


def record_guess(session: Session, refusal: Refusal, *, caller: Caller, now: datetime) -> None:
    """Count a wrong code; for the transaction that outlives the refusal. Other refusals are no guesses."""
    if isinstance(refusal, CodeNotUsable | ClaimLinkNotUsable):
        is_known = caller.key is not None and isinstance(refusal, CodeNotUsable) and refusal.is_known
        purpose = KNOWN_CODE_PURPOSE if is_known else GUESS_PURPOSE
        record_failure(session, purpose=purpose, caller=caller, now=now)
