"""The chart of accounts: one row per role, and the name that each account carries in the books.

Code posts to roles; ``accounts.account_ids`` resolves role, program and owner to rows. Names follow beancount's rule
for components. Source: accounting model, section 1.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

COMPONENT = re.compile(r"[A-Z0-9][A-Za-z0-9-]*")
"""What one component of a book name may be."""

UnitKind = Literal["value", "money"]


class Role(StrEnum):
    """What an account is for."""

    WALLET = "wallet"
    PENDING = "pending"
    CODE = "code"
    HELD = "held"
    ISSUED = "issued"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    ADJUSTED = "adjusted"
    REWARD_LIABILITY = "reward_liability"
    ACCRUED = "accrued"
    PAYABLE = "payable"
    STOCK = "stock"
    VAT_INPUT = "vat_input"
    VAT_OUTPUT = "vat_output"
    REWARD_COST = "reward_cost"
    COST_DISCOUNT = "cost_discount"
    COST_BREAKAGE = "cost_breakage"
    COST_RATE_CHANGE = "cost_rate_change"
    COST_ADJUSTMENT = "cost_adjustment"
    COST_PRICE_DIFFERENCE = "cost_price_difference"
    COST_VAT = "cost_vat"
    FEES = "fees"
    ROUNDING = "rounding"
    BUDGET_GRANTED = "budget_granted"
    BUDGET_AVAILABLE = "budget_available"
    BUDGET_USED = "budget_used"


BEARERS = frozenset({Role.WALLET, Role.PENDING, Role.CODE})
"""Accounts of holders: their value sits in lots."""

STORED = BEARERS | {Role.BUDGET_AVAILABLE}
"""Accounts with a stored balance that guards them against overspending; all others are sums."""


@dataclass(frozen=True, slots=True)
class ChartRow:
    """How accounts of a role are named, and which sort of unit they keep."""

    template: str
    keeps: UnitKind


CHART: dict[Role, ChartRow] = {
    Role.WALLET: ChartRow("Liabilities:Value:{program}:Wallet:{owner}", "value"),
    Role.PENDING: ChartRow("Liabilities:Value:{program}:Pending:{owner}", "value"),
    Role.CODE: ChartRow("Liabilities:Value:{program}:Code:{owner}", "value"),
    Role.HELD: ChartRow("Liabilities:Value:{program}:Held", "value"),
    Role.ISSUED: ChartRow("Equity:Value:{program}:Issued:{owner}", "value"),
    Role.REDEEMED: ChartRow("Equity:Value:{program}:Redeemed", "value"),
    Role.EXPIRED: ChartRow("Equity:Value:{program}:Expired", "value"),
    Role.CANCELLED: ChartRow("Equity:Value:{program}:Cancelled", "value"),
    Role.ADJUSTED: ChartRow("Equity:Value:{program}:Adjusted", "value"),
    Role.REWARD_LIABILITY: ChartRow("Liabilities:Rewards:{program}:{owner}", "money"),
    Role.ACCRUED: ChartRow("Liabilities:Accrued:{owner}", "money"),
    Role.PAYABLE: ChartRow("Liabilities:Payables:{owner}", "money"),
    Role.STOCK: ChartRow("Assets:Stock:{owner}", "money"),
    Role.VAT_INPUT: ChartRow("Assets:Vat:Input", "money"),
    Role.VAT_OUTPUT: ChartRow("Liabilities:Vat:Output", "money"),
    Role.REWARD_COST: ChartRow("Expenses:Rewards:{program}:{owner}", "money"),
    Role.COST_DISCOUNT: ChartRow("Expenses:Rewards:{program}:Discount", "money"),
    Role.COST_BREAKAGE: ChartRow("Expenses:Rewards:{program}:Breakage", "money"),
    Role.COST_RATE_CHANGE: ChartRow("Expenses:Rewards:{program}:RateChange", "money"),
    Role.COST_ADJUSTMENT: ChartRow("Expenses:Rewards:{program}:Adjustment", "money"),
    Role.COST_PRICE_DIFFERENCE: ChartRow("Expenses:Rewards:{program}:PriceDifference", "money"),
    Role.COST_VAT: ChartRow("Expenses:Rewards:{program}:Vat", "money"),
    Role.FEES: ChartRow("Expenses:Fees:{owner}", "money"),
    Role.ROUNDING: ChartRow("Expenses:Rounding", "money"),
    Role.BUDGET_GRANTED: ChartRow("Equity:Budgets:{owner}:Granted", "money"),
    Role.BUDGET_AVAILABLE: ChartRow("Equity:Budgets:{owner}:Available", "money"),
    Role.BUDGET_USED: ChartRow("Equity:Budgets:{owner}:Used", "money"),
}


@dataclass(frozen=True, slots=True)
class AccountKey:
    """What names an account within an organization: its role, its owner's component, and its unit."""

    role: Role
    unit_id: int
    owner: str = ""


def book_name(key: AccountKey, *, program: str) -> str:
    """Return the account's name in the books; ``program`` is the program's component."""
    return CHART[key.role].template.format(program=program, owner=key.owner)
