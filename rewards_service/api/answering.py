"""Running an endpoint in its one transaction and turning what it gives back into bytes."""

import json
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from typing import Any

from flask import Response, g, request
from marshmallow import Schema
from sqlalchemy.orm import Session

from rewards_service.api.authorization import present_key
from rewards_service.api.calls import Call, Reply
from rewards_service.api.loose_types import Json
from rewards_service.api.parsing import content_of_request
from rewards_service.api.problems import problem_answer
from rewards_service.api.routing import Effect, Route
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.errors import Refusal
from rewards_service.kit.idempotency import Answer, AnswerSecret, KeyedRequest, answer_once, read_key
from rewards_service.kit.services import current_services

KEY_HEADER = "Idempotency-Key"
REPLAY_HEADER = "Idempotency-Replayed"
JSON_TYPE = "application/json"

Produce = Callable[[Session], Answer]


def read_idempotency_key() -> None:
    """Keep the key of a request that moves value. Raises what ``read_key`` raises."""
    g.idempotency_key = read_key(request.headers.get(KEY_HEADER))


def answer_request(route: Route, schema: Schema, parsed: Sequence[Any], path: dict[str, Any]) -> Response:
    """Run the view of ``route`` in a transaction of its own and return what is sent, its refusals included."""
    if route.admit is not None:
        with read_session() as session:
            route.admit(_call(session), parsed)
    produce = partial(_produce, route=route, schema=schema, parsed=parsed, path=path)
    if route.effect is Effect.READS:
        return send(_read(route, produce))
    if route.effect is Effect.WRITES:
        return send(transact(produce, refused=_hook(route)))
    return send(_answer_once(route, produce))


def send(answer: Answer) -> Response:
    """Return an answer as Flask sends it."""
    response = Response(answer.body, status=answer.status, headers=list(answer.headers))
    if answer.is_replay:
        response.headers[REPLAY_HEADER] = "true"
    return response


def _produce(session: Session, *, route: Route, schema: Schema, parsed: Sequence[Any], path: dict[str, Any]) -> Answer:
    """Call the view and return its reply as bytes; it may take apart what it is given, for it may be run again."""
    given = route.view(_call(session), *(copy(each) for each in parsed), **path)
    reply = given if isinstance(given, Reply) else Reply(given)
    document = schema.dump(reply.value)
    return Answer(
        status=reply.status or route.status,
        headers=(("Content-Type", JSON_TYPE),),
        body=_bytes(document),
        secret=_secret(document, reply=reply, names=route.secrets),
    )


def _read(route: Route, produce: Produce) -> Answer:
    """Answer from a session that cannot write; what a refusal leaves behind is written on its own."""
    try:
        with read_session() as session:
            return produce(session)
    except Refusal as refusal:
        hook, lasting = _hook(route), refusal
        if hook is not None:
            transact(lambda writing: hook(writing, lasting))
        raise


def _answer_once(route: Route, produce: Produce) -> Answer:
    """Answer once per key of this caller, method and address."""
    services, key = current_services(), present_key()
    keyed = KeyedRequest(
        key=g.idempotency_key,
        credential=f"api_key:{key.public_id}",
        method=request.method,
        route=request.path,
        content=content_of_request(),
        organization_id=key.organization_id,
    )
    return answer_once(
        keyed,
        produce=produce,
        refuse=problem_answer,
        refused=_hook(route),
        vault=services.vault,
        now=services.clock.now(),
    )


def _hook(route: Route) -> Callable[[Session, Refusal], None] | None:
    """Return what writes after a refusal of this request, if its route has anything to write."""
    refused = route.refused
    if refused is None:
        return None
    return lambda session, refusal: refused(_call(session), session, refusal)


def _call(session: Session) -> Call:
    """Return the present request within ``session``."""
    services = current_services()
    return Call(session, present_key(), services, services.clock.now())


def _secret(document: Json, *, reply: Reply, names: tuple[str, ...]) -> AnswerSecret | None:
    """Return what is kept of an answer once its secret is wiped; none for an answer that holds none."""
    if not reply.secret_references:
        return None
    return AnswerSecret(references=reply.secret_references, body_without=_bytes(_wiped(document, names)))


def _wiped(document: Json, names: tuple[str, ...]) -> Json:
    """Return ``document`` with null in every secret field, and ``<field>_wiped`` beside it true."""
    if isinstance(document, list):
        return [_wiped(item, names) for item in document]
    if not isinstance(document, dict):
        return document
    kept = {name: _wiped(value, names) for name, value in document.items()}
    wiped = {name: None for name in names if name in kept}
    return kept | wiped | {f"{name}_wiped": True for name in wiped}


def _bytes(document: object) -> bytes:
    """Return a JSON document as it is sent."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
