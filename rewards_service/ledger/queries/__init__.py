"""Reads of the books: holders, the journal, and what accounts hold at any day."""

from rewards_service.ledger.queries.holders import (
    LotStep,
    LotStory,
    StatementLine,
    StatementPart,
    explain_lot,
    holder_statement,
    lots_of,
    spendable_units,
)
from rewards_service.ledger.queries.journal import (
    JournalEntry,
    JournalRange,
    Line,
    entries_after,
    list_entries,
)
from rewards_service.ledger.queries.sums import (
    AccountBalance,
    balances_by_role,
    bearer_balance,
    house_balance,
    trial_balance,
)

__all__ = [
    "AccountBalance",
    "JournalEntry",
    "JournalRange",
    "Line",
    "LotStep",
    "LotStory",
    "StatementLine",
    "StatementPart",
    "balances_by_role",
    "bearer_balance",
    "entries_after",
    "explain_lot",
    "holder_statement",
    "house_balance",
    "list_entries",
    "lots_of",
    "spendable_units",
    "trial_balance",
]
