"""The running example of the accounting model on its first days: Helios, its members, its budget, its stock."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import FixedDenomination, Item, ItemDraft, apply_change_set, get_item, make_change_set
from catalog.tables import item as item_table
from rewards_service.identity.models import Member
from rewards_service.identity.operations import register_member
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.crypto import Vault
from rewards_service.kit.tabular import read_table
from rewards_service.ledger.operations import Source, grant_budget
from rewards_service.programs.models import Budget, Organization, Program
from rewards_service.programs.operations import create_budget, create_organization, create_program
from rewards_service.stock.operations import import_stock

CARDO = "Cardo"


@dataclass
class HeliosOpened:
    """The program in the session of a test, and what it needs before anybody earns anything."""

    session: Session
    vault: Vault
    now: datetime = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
    program: Program = field(init=False)
    budget: Budget = field(init=False)
    members: dict[str, Member] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the program."""
        organization = create_organization(
            self.session,
            external_id="helios",
            name="Helios",
            functional_currency="EUR",
            time_zone="Europe/Berlin",
            now=self.now,
        )
        self.program = self._open_program(organization)
        for name in ("ANA", "BEN"):
            self.members[name] = self.register(name, email=f"{name.lower()}@example.com")

    def on(self, day: date) -> None:
        """Go on to a day, at nine in the morning there."""
        self.now = datetime.combine(day, time(7), tzinfo=UTC)

    def grant(self, external_id: str, amount_minor: int) -> None:
        """Grant a budget."""
        budget = create_budget(
            self.session,
            organization_id=self.program.organization_id,
            program_id=self.program.id,
            external_id=external_id,
            currency="EUR",
            now=self.now,
        )
        source = Source("budget", external_id)
        grant_budget(
            self.session, program=self.program, budget=budget, amount_minor=amount_minor, source=source, now=self.now
        )
        self.budget = budget

    def buy(self, reference: str, *, count: int, face: str, cost: str, vat: str = "0.00") -> None:
        """Buy cards for the stock from Cardo."""
        self.items[reference] = self._offer(reference, face_minor=int(face.replace(".", "")))
        rows = [f"{reference}-{number:04},{face},{cost},{vat}" for number in range(count)]
        text = "\n".join(["number,face value,cost,vat", *rows])
        import_stock(
            self.session,
            program=self.program,
            item=self.items[reference],
            table=read_table(text.encode()),
            file_name=f"{reference}.csv",
            vault=self.vault,
            actor=SYSTEM,
            now=self.now,
        )

    def _offer(self, reference: str, *, face_minor: int) -> Item:
        """Put a card of Cardo into the catalog."""
        drafts = [
            ItemDraft(name, "gift_card", name, f"{name} card", "EUR", fixed=(FixedDenomination(face, face, "EUR"),))
            for name, face in {
                **{name: item.fixed[0].face_value_minor for name, item in self.items.items()},
                reference: face_minor,
            }.items()
        ]
        connection = self.session.connection()
        apply_change_set(connection, make_change_set(connection, supplier=CARDO, drafts=drafts), now=self.now)
        found = select(item_table.c.public_id).where(item_table.c.supplier_reference == reference)
        return get_item(connection, public_id=self.session.scalars(found).one())

    def _open_program(self, organization: Organization) -> Program:
        """Create the program: 100 points to the euro."""
        return create_program(
            self.session,
            organization=organization,
            external_id="helios",
            name="Helios",
            unit="PTS",
            currency="EUR",
            time_zone="Europe/Berlin",
            locale="en",
            rate_units=100,
            rate_minor=100,
            now=self.now,
        )

    def register(self, name: str, **addresses: str) -> Member:
        """Register a member under an external id."""
        return register_member(
            self.session,
            organization_id=self.program.organization_id,
            program_id=self.program.id,
            external_id=name,
            name=name.capitalize(),
            locale="en",
            now=self.now,
            **addresses,
        )
