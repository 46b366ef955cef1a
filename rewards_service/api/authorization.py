"""Who calls, and may they: checked in one place, before any endpoint looks at its request."""

from typing import cast

from flask import g, request

from rewards_service.api.errors import OrganizationKeyNeeded, ScopeMissing
from rewards_service.identity.errors import KeyUnknown
from rewards_service.identity.operations import note_key_use
from rewards_service.identity.operations.keys import USED_EVERY
from rewards_service.identity.queries import ApiKeyIdentity, authenticate_api_key
from rewards_service.kit.access import PUBLIC, AccessRule, TenantScope, access_rule
from rewards_service.kit.database import read_connection, transact
from rewards_service.kit.services import current_services

SCHEME = "bearer"


def authorize_request() -> None:
    """Let the request go on when its key may do what its endpoint does; keep the key for the endpoint.

    Raises:
        KeyUnknown: there is no key, or not a valid one.
        ScopeMissing: the key does not hold the permission.
        OrganizationKeyNeeded: the endpoint is about the whole organization, the key about one program.
    """
    rule = access_rule(request.endpoint or "")
    if rule.permission == PUBLIC:
        return
    key = _authenticate()
    require_access(key, rule=rule)
    g.api_key = key


def require_access(key: ApiKeyIdentity, *, rule: AccessRule) -> None:
    """Refuse a key that ``rule`` does not let in.

    Raises:
        ScopeMissing: the key does not hold the permission.
        OrganizationKeyNeeded: the rule is about the whole organization, the key about one program.
    """
    if rule.permission not in key.scopes:
        raise ScopeMissing("This needs the scope {scope}.", scope=rule.permission)
    if rule.scope is TenantScope.ORGANIZATION and key.program_id is not None:
        raise OrganizationKeyNeeded("This key belongs to one program; this needs a key of the whole organization.")


def present_key() -> ApiKeyIdentity:
    """Return the key of this request, which was let in."""
    return cast("ApiKeyIdentity", g.api_key)


def _authenticate() -> ApiKeyIdentity:
    """Return the machine that the request's ``Authorization`` names. Raises ``KeyUnknown``."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME:
        raise KeyUnknown("Send the header Authorization: Bearer with an API key.")
    now = current_services().clock.now()
    with read_connection() as connection:
        found = authenticate_api_key(connection, key=key.strip(), now=now)
    if found.used_at is None or now - found.used_at >= USED_EVERY:
        transact(lambda writing: note_key_use(writing, key_public_id=found.public_id, now=now))
    return found
