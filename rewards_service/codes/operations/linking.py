"""Claim links: a token of its own leads to a code, so no mail, address bar or QR code holds the code itself."""

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.codes.auditing import audit_code
from rewards_service.codes.entering import EnteredCode, require_usable
from rewards_service.codes.errors import ClaimLinkNotUsable, CodeNotUsable
from rewards_service.codes.models import ClaimLink, Code
from rewards_service.codes.policy import NOTHING, STRANGER, Asker
from rewards_service.codes.queries import values_of
from rewards_service.kit.actor import Actor
from rewards_service.kit.clock import has_expired
from rewards_service.kit.crypto import SecretText, Vault
from rewards_service.kit.ids import new_public_id

TOKEN_PURPOSE = "claim_link"  # noqa: S105 — what the token is for, not the token
TOKEN_LENGTH_MAX = 100


def create_claim_link(
    session: Session, *, code: Code, vault: Vault, now: datetime, expires_at: datetime | None = None
) -> ClaimLink:
    """Make a link to a code; its token is not stored, and comes from ``claim_token`` whenever a message is written."""
    link = ClaimLink(
        public_id=new_public_id("lnk", now=now),
        code_id=code.id,
        key_version=vault.lookup_version,
        expires_at=expires_at,
        created_at=now,
    )
    link.token_sha256 = _digest(claim_token(vault, link=link).reveal())
    session.add(link)
    session.flush()
    return link


def claim_token(vault: Vault, *, link: ClaimLink) -> SecretText:
    """Return the 256-bit token of a link: a keyed hash of its public id, so the database alone does not yield it.

    The same link has the same token in every repeat of a message.
    """
    by_version = dict(vault.lookups(TOKEN_PURPOSE, link.public_id))
    return SecretText(urlsafe_b64encode(by_version[link.key_version]).decode().rstrip("="))


def follow_claim_link(session: Session, *, token: str, now: datetime, asker: Asker = STRANGER) -> EnteredCode:
    """Return the code that a link leads to and what it holds; nothing is used up, so scanners do no harm.

    Raises:
        ClaimLinkNotUsable: no such link, revoked, too old, or its code cannot be used: alike.
        CodeAlreadySpent: the code is empty, and the asker has shown that it is his.
        CodeReplaced: the code was merged, split or exchanged.
    """
    if len(token) > TOKEN_LENGTH_MAX:
        raise ClaimLinkNotUsable
    row = session.execute(
        select(ClaimLink, Code).join(Code, Code.id == ClaimLink.code_id).where(ClaimLink.token_sha256 == _digest(token))
    ).one_or_none()
    if row is None or not _is_alive(row.ClaimLink, now=now):
        raise ClaimLinkNotUsable
    code: Code = row.Code
    value = values_of(session, account_ids=[code.account_id], now=now).get(code.account_id, NOTHING)
    try:
        require_usable(session, code=code, value=value, asker=asker, now=now)
    except CodeNotUsable as refusal:
        raise ClaimLinkNotUsable from refusal
    return EnteredCode(code, value)


def revoke_claim_links(session: Session, *, code: Code, actor: Actor, reason: str, now: datetime) -> int:
    """Let no link lead to a code any more and return how many did; the code itself stays usable."""
    links = session.scalars(select(ClaimLink).where(ClaimLink.code_id == code.id, ClaimLink.revoked_at.is_(None))).all()
    for link in links:
        link.revoked_at = now
    session.flush()
    detail = {"links": len(links)}
    audit_code(session, code=code, action="links_revoked", actor=actor, reason=reason, now=now, detail=detail)
    return len(links)


def _is_alive(link: ClaimLink, *, now: datetime) -> bool:
    """Tell whether a link leads anywhere at ``now``."""
    return link.revoked_at is None and not has_expired(expires_at=link.expires_at, now=now)


def _digest(token: str) -> bytes:
    """Return what is stored of a token; 256 random bits need no slower hash."""
    return hashlib.sha256(token.encode()).digest()
