"""The books over HTTP."""

from typing import Any

from rewards_service.api.calls import Call
from rewards_service.api.routing import Resource, Route
from rewards_service.api.schemas.ledger import EntriesQuery, EntryList
from rewards_service.kit.access import TenantScope
from rewards_service.kit.paging import Page
from rewards_service.ledger import journal


def list_entries(call: Call, query: dict[str, Any]) -> Page[journal.JournalEntry]:
    """List entries of the books, newest first.

    Each posting is one movement, so every entry balances in every unit.
    """
    paging = call.page(query)
    return journal.list_entries(
        call.session,
        organization_id=call.organization_id,
        program_ids=call.program_ids,
        only=journal.JournalFilter(**query),
        **paging,
    )


RESOURCE = Resource(
    "ledger",
    "Every movement of value and of the money behind it.",
    (Route("GET", "/ledger/entries", list_entries, "ledger.read", TenantScope.PROGRAM, EntryList, query=EntriesQuery),),
)
