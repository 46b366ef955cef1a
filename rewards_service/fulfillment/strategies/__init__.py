"""How each kind of item is fulfilled. Another kind is another file here, listed in ``STRATEGIES``."""

from rewards_service.fulfillment.strategies.gift_card import GiftCardFromStock
from rewards_service.fulfillment.strategies.protocol import Issued, LineToFulfil, Strategy

__all__ = ["STRATEGIES", "Issued", "LineToFulfil", "Strategy", "strategy_of"]

STRATEGIES: dict[str, Strategy] = {strategy.kind: strategy for strategy in (GiftCardFromStock(),)}
"""Every strategy by the name of its kind in ``catalog.KINDS``; a test holds the two against each other."""


def strategy_of(kind: str) -> Strategy:
    """Return the strategy of a kind of item; a line has a kind that was known when it was ordered."""
    return STRATEGIES[kind]
