"""Every resource of the API, in the order of its description."""

from rewards_service.api.resources import (
    awards,
    catalog,
    code_batches,
    codes,
    events,
    ledger,
    members,
    messages,
    orders,
    programs,
    wallets,
)
from rewards_service.api.routing import Resource

RESOURCES: tuple[Resource, ...] = (
    programs.RESOURCE,
    members.RESOURCE,
    awards.RESOURCE,
    wallets.RESOURCE,
    codes.RESOURCE,
    code_batches.RESOURCE,
    catalog.RESOURCE,
    orders.RESOURCE,
    messages.RESOURCE,
    ledger.RESOURCE,
    events.RESOURCE,
)
