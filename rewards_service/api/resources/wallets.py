"""Wallets over HTTP."""

from typing import Any

from rewards_service.api.calls import Call
from rewards_service.api.presenting import entry_reference
from rewards_service.api.routing import Resource, Route
from rewards_service.api.schemas.base import PageQuery
from rewards_service.api.schemas.wallets import WalletEntryList, WalletOut
from rewards_service.kit.access import TenantScope
from rewards_service.ledger.queries import holder_statement
from rewards_service.wallets.models import Wallet
from rewards_service.wallets.queries import wallet_by_public_id, wallet_view
from rewards_service.wallets.statements import wallet_surroundings


def read_wallet(call: Call, wallet_id: str) -> dict[str, Any]:
    """Read a wallet.

    What can be spent, what is set aside, and the lots behind it, soonest expiry first.
    """
    wallet = _wallet(call, wallet_id)
    surroundings = wallet_surroundings(call.session, wallet=wallet)
    return {"wallet": wallet, "view": wallet_view(call.session, wallet=wallet, now=call.now), **surroundings}


def list_wallet_entries(call: Call, query: dict[str, Any], wallet_id: str) -> dict[str, Any]:
    """List what happened to a wallet, newest first.

    Each line says what it took from or gave to which part of the balance, and what the balance was after it.
    """
    wallet = _wallet(call, wallet_id)
    page = holder_statement(call.session, account_id=wallet.account_id, **call.page(query))
    unit = wallet_surroundings(call.session, wallet=wallet)["unit"].api_name
    items = [{"line": line, "reference": entry_reference(line), "unit": unit} for line in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


def _wallet(call: Call, wallet_id: str) -> Wallet:
    """Return the wallet with that id. Raises ``NotFound`` for one that is out of reach."""
    return call.own(wallet_by_public_id(call.session, organization_id=call.organization_id, public_id=wallet_id))


RESOURCE = Resource(
    "wallets",
    "What members hold, and what waits for those who are not members yet.",
    (
        Route("GET", "/wallets/<id:wallet_id>", read_wallet, "wallets.read", TenantScope.PROGRAM, WalletOut),
        Route(
            "GET",
            "/wallets/<id:wallet_id>/entries",
            list_wallet_entries,
            "wallets.read",
            TenantScope.PROGRAM,
            WalletEntryList,
            query=PageQuery,
        ),
    ),
)
