"""The running example of the accounting model, as far as this version goes: Helios, its members, suppliers and days.

What the product has a verb for is done with it; orders to suppliers, which it cannot place yet, go to the books
directly, as their strategies will.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import select

from rewards_service.codes.handles import NewCode
from rewards_service.codes.models import Code
from rewards_service.codes.operations import CodeTerms, claim_code, issue_code, merge_codes, reissue_code, split_code
from rewards_service.codes.operations.issuing import create_batch, issue_chunk
from rewards_service.fulfillment.operations import fulfil_line
from rewards_service.identity.operations import prove_address
from rewards_service.kit.actor import SYSTEM
from rewards_service.ledger.chart import Role
from rewards_service.ledger.models import Account, Entry
from rewards_service.ledger.operations import (
    HoldPart,
    LineHold,
    MoneyLine,
    Source,
    cancel_value,
    capture_hold,
    open_holds,
    rebase_chunk,
    refund_capture,
    void_hold,
)
from rewards_service.ledger.queries import JournalEntry, JournalRange, entries_after
from rewards_service.orders.models import Order, OrderLine
from rewards_service.orders.operations import fail_line, place_order, refund_line
from rewards_service.orders.operations.resolving import lock_order_of_line
from rewards_service.orders.requests import PayByWallet, WantedLine
from rewards_service.programs.operations import set_rate
from rewards_service.wallets.jobs import expire_chunk
from rewards_service.wallets.models import Wallet
from rewards_service.wallets.operations import AwardTerms, Recipient, adjust_wallet, award_value, welcome_member
from rewards_service.wallets.operations.opening import wallet_for
from tests.finance.helios_opened import CARDO, HeliosOpened

PHONE = "+491701234567"


@dataclass
class Helios(HeliosOpened):
    """The program at work; each method is one business fact, in the words of the example."""

    codes: dict[str, Code] = field(default_factory=dict)
    lines: dict[str, OrderLine] = field(default_factory=dict)
    holds: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def award(self, external_id: str, to: str, units: int, *, until: date | None = None) -> None:
        """Award points to a member or to an address that nobody has registered."""
        recipient = Recipient(address=to) if to.startswith("+") else Recipient(member=self.members[to])
        expires_at = datetime(until.year, until.month, until.day, tzinfo=UTC) if until else None
        terms = AwardTerms(units, self.program.points_unit, "sale", expires_at=expires_at, budget=self.budget)
        award_value(
            self.session,
            program=self.program,
            recipient=recipient,
            terms=terms,
            external_id=external_id,
            actor=SYSTEM,
            now=self.now,
        )

    def issue(self, reference: str, units: int, *, in_currency: bool = False) -> None:
        """Issue one code."""
        unit = self.program.promise_unit if in_currency else self.program.points_unit
        terms = CodeTerms(units, unit, budget=self.budget)
        new = issue_code(
            self.session,
            program=self.program,
            terms=terms,
            vault=self.vault,
            actor=SYSTEM,
            now=self.now,
            reference=reference,
        )
        self.codes[reference] = new.code

    def issue_batch(self, external_id: str, count: int, units: int) -> None:
        """Issue a batch of codes, as its job does."""
        arguments = {"actor": SYSTEM, "now": self.now}
        terms = CodeTerms(units, self.program.points_unit, budget=self.budget)
        batch = create_batch(
            self.session, program=self.program, external_id=external_id, count=count, terms=terms, **arguments
        )
        assert issue_chunk(self.session, batch=batch, chunk=1, issued=0, vault=self.vault, **arguments) == count
        codes = select(Code, Account.book_name).join(Account, Account.id == Code.account_id)
        for code, book_name in self.session.execute(codes.where(Code.batch_id == batch.id)):
            self.codes[book_name.rpartition(":")[2]] = code

    def register_by_phone(self, name: str) -> None:
        """Let the owner of the phone register, and prove that it is his."""
        member = self.register(name, phone=PHONE)
        self.members[name] = member
        prove_address(self.session, member=member, phone=True, now=self.now)
        welcome_member(self.session, program=self.program, member=member, actor=SYSTEM, now=self.now)

    def claim(self, reference: str, member: str) -> None:
        """Claim a code into a member's wallet."""
        claim_code(self.session, code=self.codes[reference], wallet=self.wallet(member), actor=SYSTEM, now=self.now)

    def split(self, reference: str, parts: dict[str, int]) -> None:
        """Split a code into others."""
        new = split_code(
            self.session, code=self.codes[reference], parts_units=list(parts.values()), **self._code_arguments()
        )
        self._remember(dict(zip(parts, new, strict=True)))

    def merge(self, references: Sequence[str], into: str) -> None:
        """Merge codes into one."""
        new = merge_codes(self.session, codes=[self.codes[name] for name in references], **self._code_arguments())
        self._remember({into: new})

    def pass_on(self, reference: str, to: str) -> None:
        """Give a code's value a new handle."""
        new = reissue_code(self.session, code=self.codes[reference], reason="passed on", **self._code_arguments())
        self._remember({to: new})

    def order(self, external_id: str, member: str, reference: str, face_minor: int) -> None:
        """Order a card from stock; its value is held."""
        place_order(
            self.session,
            program=self.program,
            external_id=external_id,
            lines=[WantedLine(self.items[reference].public_id, face_minor)],
            tenders=[PayByWallet(self.wallet(member).public_id)],
            actor=SYSTEM,
            vault=self.vault,
            now=self.now,
        )
        line = select(OrderLine).join(Order, Order.id == OrderLine.order_id)
        self.lines[external_id] = self.session.scalars(line.where(Order.external_id == external_id)).one()

    def fulfil(self, external_id: str) -> None:
        """Hand the card out."""
        line = self.lines[external_id]
        assert fulfil_line(self.session, order_line_id=line.id, actor=SYSTEM, now=self.now) == "issued"

    def fail(self, external_id: str) -> None:
        """Give the value back because the card cannot be had."""
        locked, line = lock_order_of_line(self.session, order_line_id=self.lines[external_id].id)
        arguments = {"program": self.program, "locked": locked, "line": line}
        fail_line(self.session, reason="supplier_refused", actor=SYSTEM, now=self.now, **arguments)

    def refund(self, external_id: str) -> None:
        """Give everything back because the card was void and its supplier takes it back."""
        order = self.session.get_one(Order, self.lines[external_id].order_id)
        arguments = {"program": self.program, "order": order, "number": 1}
        refund_line(self.session, reason="void card", actor=SYSTEM, now=self.now, **arguments)

    def hold(self, line_ref: str, holder: str, units: int) -> None:
        """Set value aside for a supplier's card."""
        account = self._account(holder)
        part = HoldPart(account.id, account.unit_id, units)
        ((self.holds[line_ref],),) = open_holds(
            self.session, program=self.program, lines=[LineHold(line_ref, [part])], actor=SYSTEM, now=self.now
        )

    def capture(self, line_ref: str, *, cost: int, discount: int, fee: int = 0, units: int | None = None) -> None:
        """Capture a supplier's card at what it costs, with the supplier's fee beside."""
        settlement = [
            MoneyLine(Role.ACCRUED, -cost, CARDO),
            MoneyLine(Role.COST_DISCOUNT, -discount),
            MoneyLine(Role.FEES, fee, CARDO),
            MoneyLine(Role.ACCRUED, -fee, CARDO),
        ]
        captured = None if units is None else {self.holds[line_ref]: units}
        arguments = {"program": self.program, "line_ref": line_ref, "settlement": settlement, "captured": captured}
        capture_hold(self.session, actor=SYSTEM, now=self.now, **arguments)

    def void(self, line_ref: str) -> None:
        """Give back what is held for a supplier's card."""
        void_hold(self.session, program=self.program, line_ref=line_ref, actor=SYSTEM, now=self.now)

    def give_back(self, line_ref: str, *, cost: int, discount: int) -> None:
        """Refund a supplier's card that was void."""
        refund_capture(
            self.session,
            program=self.program,
            line_ref=line_ref,
            source=Source("order_line", f"{line_ref}@0", reason="void card"),
            recovered=[MoneyLine(Role.ACCRUED, cost, CARDO), MoneyLine(Role.COST_DISCOUNT, discount)],
            now=self.now,
        )

    def goodwill(self, member: str, units: int) -> None:
        """Give a member points, with a reason."""
        adjust_wallet(
            self.session,
            program=self.program,
            wallet=self.wallet(member),
            units=units,
            reason="R-11",
            reference="R-11/1",
            expires_at=None,
            actor=SYSTEM,
            now=self.now,
        )

    def expire(self) -> None:
        """End what has reached its end."""
        expire_chunk(self.session, now=self.now)

    def change_rate(self, units: int) -> None:
        """Let so many points be worth a euro, and re-base all there is."""
        set_rate(self.session, program=self.program, rate_units=units, rate_minor=100, valid_from=self.now)
        rebase_chunk(self.session, program=self.program, after_lot_id=0, now=self.now)

    def recover(self, reference: str, units: int) -> None:
        """Take the value of an unused code back."""
        account = self._account(f"Code:{reference}")
        source = Source("code", reference, reason="unused")
        arguments = {"account_id": account.id, "unit_id": account.unit_id, "units": units}
        cancel_value(self.session, program=self.program, source=source, now=self.now, **arguments)

    def wallet(self, member: str) -> Wallet:
        """The points wallet of a member."""
        recipient = Recipient(member=self.members[member])
        unit = self.program.points_unit
        return wallet_for(self.session, program=self.program, recipient=recipient, unit=unit, now=self.now)

    def entries(self, after: int) -> list[JournalEntry]:
        """The entries that follow one, in the order in which they were made."""
        ids = self.session.scalars(select(Entry.id).where(Entry.id > after)).all()
        of = JournalRange(self.program.organization_id)
        found = [entry for entry in entries_after(self.session, of=of, after=None, limit=1000) if entry.id in ids]
        return sorted(found, key=lambda entry: entry.id)

    def _account(self, name: str) -> Account:
        """The account of a holder, such as ``Wallet:ANA``."""
        query = select(Account).where(Account.book_name == f"Liabilities:Value:Helios:{name}")
        return self.session.scalars(query).one()

    def _code_arguments(self) -> dict[str, object]:
        """What every change of codes is given."""
        return {"vault": self.vault, "actor": SYSTEM, "now": self.now}

    def _remember(self, new: dict[str, NewCode]) -> None:
        """Remember new codes by the names of the example, and what the books call them."""
        for reference, made in new.items():
            self.codes[reference] = made.code
            account = self.session.get_one(Account, made.code.account_id)
            self.names[account.book_name.rpartition(":")[2]] = reference
