"""Awards over HTTP."""

from typing import Any

from rewards_service.api.calls import Call, Reply
from rewards_service.api.routing import Effect, Resource, Route
from rewards_service.api.schemas.awards import AwardOut, NewAward
from rewards_service.identity.queries import find_member
from rewards_service.kit.access import TenantScope
from rewards_service.programs.models import Program
from rewards_service.programs.queries import value_unit
from rewards_service.wallets.operations import AwardTerms, Recipient, award_value


def create_award(call: Call, body: dict[str, Any]) -> Reply:
    """Award value to a member.

    An email or phone that no member has is good enough: the value waits until somebody proves the address. The same
    external id with the same content is the same award: 200 and nothing new.
    """
    program = call.program(body.get("program_id"))
    unit = value_unit(program, name=body.get("unit"))
    terms = AwardTerms(body["value_units"], unit, body["reason"], expires_at=body.get("expires_at"))
    recipient = _recipient(call, program, body["member"])
    awarded = award_value(
        call.session, program=program, recipient=recipient, terms=terms, external_id=body["external_id"],
        actor=call.actor, now=call.now,
    )  # fmt: skip
    shown = {"award": awarded.award, "wallet": awarded.wallet, "program": program, "unit": unit}
    return Reply(shown, status=201 if awarded.is_new else 200)


def _recipient(call: Call, program: Program, named: dict[str, str]) -> Recipient:
    """Return whom an award is for. Raises ``NotFound`` for the id of nobody in the program."""
    if "id" in named:
        return Recipient(member=find_member(call.session, program_id=program.id, public_id=named["id"]))
    return Recipient(address=named.get("email") or named["phone"])


RESOURCE = Resource(
    "awards",
    "Value that somebody has earned.",
    (
        Route(
            "POST",
            "/awards",
            create_award,
            "awards.write",
            TenantScope.PROGRAM,
            AwardOut,
            effect=Effect.MOVES_VALUE,
            body=NewAward,
            status=201,
            repeat_status=200,
        ),
    ),
)
