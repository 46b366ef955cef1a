"""Members over HTTP."""

from collections.abc import Sequence
from typing import Any

from rewards_service.api.calls import Call, Reply
from rewards_service.api.routing import Effect, Resource, Route
from rewards_service.api.schemas.members import MemberList, MemberOut, MembersQuery, NewMember
from rewards_service.identity import telling
from rewards_service.identity.models import Member
from rewards_service.identity.queries import member_by_public_id
from rewards_service.kit.access import TenantScope
from rewards_service.programs.telling import programs_by_key
from rewards_service.wallets.statements import wallets_of_members


def create_member(call: Call, body: dict[str, Any]) -> Reply:
    """Register a member.

    The same external id with the same content is the same member: 200 and nothing new. Addresses are believed only
    after a message to them was answered; until then value that was sent to them waits.
    """
    program = call.program(body.pop("program_id", None))
    told = telling.tell_member(call.session, program=program, facts=telling.MemberFacts(**body), now=call.now)
    (shown,) = _shown(call, [told.member])
    return Reply(shown, status=201 if told.is_new else 200)


def list_members(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    """Find members.

    Those whom all given facts describe; without any, all of them.
    """
    named = query.pop("program_id", None)
    program_ids = call.program_ids if named is None else {call.program(named).id}
    paging = call.page(query)
    page = telling.list_members(
        call.session, organization_id=call.organization_id, program_ids=program_ids, **query, **paging
    )
    return {"items": _shown(call, page.items), "next_cursor": page.next_cursor}


def read_member(call: Call, member_id: str) -> dict[str, Any]:
    """Read a member."""
    member = member_by_public_id(call.session, organization_id=call.organization_id, public_id=member_id)
    (shown,) = _shown(call, [call.own(member)])
    return shown


def _shown(call: Call, members: Sequence[Member]) -> list[dict[str, Any]]:
    """Return members with their programs, their wallets and who stands for them."""
    programs = programs_by_key(call.session, program_ids={member.program_id for member in members})
    wallets = wallets_of_members(call.session, member_ids=[member.id for member in members])
    kept_ids = {member.merged_into_id for member in members if member.merged_into_id is not None}
    kept = telling.members_by_key(call.session, member_ids=kept_ids) if kept_ids else {}
    return [
        {
            "member": member,
            "merged_into": kept[member.merged_into_id].public_id if member.merged_into_id is not None else None,
            "program_id": programs[member.program_id].public_id,
            "wallets": wallets.get(member.id, []),
        }
        for member in members
    ]


RESOURCE = Resource(
    "members",
    "People whom a program rewards.",
    (
        Route(
            "POST",
            "/members",
            create_member,
            "members.write",
            TenantScope.PROGRAM,
            MemberOut,
            effect=Effect.WRITES,
            body=NewMember,
            status=201,
            repeat_status=200,
        ),
        Route("GET", "/members", list_members, "members.read", TenantScope.PROGRAM, MemberList, query=MembersQuery),
        Route("GET", "/members/<id:member_id>", read_member, "members.read", TenantScope.PROGRAM, MemberOut),
    ),
)
