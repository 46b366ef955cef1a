"""Codes that come by a link, and codes whose value moves into a wallet."""

from sqlalchemy.orm import Session

from rewards_service.codes.entering import EnteredCode
from rewards_service.codes.errors import ClaimLinkNotUsable
from rewards_service.codes.guessing import record_guess, require_guesses_left
from rewards_service.codes.operations import claim_code, follow_claim_link
from rewards_service.codes.policy import Asker
from rewards_service.codes.queries import code_by_public_id
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.errors import NotFound
from rewards_service.programs.models import Program, Unit
from rewards_service.wallets.operations import Recipient, wallet_for
from rewards_service.web.context import present
from rewards_service.web.shop.entering import admit_codes
from rewards_service.web.shop.visitors import Visitor


def code_behind(session: Session, visitor: Visitor, *, token: str) -> EnteredCode:
    """Return the code a link leads to and what it holds; nothing is used up by looking.

    Raises:
        ClaimLinkNotUsable: no such link, or one of another program.
        CodeAlreadySpent, CodeReplaced: the code is this visitor's own and empty, or was exchanged.
        RateLimited: too many wrong links from here.
    """
    require_guesses_left(session, caller=visitor.caller(), now=present())
    entered = follow_claim_link(session, token=token, now=present(), asker=_asker(session, visitor))
    if entered.code.program_id != visitor.program.id:
        raise ClaimLinkNotUsable
    return entered


def enter_by_link(visitor: Visitor, *, token: str) -> None:
    """Let the visitor's session know the code behind a link. Raises as ``code_behind``; a wrong link is counted."""
    now, caller = present(), visitor.caller()

    def enter(session: Session) -> None:
        code = code_behind(session, visitor, token=token).code
        admit_codes(session, visitor=visitor, codes=[code], now=now)

    transact(enter, refused=lambda session, refusal: record_guess(session, refusal, caller=caller, now=now))


def claim_into_wallet(visitor: Visitor, *, code_id: str) -> None:
    """Move everything a code of this session holds into the member's wallet of its unit.

    Raises:
        NotFound: the session knows no such code.
        CodeNotUsable, CodeReplaced, CodeInUse: as ``claim_code``.
    """
    if code_id not in visitor.code_ids:
        raise NotFound("This code is not known here any more. Please type it in once more.")

    def claim(session: Session) -> None:
        program, now = session.get_one(Program, visitor.program.id), present()
        code = code_by_public_id(session, organization_id=program.organization_id, public_id=code_id)
        unit = session.get_one(Unit, code.unit_id)
        wallet = wallet_for(session, program=program, recipient=Recipient(member=visitor.member), unit=unit, now=now)
        claim_code(session, code=code, wallet=wallet, actor=visitor.actor, now=now)

    transact(claim)


def program_of_link(token: str) -> str:
    """Return the external id of the program whose shop a link leads to. Raises ``ClaimLinkNotUsable``."""
    with read_session() as session:
        code = follow_claim_link(session, token=token, now=present()).code
        return session.get_one(Program, code.program_id).external_id


def _asker(session: Session, visitor: Visitor) -> Asker:
    """Return what the visitor has shown before."""
    organization_id = visitor.program.organization_id
    codes = [code_by_public_id(session, organization_id=organization_id, public_id=each) for each in visitor.code_ids]
    return Asker(code_ids=[code.id for code in codes])
