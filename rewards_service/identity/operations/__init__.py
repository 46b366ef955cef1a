"""Writes: people and machines are registered, come in, and go."""

from rewards_service.identity.operations.keys import CreatedKey, create_api_key, note_key_use, revoke_api_key
from rewards_service.identity.operations.logins import (
    CompletedLogin,
    complete_login_by_code,
    complete_login_by_link,
    login_of_token,
    note_wrong_code,
    request_login,
)
from rewards_service.identity.operations.members import prove_address, register_member
from rewards_service.identity.operations.sessions import (
    OpenedSession,
    close_session,
    close_sessions_of_staff,
    forget_code,
    open_session,
    prove_code,
    see_session,
)
from rewards_service.identity.operations.staff import (
    change_password,
    disable_staff,
    grant_role,
    register_staff,
    withdraw_role,
)

__all__ = [
    "CompletedLogin",
    "CreatedKey",
    "OpenedSession",
    "change_password",
    "close_session",
    "close_sessions_of_staff",
    "complete_login_by_code",
    "complete_login_by_link",
    "create_api_key",
    "disable_staff",
    "forget_code",
    "grant_role",
    "login_of_token",
    "note_key_use",
    "note_wrong_code",
    "open_session",
    "prove_address",
    "prove_code",
    "register_member",
    "register_staff",
    "request_login",
    "revoke_api_key",
    "see_session",
    "withdraw_role",
]
