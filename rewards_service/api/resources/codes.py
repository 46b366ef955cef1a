"""Codes over HTTP: issuing, entering, and what their issuer does with them."""

from typing import Any

from marshmallow import Schema

from rewards_service.api.calls import Call, Reply
from rewards_service.api.guessing import admit_guess, count_guess, enter_code
from rewards_service.api.loose_types import Options
from rewards_service.api.routing import Effect, Resource, Route, View
from rewards_service.api.schemas import codes as schemas
from rewards_service.codes import operations
from rewards_service.codes.handles import NewCode
from rewards_service.codes.models import Code
from rewards_service.codes.policy import Asker
from rewards_service.codes.queries import code_by_public_id, code_views
from rewards_service.kit.access import TenantScope
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.queries import value_unit
from rewards_service.wallets.queries import wallet_by_public_id, wallet_view

SECRETS = ("code",)


def issue_code(call: Call, body: dict[str, Any]) -> Reply:
    """Issue a code.

    The code itself is in this answer and in repeats of it within a day; later only its last four symbols are shown.
    """
    program = call.program(body.get("program_id"))
    unit = value_unit(program, name=body.get("unit"))
    terms = operations.CodeTerms(body["value_units"], unit, expires_at=body.get("expires_at"))
    new = operations.issue_code(
        call.session, program=program, terms=terms, vault=call.services.vault, actor=call.actor, now=call.now
    )
    return _told_once(call, [new], _issued(call, new, deliver=body.get("deliver")))


