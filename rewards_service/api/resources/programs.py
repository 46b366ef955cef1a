"""Programs over HTTP."""

from typing import Any

from rewards_service.api.calls import Call, Reply
from rewards_service.api.routing import Effect, Resource, Route
from rewards_service.api.schemas.base import PageQuery
from rewards_service.api.schemas.programs import NewProgram, ProgramList, ProgramOut
from rewards_service.kit.access import TenantScope
from rewards_service.kit.money import exponent
from rewards_service.programs import telling
from rewards_service.programs.models import Program
from rewards_service.programs.queries import rate_in_force


def create_program(call: Call, body: dict[str, Any]) -> Reply:
    """Create a program.

    The same external id with the same content is the same program: 200 and nothing new.
    """
    rate_units, rate_minor = _rate(body)
    fields = ("external_id", "name", "unit", "currency", "time_zone", "locale")
    terms = telling.ProgramTerms(**{name: body[name] for name in fields}, rate_units=rate_units, rate_minor=rate_minor)
    told = telling.tell_program(call.session, organization_id=call.organization_id, terms=terms, now=call.now)
    return Reply(_shown(call, told.program), status=201 if told.is_new else 200)


def list_programs(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    """List programs, oldest first."""
    page = telling.list_programs(
        call.session, organization_id=call.organization_id, program_ids=call.program_ids, **call.page(query)
    )
    keys = [program.id for program in page.items]
    rates = telling.rates_in_force(call.session, program_ids=keys, now=call.now)
    items = [{"program": program, "rate": rates[program.id]} for program in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


def read_program(call: Call, program_id: str) -> dict[str, Any]:
    """Read a program.

    By its id or by the external id.
    """
    return _shown(call, call.program(program_id))


def _rate(body: dict[str, Any]) -> tuple[int, int]:
    """Return the rate that a new program says, as points and the money they are worth."""
    if "points_per_major" in body:
        return body["points_per_major"], 10 ** exponent(body["currency"])
    rate = body.get("rate") or {"units": 1, "minor": 1}
    return rate["units"], rate["minor"]


def _shown(call: Call, program: Program) -> dict[str, Any]:
    """Return a program with its present rate."""
    return {"program": program, "rate": rate_in_force(call.session, program_id=program.id, now=call.now)}


RESOURCE = Resource(
    "programs",
    "What partners take part in: its points, its promises, its shop.",
    (
        Route(
            "POST",
            "/programs",
            create_program,
            "programs.write",
            TenantScope.ORGANIZATION,
            ProgramOut,
            effect=Effect.WRITES,
            body=NewProgram,
            status=201,
            repeat_status=200,
        ),
        Route("GET", "/programs", list_programs, "programs.read", TenantScope.PROGRAM, ProgramList, query=PageQuery),
        Route("GET", "/programs/<id:program_id>", read_program, "programs.read", TenantScope.PROGRAM, ProgramOut),
    ),
)
