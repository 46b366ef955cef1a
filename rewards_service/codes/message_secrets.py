"""What messages about codes say in clear, read at the moment of sending: the link's token, and the code itself."""

from collections.abc import Callable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards_service.codes.models import ClaimLink, Code
from rewards_service.codes.operations.keeping import open_code
from rewards_service.codes.operations.linking import claim_token
from rewards_service.kit.crypto import Vault

SecretReader = Callable[[Session, str], str]


def code_secret_readers(vault: Vault) -> Mapping[str, SecretReader]:
    """Return readers by purpose: ``claim.link`` of a link's public id, ``code.text`` of a code's."""

    def read_token(session: Session, link_id: str) -> str:
        """Return the token that leads to a code."""
        link = session.scalars(select(ClaimLink).where(ClaimLink.public_id == link_id)).one()
        return claim_token(vault, link=link).reveal()

    def read_text(session: Session, code_id: str) -> str:
        """Return a code in clear, grouped."""
        code = session.scalars(select(Code).where(Code.public_id == code_id)).one()
        return open_code(session, code=code, vault=vault).reveal()

    return {"claim.link": read_token, "code.text": read_text}
