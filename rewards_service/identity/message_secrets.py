"""What sign-in messages are told at the moment of sending, and only then."""

from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy.orm import Session

from rewards_service.identity.tokens import KeyedLookup, login_secrets

SecretReader = Callable[[Session, str], str]


def login_secret_readers(vault: KeyedLookup) -> Mapping[str, SecretReader]:
    """Return who reads the link and the code of a sign-in message, by the purpose that ``delivery`` asks for."""
    return {"sign_in.link": partial(_link, vault), "sign_in.code": partial(_code, vault)}


def _link(vault: KeyedLookup, _: Session, login_public_id: str) -> str:
    """Return the token in the message's link."""
    return login_secrets(vault, login_public_id).link_token


def _code(vault: KeyedLookup, _: Session, login_public_id: str) -> str:
    """Return the code to type, in two groups of four."""
    code = login_secrets(vault, login_public_id).code
    return f"{code[:4]} {code[4:]}"
