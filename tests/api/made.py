"""Made-up things, made by calling the API, and what only operations can make."""

import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rewards_service.kit.crypto import Vault
from rewards_service.kit.database import unit_of_work
from rewards_service.programs.models import Program
from tests.api.client import Api
from tests.support.commerce import Commerce

_NUMBERS = itertools.count(1)


@dataclass
class Shop:
    """A program with something to sell, and a caller who rewards and buys."""

    api: Api
    program: Program
    vault: Vault
    now: datetime
    path: str = "demo"

    def member(self, **given: Any) -> dict[str, Any]:
        """A member of the program."""
        return self.api.made("/members", {"program_id": self.path, "name": "Ana Soto", **given})

    def wallet(self, units: int = 10_000, **given: Any) -> str:
        """The id of the wallet of a new member, with so many points."""
        member = self.member()
        return str(self.award(units, member={"id": member["id"]}, **given)["wallet_id"])

    def award(self, units: int = 10_000, **given: Any) -> dict[str, Any]:
        """An award, to an address unless somebody is named."""
        return self.api.made("/awards", award_body(value_units=units, program_id=self.path, **given))

    def code(self, units: int = 5_000, **given: Any) -> dict[str, Any]:
        """A new code, with its text."""
        return self.api.made("/codes", {"program_id": self.path, "value_units": units, **given})

    def item(self, *, vouchers: int = 5, reference: str | None = None) -> str:
        """The id of an item with so many vouchers of 25.00."""
        with unit_of_work() as session:
            session.add(self.program)
            commerce = Commerce(session, self.program, self.vault, self.now)
            item = commerce.item(reference or f"Brand{next(_NUMBERS)}")
            if vouchers:
                commerce.stock(item, vouchers=vouchers)
        return item.public_id

    def order_body(self, *tenders: dict[str, Any], item: str | None = None, **given: Any) -> dict[str, Any]:
        """The body of an order for one card of 25.00."""
        return {
            "program_id": self.path,
            "external_id": f"O{next(_NUMBERS)}",
            "lines": [{"item_id": item or self.item(), "face_value_minor": 2_500}],
            "tenders": list(tenders),
            **given,
        }

    def order(self, *tenders: dict[str, Any], fulfil: bool = True, **given: Any) -> dict[str, Any]:
        """An order, fulfilled unless it is to wait."""
        placed = self.api.made("/orders", self.order_body(*tenders, **given))
        if fulfil:
            self.fulfil()
        return self.api.read(f"/orders/{placed['id']}")

    def fulfil(self) -> list[str]:
        """Run the jobs of all lines that wait."""
        with unit_of_work() as session:
            session.add(self.program)
            return Commerce(session, self.program, self.vault, self.now).fulfil()


def award_body(**given: Any) -> dict[str, Any]:
    """The body of an award to an address."""
    return {
        "program_id": "demo",
        "member": {"email": f"ana{next(_NUMBERS)}@example.com"},
        "value_units": 6_000,
        "reason": "Q3 sales",
        "external_id": f"A{next(_NUMBERS)}",
        **given,
    }


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return ``body`` without some of its fields."""
    return {name: value for name, value in body.items() if name not in names}