def check_code(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Check what a code is worth.

    Codes that are unknown, expired, blocked, used up or somebody else's are answered alike.
    """
    entered = enter_code(call, body["code"])
    unit = call.session.get_one(Unit, entered.code.unit_id)
    return {
        "status": "active",
        "balance_units": entered.value.usable_units,
        "unit": unit.api_name,
        "expires_at": entered.value.expires_at,
    }


def claim_code(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Move what a code holds into a wallet."""
    wallet = call.own(
        wallet_by_public_id(call.session, organization_id=call.organization_id, public_id=body["wallet_id"])
    )
    entered = enter_code(call, body["code"], asker=Asker(account_ids=[wallet.account_id]))
    moved = operations.claim_code(call.session, code=entered.code, wallet=wallet, actor=call.actor, now=call.now)
    balance_units = wallet_view(call.session, wallet=wallet, now=call.now).balance_units
    unit = call.session.get_one(Unit, wallet.unit_id).api_name
    return {"wallet_id": wallet.public_id, "claimed_units": moved, "balance_units": balance_units, "unit": unit}


def split_code(call: Call, body: dict[str, Any]) -> Reply:
    """Split a code into several; the old one dies."""
    code = enter_code(call, body["code"]).code
    made = operations.split_code(
        call.session,
        code=code,
        parts_units=body["parts_units"],
        vault=call.services.vault,
        actor=call.actor,
        now=call.now,
    )
    return _told_once(call, made, {"codes": [_issued(call, new) for new in made]})


def merge_codes(call: Call, body: dict[str, Any]) -> Reply:
    """Put several codes together into one; the old ones die, and each part keeps its own expiry."""
    codes = [enter_code(call, text).code for text in body["codes"]]
    new = operations.merge_codes(call.session, codes=codes, vault=call.services.vault, actor=call.actor, now=call.now)
    return _told_once(call, [new], _issued(call, new))


def read_code(call: Call, code_id: str) -> dict[str, Any]:
    """Read what became of a code."""
    return _shown(call, _code(call, code_id))


def block_code(call: Call, body: dict[str, Any], code_id: str) -> dict[str, Any]:
    """Block a code.

    Nothing more of it can be spent until it is unblocked; what orders hold of it already stays theirs.
    """
    code = _code(call, code_id)
    return _shown(call, operations.block_code(call.session, code=code, actor=call.actor, now=call.now, **body))


def unblock_code(call: Call, body: dict[str, Any], code_id: str) -> dict[str, Any]:
    """Unblock a code."""
    code = _code(call, code_id)
    return _shown(call, operations.unblock_code(call.session, code=code, actor=call.actor, now=call.now, **body))


def extend_code(call: Call, body: dict[str, Any], code_id: str) -> dict[str, Any]:
    """Let a code live longer.

    What has ended is not revived.
    """
    code = _code(call, code_id)
    return _shown(call, operations.extend_code(call.session, code=code, actor=call.actor, now=call.now, **body))


def reissue_code(call: Call, body: dict[str, Any], code_id: str) -> Reply:
    """Exchange a code for a new one.

    For a code that went to the wrong person or was lost: the old one dies, its value moves to the new one.
    """
    new = operations.reissue_code(
        call.session,
        code=_code(call, code_id),
        vault=call.services.vault,
        actor=call.actor,
        reason=body["reason"],
        now=call.now,
    )
    return _told_once(call, [new], _issued(call, new, deliver=body.get("deliver")))


def _code(call: Call, code_id: str) -> Code:
    """Return the code with that id. Raises ``NotFound`` for one that is out of reach."""
    return call.own(code_by_public_id(call.session, organization_id=call.organization_id, public_id=code_id))


def _facts(call: Call, code: Code) -> dict[str, Any]:
    """Return what every answer about a code says."""
    program, unit = call.session.get_one(Program, code.program_id), call.session.get_one(Unit, code.unit_id)
    return {"code": code, "program": program, "unit": unit}


def _shown(call: Call, code: Code) -> dict[str, Any]:
    """Return a code as its issuer sees it."""
    (view,) = code_views(call.session, codes=[code], now=call.now)
    return {**_facts(call, code), "view": view}


def _issued(call: Call, new: NewCode, deliver: dict[str, str] | None = None) -> dict[str, Any]:
    """Return a new code in clear, after filing the message that takes it to somebody, if that is wanted."""
    message_id = None
    if deliver is not None and "to" in deliver:
        message = operations.deliver_code(
            call.session, code=new.code, vault=call.services.vault, now=call.now, **deliver
        )
        message_id = message.public_id
    return {**_facts(call, new.code), "text": new.text.reveal(), "is_wiped": False, "message_id": message_id}


def _told_once(call: Call, made: list[NewCode], value: dict[str, Any]) -> Reply:
    """Return an answer that holds codes, which is kept sealed and no longer than they are."""
    call.session.flush()
    return Reply(value, secret_references=tuple(new.code.public_id for new in made))


def _entering(path: str, view: View, gives: type[Schema], **options: Options) -> Route:
    """Return a route that takes codes somebody entered: wrong ones are counted."""
    return Route(
        "POST",
        path,
        view,
        "codes.spend",
        TenantScope.PROGRAM,
        gives,
        admit=admit_guess,
        refused=count_guess,
        **options,
    )


def _keeping(path: str, view: View, permission: str = "codes.write", **options: Options) -> Route:
    """Return a route by which the issuer changes a code."""
    return Route("POST", f"/codes/<id:code_id>{path}", view, permission, TenantScope.PROGRAM, **options)


MOVES = {"effect": Effect.MOVES_VALUE}
RESOURCE = Resource(
    "codes",
    "Value for whoever holds the code: issued, checked, claimed, split, merged, blocked, extended, exchanged.",
    (
        Route(
            "POST",
            "/codes",
            issue_code,
            "codes.write",
            TenantScope.PROGRAM,
            schemas.IssuedCode,
            effect=Effect.MOVES_VALUE,
            body=schemas.NewCodeIn,
            status=201,
            secrets=SECRETS,
        ),
        _entering("/codes/check", check_code, schemas.CheckedCode, body=schemas.CodeIn),
        _entering("/codes/claim", claim_code, schemas.Claimed, body=schemas.ClaimIn, **MOVES),
        _entering(
            "/codes/split", split_code, schemas.IssuedCodes, body=schemas.SplitIn, status=201, secrets=SECRETS, **MOVES
        ),
        _entering(
            "/codes/merge", merge_codes, schemas.IssuedCode, body=schemas.MergeIn, status=201, secrets=SECRETS, **MOVES
        ),
        Route("GET", "/codes/<id:code_id>", read_code, "codes.read", TenantScope.PROGRAM, schemas.CodeOut),
        _keeping("/block", block_code, gives=schemas.CodeOut, body=schemas.MaybeReasonIn, effect=Effect.WRITES),
        _keeping("/unblock", unblock_code, gives=schemas.CodeOut, body=schemas.MaybeReasonIn, effect=Effect.WRITES),
        _keeping("/extend", extend_code, gives=schemas.CodeOut, body=schemas.ExtendIn, effect=Effect.WRITES),
        _keeping(
            "/reissue",
            reissue_code,
            "codes.reissue",
            gives=schemas.IssuedCode,
            body=schemas.ReissueIn,
            status=201,
            secrets=SECRETS,
            **MOVES,
        ),
    ),
)
