"""All checks in the order of their numbers, and running them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from rewards_service.finance.verify import budgets, holds, lots, postings, snapshots
from rewards_service.finance.verify.check import Check

CHECKS: tuple[Check, ...] = tuple(
    sorted(
        (*postings.CHECKS, *lots.CHECKS, *holds.CHECKS, *budgets.CHECKS, *snapshots.CHECKS),
        key=lambda check: check.number,
    )
)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found: the first row that breaks its claim (none: it holds), and what else there is to say."""

    number: int
    claim: str
    broken_by: dict[str, Any] | None
    note: str

    @property
    def holds(self) -> bool:
        """Whether nothing breaks the claim."""
        return self.broken_by is None


def verify_books(session: Session, *, now: datetime) -> list[CheckResult]:
    """Run every check; ``session`` sees one consistent state, as a reading one does."""
    return [
        CheckResult(check.number, check.claim, next(check.find_breaks(session, now), None), check.note(session))
        for check in CHECKS
    ]
