"""Who may do what: one table of permissions and roles, and the limits of sessions, sign-in messages and keys.

Routes name a permission, staff hold roles, keys hold scopes (which are permissions). Support looks up and resends but
never sees a secret; an auditor reads everything and changes nothing; the platform operator sees no codes at all.
"""

from datetime import timedelta
from enum import StrEnum


class Role(StrEnum):
    """What a member of staff is in one program, or in the whole organization."""

    OWNER = "owner"
    PROGRAM_MANAGER = "program_manager"
    CAMPAIGN_AUTHOR = "campaign_author"
    APPROVER = "approver"
    SUPPORT_AGENT = "support_agent"
    FINANCE = "finance"
    AUDITOR = "auditor"
    DEVELOPER = "developer"
    PLATFORM_OPERATOR = "platform_operator"


OWNER, MANAGER, AUTHOR, APPROVER, SUPPORT, FINANCE, AUDITOR, DEVELOPER, OPERATOR = Role


def held_by(*roles: Role) -> frozenset[Role]:
    """Return the roles of one line of the table below."""
    return frozenset(roles)


ROLES_BY_PERMISSION: dict[str, frozenset[Role]] = {
    "console.enter": held_by(*Role),
    "programs.read": held_by(*Role),
    "programs.write": held_by(OWNER),
    "members.read": held_by(OWNER, MANAGER, SUPPORT, FINANCE, AUDITOR),
    "members.write": held_by(OWNER, MANAGER),
    "wallets.read": held_by(OWNER, MANAGER, SUPPORT, FINANCE, AUDITOR),
    "awards.write": held_by(OWNER, MANAGER),
    "codes.read": held_by(OWNER, MANAGER, SUPPORT, AUDITOR),
    "codes.write": held_by(OWNER, MANAGER),
    "codes.reissue": held_by(OWNER, MANAGER, SUPPORT),
    "codes.spend": held_by(),  # bearers' own act: keys of shops may, staff may not
    "orders.read": held_by(OWNER, MANAGER, SUPPORT, FINANCE, AUDITOR),
    "orders.write": held_by(OWNER, MANAGER),
    "orders.reveal": held_by(OWNER),
    "messages.read": held_by(OWNER, MANAGER, SUPPORT, AUDITOR),
    "messages.resend": held_by(OWNER, MANAGER, SUPPORT),
    "messages.open": held_by(OWNER),  # mail that was written to a folder, with the links and codes in it
    "catalog.read": held_by(OWNER, MANAGER, AUTHOR, APPROVER, SUPPORT, FINANCE, AUDITOR, DEVELOPER),
    "catalog.write": held_by(OWNER, MANAGER),
    "stock.write": held_by(OWNER, MANAGER),
    "jobs.read": held_by(OWNER, MANAGER, SUPPORT, AUDITOR, DEVELOPER, OPERATOR),
    "jobs.manage": held_by(OWNER, MANAGER, OPERATOR),
    "ledger.read": held_by(OWNER, FINANCE, AUDITOR),
    "events.read": held_by(OWNER, AUDITOR, DEVELOPER),
    "audit.read": held_by(OWNER, AUDITOR),
    "keys.manage": held_by(OWNER, DEVELOPER),
    "staff.manage": held_by(OWNER),
}
"""Every permission there is, and the roles that hold it."""

PERMISSIONS: frozenset[str] = frozenset(ROLES_BY_PERMISSION)

NEVER_FOR_KEYS: frozenset[str] = frozenset({"console.enter", "messages.open", "keys.manage", "staff.manage"})
API_SCOPES: frozenset[str] = PERMISSIONS - NEVER_FOR_KEYS
"""What a key may be allowed. ``orders.reveal`` hands out vouchers and is granted only when asked for by name."""
API_SCOPES_BY_DEFAULT: frozenset[str] = API_SCOPES - {"orders.reveal"}

MEMBER_PERMISSIONS: frozenset[str] = frozenset({"shop.own", "shop.member"})
GUEST_PERMISSIONS: frozenset[str] = frozenset({"shop.own"})
"""``shop.own`` is value in hand, by wallet or by proved codes; ``shop.member`` needs a wallet and a name."""


class SessionKind(StrEnum):
    """Who a browser session stands for."""

    GUEST = "guest"
    MEMBER = "member"
    STAFF = "staff"


IDLE_LIMIT = {
    SessionKind.GUEST: timedelta(minutes=30),
    SessionKind.MEMBER: timedelta(minutes=30),
    SessionKind.STAFF: timedelta(minutes=15),
}
ABSOLUTE_LIMIT = {
    SessionKind.GUEST: timedelta(hours=24),
    SessionKind.MEMBER: timedelta(hours=24),
    SessionKind.STAFF: timedelta(hours=12),
}
SEEN_EVERY = timedelta(minutes=1)
"""A session is marked as seen at most this often, so that a page view is rarely a write."""

LOGIN_LIFETIME = timedelta(minutes=10)
LOGIN_TRIES_MAX = 5
LOGIN_CODE_SYMBOLS = 8
PROVED_CODES_MAX = 15
"""As many codes as one order may combine."""


def permissions_of(roles: frozenset[Role]) -> frozenset[str]:
    """Return every permission that at least one of ``roles`` holds."""
    return frozenset(permission for permission, holders in ROLES_BY_PERMISSION.items() if holders & roles)
