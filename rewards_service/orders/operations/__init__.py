"""Writes of orders, each in the caller's transaction."""

from rewards_service.orders.operations.baskets import (
    empty_basket,
    lock_basket,
    move_basket,
    put_in_basket,
    set_basket_quantity,
)
from rewards_service.orders.operations.cancelling import cancel_order
from rewards_service.orders.operations.merging import merge_members_with_baskets
from rewards_service.orders.operations.placing import PlacedOrder, place_order
from rewards_service.orders.operations.refunding import Refunded, refund_line
from rewards_service.orders.operations.resolving import (
    LockedOrder,
    fail_line,
    issue_line,
    lock_order_of_line,
    mark_revealed,
)

__all__ = [
    "LockedOrder",
    "PlacedOrder",
    "Refunded",
    "cancel_order",
    "empty_basket",
    "fail_line",
    "issue_line",
    "lock_basket",
    "lock_order_of_line",
    "mark_revealed",
    "merge_members_with_baskets",
    "move_basket",
    "place_order",
    "put_in_basket",
    "refund_line",
    "set_basket_quantity",
]
