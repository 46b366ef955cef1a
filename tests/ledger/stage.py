"""A small stage for tests of the books: holders by name, verbs in one line, and what is left afterwards."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.finance.verify import verify_books
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.jobs import JobRun
from rewards_service.ledger.accounts import open_bearer
from rewards_service.ledger.balances import stored_balances
from rewards_service.ledger.chart import Role
from rewards_service.ledger.models import Entry, Lot
from rewards_service.ledger.operations import (
    HoldPart,
    IssueTerms,
    LineHold,
    MoneyLine,
    Source,
    adjust_value,
    cancel_value,
    capture_hold,
    issue_value,
    open_holds,
    refund_capture,
    void_hold,
)
from rewards_service.ledger.policy import IncentiveType
from rewards_service.ledger.queries import JournalRange, entries_after
from rewards_service.programs.models import Budget, Program
from rewards_service.programs.operations import create_budget, set_rate

_COUNT = itertools.count(1)


@dataclass
class Stage:
    """A program in an open unit of work, and its holders by name; the moment is ``now`` until it is moved."""

    session: Session
    program: Program
    now: datetime
    accounts: dict[str, int] = field(default_factory=dict)

    def holder(self, name: str, role: Role = Role.WALLET, *, unit_id: int | None = None) -> int:
        """Return the account of a holder, opened at the first mention."""
        if name not in self.accounts:
            self.accounts[name] = open_bearer(
                self.session,
                program=self.program,
                role=role,
                owner=name,
                unit_id=unit_id or self.program.points_unit_id,
            )
        return self.accounts[name]

    def award(
        self, name: str, units: int, *, days: int | None = None, ref: str = "", budget: Budget | None = None
    ) -> int:
        """Issue points to a holder, ``days`` to live, and return the entry."""
        expires_at = None if days is None else self.now + timedelta(days=days)
        terms = IssueTerms(self.program.points_unit, IncentiveType.POINTS, expires_at, self.now, budget, "award")
        return issue_value(
            self.session,
            program=self.program,
            account_id=self.holder(name),
            units=units,
            terms=terms,
            source=self.source("award", ref),
            now=self.now,
        ).entry_id

    def promise(self, name: str, units: int) -> int:
        """Issue value promised in the currency to a holder and return the entry."""
        unit = self.program.promise_unit
        return issue_value(
            self.session,
            program=self.program,
            account_id=self.holder(name, unit_id=unit.id),
            units=units,
            terms=IssueTerms(unit, IncentiveType.POINTS, None, self.now),
            source=self.source("award"),
            now=self.now,
        ).entry_id

    def hold(self, line_ref: str, **units: int) -> list[int]:
        """Set units of holders aside for an order line and return the holds."""
        parts = [HoldPart(self.holder(name), self.program.points_unit_id, share) for name, share in units.items()]
        line = LineHold(line_ref, parts)
        return open_holds(self.session, program=self.program, lines=[line], actor=SYSTEM, now=self.now)[0]

    def capture(self, line_ref: str, face_minor: int, **arguments) -> int:
        """Capture a line whose card cost nine tenths of its face and return the entry."""
        return capture_hold(
            self.session,
            program=self.program,
            line_ref=line_ref,
            settlement=card(-face_minor),
            actor=SYSTEM,
            now=self.now,
            **arguments,
        )

    def void(self, line_ref: str, **arguments) -> int:
        """Give everything held for a line back and return the entry."""
        return void_hold(self.session, program=self.program, line_ref=line_ref, actor=SYSTEM, now=self.now, **arguments)

    def refund(self, line_ref: str, face_minor: int, **arguments) -> int:
        """Refund a line whose card is worth ``face_minor`` and return the entry."""
        return refund_capture(
            self.session,
            program=self.program,
            line_ref=line_ref,
            source=self.source("order_line", reason="void card"),
            recovered=card(face_minor),
            now=self.now,
            **arguments,
        )

    def cancel(self, name: str, units: int, *, award_ref: str | None = None) -> int:
        """Take unused points back and return the entry."""
        return cancel_value(
            self.session,
            program=self.program,
            account_id=self.holder(name),
            unit_id=self.program.points_unit_id,
            units=units,
            source=self.source("award", reason="error"),
            now=self.now,
            award_ref=award_ref,
        )

    def adjust(self, name: str, units: int) -> int:
        """Add or take away points and return the entry."""
        return adjust_value(
            self.session,
            program=self.program,
            account_id=self.holder(name),
            unit_id=self.program.points_unit_id,
            units=units,
            expires_at=None,
            source=self.source("adjustment", reason="goodwill"),
            now=self.now,
        )

    def rate(self, units: int, minor: int) -> None:
        """Let ``units`` points be worth ``minor`` cents from a minute later on."""
        self.pass_time(minutes=1)
        set_rate(self.session, program=self.program, rate_units=units, rate_minor=minor, valid_from=self.now)

    def budget(self, external_id: str) -> Budget:
        """Create an empty budget of the program."""
        return create_budget(
            self.session,
            organization_id=self.program.organization_id,
            program_id=self.program.id,
            external_id=external_id,
            currency="EUR",
            now=self.now,
        )

    def source(self, kind: str, ref: str = "", *, reason: str | None = None) -> Source:
        """Return a source that no other entry has, unless ``ref`` names one."""
        return Source(kind, ref or f"S{next(_COUNT)}", reason=reason)

    def pass_time(self, **delta: int) -> None:
        """Move the moment on."""
        self.now += timedelta(**delta)

    def balance(self, name: str) -> int:
        """Return a holder's stored balance."""
        account_id = self.holder(name)
        return stored_balances(self.session, account_ids=[account_id])[account_id]

    def lots(self, name: str) -> list[tuple[int, int]]:
        """Return (available, held) of a holder's lots that have any, oldest first."""
        rows = self.session.execute(
            select(Lot.units_available, Lot.units_held).where(Lot.account_id == self.holder(name)).order_by(Lot.id)
        )
        return [tuple(row) for row in rows if any(row)]

    def lines(self, entry_id: int) -> dict[str, int]:
        """Return what an entry posts, without the program's prefix: account → signed amount."""
        of = JournalRange(self.program.organization_id)
        entry = next(e for e in entries_after(self.session, of=of, after=None, limit=10_000) if e.id == entry_id)
        amounts: dict[str, int] = {}
        for line in entry.lines:
            name = line.book_name.replace(f":{self.program.book_name}", "")
            amounts[name] = amounts.get(name, 0) + line.amount_units
        return amounts

    def kinds(self) -> list[str]:
        """Return the kinds of all entries in order."""
        return list(self.session.scalars(select(Entry.kind).order_by(Entry.id)))

    def broken(self) -> list[int]:
        """Return the numbers of the claims about the books that do not hold."""
        self.session.flush()
        return [result.number for result in verify_books(self.session, now=self.now) if not result.holds]


def card(face_minor: int) -> list[MoneyLine]:
    """Return the money side of a card from stock: nine tenths cost, one tenth discount; negative when handed out."""
    cost = face_minor * 9 // 10
    return [MoneyLine(Role.STOCK, cost, "Books"), MoneyLine(Role.COST_DISCOUNT, face_minor - cost)]


def run_of_job(kind: str, *, payload: dict[str, object] | None = None, cursor: object = None, done: int = 0) -> JobRun:
    """Return a job in the hands of a worker."""
    return JobRun(
        id=1,
        kind=kind,
        organization_id=None,
        payload=payload or {},
        attempt=1,
        is_last_attempt=False,
        is_lookup=False,
        cursor=cursor,
        done=done,
        total=None,
        lease_token="",
        claimed_at=datetime(2026, 11, 21, tzinfo=UTC),
        gateways=None,
    )
