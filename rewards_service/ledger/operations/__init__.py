"""Writes of the books, each one entry (or one per order line) in the caller's transaction."""

from rewards_service.ledger.entries import MoneyLine, Source
from rewards_service.ledger.operations.adjusting import adjust_value
from rewards_service.ledger.operations.budgets import grant_budget, post_money
from rewards_service.ledger.operations.cancelling import cancel_value, expire_lot
from rewards_service.ledger.operations.capturing import capture_hold, void_hold
from rewards_service.ledger.operations.holding import HoldPart, LineHold, open_holds
from rewards_service.ledger.operations.issuing import IssuedValue, IssueTerms, issue_to_new_bearers, issue_value
from rewards_service.ledger.operations.mirroring import reverse_entry
from rewards_service.ledger.operations.moving import Move, move_value
from rewards_service.ledger.operations.rating import change_rate
from rewards_service.ledger.operations.rebasing import rebase_chunk
from rewards_service.ledger.operations.refunding import refund_capture

__all__ = [
    "HoldPart",
    "IssueTerms",
    "IssuedValue",
    "LineHold",
    "MoneyLine",
    "Move",
    "Source",
    "adjust_value",
    "cancel_value",
    "capture_hold",
    "change_rate",
    "expire_lot",
    "grant_budget",
    "issue_to_new_bearers",
    "issue_value",
    "move_value",
    "open_holds",
    "post_money",
    "rebase_chunk",
    "refund_capture",
    "reverse_entry",
    "void_hold",
]
