"""One tenant of the matrix: everything it owns, made through the product's own operations."""

import itertools
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select

from rewards_service.codes.models import Code
from rewards_service.codes.operations import (
    CodeTerms,
    claim_token,
    create_batch,
    create_claim_link,
    deliver_code,
    issue_code,
)
from rewards_service.identity.models import Member
from rewards_service.identity.operations.logins import request_login
from rewards_service.identity.tokens import login_secrets
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.jobs.models import Job
from rewards_service.kit.services import services_of
from rewards_service.orders.models import Order
from rewards_service.orders.operations import empty_basket, put_in_basket
from rewards_service.orders.recipients import OrderRecipient
from rewards_service.orders.requests import WantedLine
from rewards_service.programs.models import Program
from rewards_service.wallets.models import Wallet
from rewards_service.wallets.operations import Awarded, AwardTerms, Recipient, award_value
from rewards_service.web.shop.basket import basket_fingerprint

if TYPE_CHECKING:
    from tests.isolation.world import World

SECRET = "canary-{name}-canary"
STOCK = 300
NONCE = "nonce-of-a-browser"


@dataclass
class Tenant:
    """What one holder has in one program; ``name`` is in every private text of it."""

    world: "World"
    name: str
    program_name: str
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def secret(self) -> str:
        """What must not be seen by others."""
        return SECRET.format(name=self.name)

    @property
    def email(self) -> str:
        """The address of its member."""
        return f"{self.secret}@example.com"

    @cached_property
    def program(self) -> Program:
        """Its program."""
        with self.world.writing() as story:
            return story.of(self.program_name).program

    @cached_property
    def member(self) -> Member:
        """A member with a private name and address."""
        with self.world.writing() as story:
            return story.of(self.program_name).member(self.secret)

    @cached_property
    def wallet(self) -> Wallet:
        """The member's wallet, with plenty in it."""
        return self.new_award().wallet

    @cached_property
    def item(self) -> str:
        """The id of an item of its program's organization, in stock."""
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            item = commerce.own_item(f"Item of {self.name}")
            commerce.stock(item, vouchers=STOCK)
            return item.public_id

    @cached_property
    def kept_code(self) -> tuple[Code, str]:
        """A code that stays as it is, and its text."""
        return self.new_code()

    @cached_property
    def batch(self) -> str:
        """The id of a batch."""
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            terms = CodeTerms(100, commerce.program.points_unit)
            batch = create_batch(
                commerce.session, program=commerce.program, external_id=self.secret, count=2, terms=terms,
                actor=SYSTEM, now=commerce.now,
            )  # fmt: skip
            return batch.public_id

    @cached_property
    def order(self) -> Order:
        """An order whose line was issued."""
        return self.new_order(fulfil=True)

    @cached_property
    def message(self) -> str:
        """The id of a message to its member."""
        code, _ = self.kept_code
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            told = deliver_code(
                commerce.session, code=commerce.session.merge(code), channel="email", to=self.email,
                vault=commerce.vault, now=commerce.now,
            )  # fmt: skip
            told.state = "sent"
            return told.public_id

    @cached_property
    def job(self) -> int:
        """The key of a job of its organization."""
        assert self.batch
        organization_id = self.program.organization_id
        with self.world.writing() as story:
            query = select(Job.id).where(Job.organization_id == organization_id).order_by(Job.id)
            return story.of(self.program_name).session.scalars(query.limit(1)).one()

    @cached_property
    def claim_token(self) -> str:
        """The token of a link to a code."""
        code, _ = self.kept_code
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            link = create_claim_link(
                commerce.session, code=commerce.session.merge(code), vault=commerce.vault, now=commerce.now
            )
            return claim_token(commerce.vault, link=link).reveal()

    @cached_property
    def login_token(self) -> str:
        """The token of a sign-in link."""
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            asked = request_login(
                commerce.session, program=commerce.program, address=self.email, browser_nonce=NONCE, locale="en",
                now=commerce.now,
            )  # fmt: skip
            return login_secrets(commerce.vault, asked.public_id).link_token

    @cached_property
    def order_token(self) -> str:
        """The token of the link that a message about the order carries."""
        return services_of(self.world.app).signer.sign("order", self.order.public_id, now=self.world.now)

    def basket_form(self) -> dict[str, str]:
        """The form of the basket of its member, in which one of its items lies."""
        holder, wanted = f"member:{self.member.public_id}", WantedLine(self.item, 2_500)
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            program, session, now = commerce.program, commerce.session, commerce.now
            empty_basket(session, program=program, holder_key=holder, now=now)
            lines = put_in_basket(session, program=program, holder_key=holder, line=wanted, now=now)
            shown = basket_fingerprint(session, program=program, lines=lines, now=now)
        return {"basket": shown, "form_key": f"form-{self.name}-{next(self.numbers)}"}

    def new_award(self) -> Awarded:
        """Another award to the member."""
        member = self.member
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            terms = AwardTerms(10_000_000, commerce.program.points_unit, self.secret)
            return award_value(
                commerce.session, program=commerce.program, recipient=Recipient(member=member), terms=terms,
                external_id=f"{self.secret}-{next(self.numbers)}", actor=SYSTEM, now=commerce.now,
            )  # fmt: skip

    def new_code(self) -> tuple[Code, str]:
        """A code that may be used up, and its text."""
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            new = issue_code(
                commerce.session, program=commerce.program, terms=CodeTerms(100, commerce.program.points_unit),
                vault=commerce.vault, actor=SYSTEM, now=commerce.now,
            )  # fmt: skip
            return new.code, new.text.reveal()

    def new_order(self, *, fulfil: bool = False) -> Order:
        """An order that the member's wallet pays for."""
        wallet, item = self.wallet, self.item
        with self.world.writing() as story:
            commerce = story.of(self.program_name)
            placed = commerce.order(
                commerce.found(item), wallet, external_id=f"{self.secret}-{next(self.numbers)}",
                recipient=OrderRecipient(name=self.secret, email=self.email),
            )  # fmt: skip
            if fulfil:
                commerce.fulfil()
            return commerce.session.get_one(Order, placed.order.id)
