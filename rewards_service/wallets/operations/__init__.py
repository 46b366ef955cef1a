"""Writes of wallets: awards in, corrections, and value that finds its member."""

from rewards_service.wallets.operations.awarding import (
    AlreadyExpired,
    AwardConflict,
    Awarded,
    AwardTerms,
    award_value,
)
from rewards_service.wallets.operations.correcting import adjust_wallet, cancel_award, reverse_award
from rewards_service.wallets.operations.merging import merge_members
from rewards_service.wallets.operations.opening import Recipient, wallet_for, welcome_member

__all__ = [
    "AlreadyExpired",
    "AwardConflict",
    "AwardTerms",
    "Awarded",
    "Recipient",
    "adjust_wallet",
    "award_value",
    "cancel_award",
    "merge_members",
    "reverse_award",
    "wallet_for",
    "welcome_member",
]
