"""Batches of codes over HTTP."""

from typing import Any

from rewards_service.api.calls import Call, Reply
from rewards_service.api.routing import Effect, Resource, Route
from rewards_service.api.schemas.codes import BatchOut, NewBatch
from rewards_service.codes.models import CodeBatch
from rewards_service.codes.operations import CodeTerms, create_batch
from rewards_service.codes.queries import batch_by_public_id, batch_exists, batch_progress
from rewards_service.kit.access import TenantScope
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.queries import value_unit


def create_code_batch(call: Call, body: dict[str, Any]) -> Reply:
    """Issue many codes of one value.

    A job issues them; read the batch to see how far it has come. The same external id with the same content is the
    same batch: 200 and nothing new.
    """
    program = call.program(body.get("program_id"))
    unit = value_unit(program, name=body.get("unit"))
    known = batch_exists(call.session, program_id=program.id, external_id=body["external_id"])
    batch = create_batch(
        call.session,
        program=program,
        external_id=body["external_id"],
        count=body["count"],
        terms=CodeTerms(body["value_units"], unit, expires_at=body.get("expires_at")),
        actor=call.actor,
        now=call.now,
    )
    return Reply(_shown(call, batch), status=200 if known else 202)


def read_code_batch(call: Call, batch_id: str) -> dict[str, Any]:
    """Read how far a batch has come."""
    found = batch_by_public_id(call.session, organization_id=call.organization_id, public_id=batch_id)
    return _shown(call, call.own(found))


def _shown(call: Call, batch: CodeBatch) -> dict[str, Any]:
    """Return a batch with its progress."""
    return {
        "batch": batch,
        "program": call.session.get_one(Program, batch.program_id),
        "unit": call.session.get_one(Unit, batch.unit_id),
        "progress": batch_progress(call.session, batch=batch),
    }


RESOURCE = Resource(
    "code batches",
    "Many codes of one value, issued by a job.",
    (
        Route(
            "POST",
            "/code-batches",
            create_code_batch,
            "codes.write",
            TenantScope.PROGRAM,
            BatchOut,
            effect=Effect.MOVES_VALUE,
            body=NewBatch,
            status=202,
            repeat_status=200,
        ),
        Route("GET", "/code-batches/<id:batch_id>", read_code_batch, "codes.read", TenantScope.PROGRAM, BatchOut),
    ),
)
