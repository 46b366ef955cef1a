"""Every resource of the API, in the order of its description."""

from rewards_service.api.resources import awards, ledger, members, programs, wallets
from rewards_service.api.routing import Resource

RESOURCES: tuple[Resource, ...] = (
    programs.RESOURCE,
    members.RESOURCE,
    awards.RESOURCE,
    wallets.RESOURCE,
    ledger.RESOURCE,
)
