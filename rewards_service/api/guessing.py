"""Wrong codes: whoever has sent too many is turned away before anything is written, and each new one is counted."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from rewards_service.api.calls import Call
from rewards_service.codes.entering import EnteredCode, check_code
from rewards_service.codes.guessing import record_guess, require_guesses_left
from rewards_service.codes.policy import STRANGER, Asker
from rewards_service.kit.errors import Refusal
from rewards_service.kit.throttle import Caller


def admit_guess(call: Call, _: Sequence[Any]) -> None:
    """Let a caller send codes. Raises ``RateLimited``."""
    require_guesses_left(call.session, caller=_guesser(call), now=call.now)


def count_guess(call: Call, session: Session, refusal: Refusal) -> None:
    """Count a code that was wrong, in the transaction that outlives the refusal."""
    record_guess(session, refusal, caller=_guesser(call), now=call.now)


def enter_code(call: Call, text: str, *, asker: Asker = STRANGER) -> EnteredCode:
    """Return the code that was sent, when the key may see it and it is usable; raises what ``check_code`` does."""
    return check_code(
        call.session,
        text=text,
        vault=call.services.vault,
        now=call.now,
        program_id=call.key.program_id,
        organization_id=call.organization_id,
        asker=asker,
    )


def _guesser(call: Call) -> Caller:
    """Return how the caller's wrong codes are counted: by key, wherever it calls from, and for its organization."""
    return Caller(key=call.key.public_id, organization_id=call.organization_id)
