"""Reads: who is this, and what may they do."""

from rewards_service.identity.queries.keys import ApiKeyIdentity, api_key_by_public_id, authenticate_api_key
from rewards_service.identity.queries.logins import open_login, open_logins
from rewards_service.identity.queries.members import (
    find_member,
    keep_living_member,
    living_member,
    member_by_id,
    member_by_public_id,
    member_called,
    members_of_email,
    members_of_person,
    reachable_at,
    search_members,
)
from rewards_service.identity.queries.sessions import ends_at, live_session, proved_codes
from rewards_service.identity.queries.staff import (
    StaffGrant,
    staff_by_email,
    staff_by_id,
    staff_grant,
)

__all__ = [
    "ApiKeyIdentity",
    "StaffGrant",
    "api_key_by_public_id",
    "authenticate_api_key",
    "ends_at",
    "find_member",
    "keep_living_member",
    "live_session",
    "living_member",
    "member_by_id",
    "member_by_public_id",
    "member_called",
    "members_of_email",
    "members_of_person",
    "open_login",
    "open_logins",
    "proved_codes",
    "reachable_at",
    "search_members",
    "staff_by_email",
    "staff_by_id",
    "staff_grant",
]
