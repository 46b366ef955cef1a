"""Where the buttons of messages lead.

A link is made each time a message is sent. Whoever owns its purpose may offer a reader for the token (sign-in and claim
links are derived from a row of theirs with a key outside the database, so every repeat carries the same token and one
row revokes them all); for any other purpose the reference is signed here, dated by the moment of sending, so that a
repeat is as fresh as the first. Nothing of a token is stored, and following a link uses nothing up: what must happen
once is checked by the owner when a button is pressed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from rewards_service.kit.signing import Signer

LINKS: Mapping[str, str] = {
    "sign_in": "/s/{program}/sign-in/{token}",
    "claim": "/s/{program}/k/{token}",
    "order": "/s/{program}/o/{token}",
    "shop": "/s/{program}/",
}
"""The path of each purpose; one with ``{token}`` opens something, the others ask who comes."""


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """What one link is made of: ``token`` is the owner's, or ``None`` when it is to be signed."""

    purpose: str
    program: str
    reference: str
    token: str | None


def link_purpose(purpose: str) -> str:
    """Return what the reader of tokens for links of ``purpose`` is called among an application's secrets."""
    return f"{purpose}.link"


def link_url(plan: LinkPlan, *, base_url: str, signer: Signer, now: datetime) -> str:
    """Return the whole address that ``plan`` describes."""
    path = LINKS[plan.purpose]
    token = plan.token
    if token is None and "{token}" in path:
        token = signer.sign(plan.purpose, plan.reference, now=now)
    filled = {"program": plan.program, "reference": plan.reference, "token": token or ""}
    return base_url + path.format(**{name: quote(value, safe="") for name, value in filled.items()})
