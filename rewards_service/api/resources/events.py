"""Everything that happened, over HTTP."""

from dataclasses import fields
from typing import Any

from rewards_service.api.calls import Call
from rewards_service.api.routing import Resource, Route
from rewards_service.api.schemas.base import PageQuery
from rewards_service.api.schemas.events import HappeningList
from rewards_service.finance.happenings import Happening, Scope, list_happenings
from rewards_service.kit.access import TenantScope
from rewards_service.programs.models import Organization


def list_events(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    """List what happened, newest first.

    Entries of the books, steps of orders, and what people and machines did. With a key of one program, of that program.
    """
    organization = call.session.get_one(Organization, call.organization_id)
    scope = Scope(call.organization_id, organization.public_id, program_id=call.key.program_id)
    page = list_happenings(call.session, scope=scope, **call.page(query))
    return {"items": [_shown(each) for each in page.items], "next_cursor": page.next_cursor}


def _shown(happening: Happening) -> dict[str, Any]:
    """Return an event as the API shows it."""
    return {**{each.name: getattr(happening, each.name) for each in fields(happening)}, "happening": happening}


RESOURCE = Resource(
    "events",
    "Everything that happened.",
    (Route("GET", "/events", list_events, "events.read", TenantScope.PROGRAM, HappeningList, query=PageQuery),),
)
