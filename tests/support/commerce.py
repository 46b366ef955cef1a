"""Made-up things to order and ways to pay for them: items, vouchers, wallets, codes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import FixedDenomination, Item, ItemDraft, OpenDenomination, apply_change_set, get_item, make_change_set
from catalog.tables import item as item_table
from rewards_service.codes.operations import CodeTerms, issue_code
from rewards_service.fulfillment.jobs import settle_line
from rewards_service.identity.models import Member
from rewards_service.identity.operations import register_member
from rewards_service.kit.actor import SYSTEM, Actor
from rewards_service.kit.crypto import Vault
from rewards_service.kit.jobs import JobRun
from rewards_service.kit.jobs.models import Job
from rewards_service.kit.tabular import read_table
from rewards_service.ledger.models import Lot
from rewards_service.orders.operations import PlacedOrder, place_order
from rewards_service.orders.operations.setting_aside import FULFIL_LINE
from rewards_service.orders.requests import PayByCode, PayByWallet, Tender, WantedLine
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.operations import set_rate
from rewards_service.stock.operations import StockImported, import_stock
from rewards_service.wallets.models import Wallet
from rewards_service.wallets.operations import AwardTerms, Recipient, award_value

SUPPLIER = "cardo"
FACES = (1000, 2500, 5000)
COST_SHARE = 92
"""Of a face value in percent, what a card of the demo costs."""

GUEST = Actor("guest", "tests")
JOB = Actor("job", FULFIL_LINE)


@dataclass
class Commerce:
    """A program with something to sell; each method is one step of a story, in the session of the test."""

    session: Session
    program: Program
    vault: Vault
    now: datetime
    numbers: Any = field(default_factory=lambda: count(1))

    def item(self, reference: str = "Bookworld", **changes: Any) -> Item:
        """An item of the catalog with fixed denominations, unless ``changes`` say otherwise."""
        given = {"fixed": fixed_denominations(), **changes}
        supplier = given.pop("supplier", f"{SUPPLIER}-{reference}".lower())
        draft = ItemDraft(
            reference, "gift_card", "Bookworld", f"{reference} card", given.pop("currency", "EUR"), **given
        )
        connection = self.session.connection()
        changes_made = make_change_set(connection, supplier=supplier, drafts=[draft])
        apply_change_set(connection, changes_made, now=self.now)
        public_id = self.session.scalars(select(item_table.c.public_id).where(item_table.c.supplier == supplier)).one()
        return get_item(connection, public_id=public_id)

    def stock(self, item: Item, *, vouchers: int = 5, face_value_minor: int = 2500, **columns: str) -> StockImported:
        """So many vouchers of an item; ``columns`` adds cells, the same in each row."""
        header = ["number", "pin", "face value", *columns]
        rows = [
            [
                f"6035-{next(self.numbers):08}",
                "4711",
                f"{face_value_minor // 100}.{face_value_minor % 100:02}",
                *columns.values(),
            ]
            for _ in range(vouchers)
        ]
        return self.import_rows(item, [header, *rows])

    def import_rows(self, item: Item, rows: Iterable[Sequence[str]], *, separator: str = ";") -> StockImported:
        """Import a file of these rows, the header first."""
        content = "\n".join(separator.join(cells) for cells in rows) + "\n"
        return self.import_bytes(item, content.encode())

    def import_bytes(self, item: Item, content: bytes, *, program: Program | None = None) -> StockImported:
        """Import a file of that content."""
        return import_stock(
            self.session,
            program=program or self.program,
            item=item,
            table=read_table(content),
            file_name="vouchers.csv",
            vault=self.vault,
            actor=SYSTEM,
            now=self.now,
        )

    def rate(self, units: int, minor: int) -> None:
        """Let an hour pass, after which so many points are worth so many cents."""
        self.now += timedelta(hours=1)
        set_rate(self.session, program=self.program, rate_units=units, rate_minor=minor, valid_from=self.now)

    def member(self, name: str = "ana", **given: Any) -> Member:
        """A member with an email address."""
        return register_member(
            self.session,
            organization_id=self.program.organization_id,
            program_id=self.program.id,
            name=name.capitalize(),
            locale="en",
            now=self.now,
            **{"email": f"{name}@example.com", **given},
        )

    def wallet(self, *lots: tuple[int, int], member: Member | None = None, unit: Unit | None = None) -> Wallet:
        """A member's wallet whose lots have these (units, days to live)."""
        owner = member or self.member(f"member{next(self.numbers)}")
        wallets = [
            award_value(
                self.session,
                program=self.program,
                recipient=Recipient(member=owner),
                terms=AwardTerms(
                    units, unit or self.program.points_unit, "sale", expires_at=self.now + timedelta(days=days)
                ),
                external_id=f"A{next(self.numbers)}",
                actor=SYSTEM,
                now=self.now,
            ).wallet
            for units, days in lots
        ]
        return wallets[-1]

    def code(self, units: int, *, days: int = 365, unit: Unit | None = None) -> str:
        """The text of a new code worth ``units``."""
        terms = CodeTerms(units, unit or self.program.points_unit, expires_at=self.now + timedelta(days=days))
        new = issue_code(self.session, program=self.program, terms=terms, vault=self.vault, actor=SYSTEM, now=self.now)
        return new.text.reveal()

    def order(
        self,
        item: Item,
        *tenders: Tender | Wallet | str,
        face_value_minor: int = 2500,
        quantity: int = 1,
        external_id: str | None = None,
        **given: Any,
    ) -> PlacedOrder:
        """Place an order for one item, paid from wallets, codes (their text) or tenders as they are."""
        wanted = given.pop("lines", [WantedLine(item.public_id, face_value_minor, quantity)])
        return place_order(
            self.session,
            program=self.program,
            external_id=external_id or f"O{next(self.numbers)}",
            lines=wanted,
            tenders=[as_tender(tender) for tender in tenders],
            actor=GUEST,
            vault=self.vault,
            **{"now": self.now, **given},
        )

    def fulfil(self, *, now: datetime | None = None) -> list[str]:
        """Run the jobs of all lines that wait, in order, and return what was noted with each."""
        waiting = self.session.scalars(
            select(Job).where(Job.kind == FULFIL_LINE, Job.state == "pending").order_by(Job.id)
        ).all()
        return [settle_line(self.session, as_run(job), None, now or self.now).note for job in waiting]

    def lots(self, account_id: int) -> list[tuple[int, int]]:
        """Units available and held of each lot of an account, oldest first."""
        query = select(Lot.units_available, Lot.units_held).where(Lot.account_id == account_id).order_by(Lot.id)
        return [tuple(row) for row in self.session.execute(query)]


def fixed_denominations(*faces: int) -> tuple[FixedDenomination, ...]:
    """Denominations of these face values at the usual cost."""
    return tuple(FixedDenomination(face, face * COST_SHARE // 100, "EUR") for face in faces or FACES)


def open_denomination(lowest: int = 500, highest: int = 50_000) -> OpenDenomination:
    """Any face value between two, at the usual cost."""
    return OpenDenomination(lowest, highest, COST_SHARE * 100)


def as_tender(tender: Tender | Wallet | str) -> Tender:
    """A wallet, or the text of a code, as a tender."""
    if isinstance(tender, Wallet):
        return PayByWallet(tender.public_id)
    return PayByCode(tender) if isinstance(tender, str) else tender


def as_run(job: Job) -> JobRun:
    """A job in the hands of a worker."""
    return JobRun(
        id=job.id,
        kind=job.kind,
        organization_id=job.organization_id,
        payload=job.payload,
        attempt=1,
        is_last_attempt=False,
        is_lookup=False,
        cursor=None,
        done=0,
        total=None,
        lease_token="",
        claimed_at=job.created_at,
        gateways=None,
    )
