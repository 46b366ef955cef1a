"""The books over HTTP."""

from typing import Any

from rewards_service.api.calls import Call
from rewards_service.api.presenting import entry_reference
from rewards_service.api.routing import Resource, Route
from rewards_service.api.schemas.ledger import EntriesQuery, EntryList
from rewards_service.kit.access import TenantScope
from rewards_service.ledger.queries import JournalRange
from rewards_service.ledger.queries import list_entries as journal_page


def list_entries(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    """List entries of the books, in their order.

    The lines of an entry add up to zero in every unit.
    """
    paging = call.page(query)
    wanted = JournalRange(call.organization_id, program_id=call.key.program_id, **query)
    page = journal_page(call.session, of=wanted, **paging)
    items = [{"entry": entry, "reference": entry_reference(entry)} for entry in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


RESOURCE = Resource(
    "ledger",
    "Every movement of value and of the money behind it.",
    (Route("GET", "/ledger/entries", list_entries, "ledger.read", TenantScope.PROGRAM, EntryList, query=EntriesQuery),),
)
