"""Finding the right shop for somebody who has a code or an address and knows no program."""

from flask import request
from sqlalchemy.orm import Session

from rewards_service.codes.entering import check_code
from rewards_service.codes.errors import CodeNotUsable
from rewards_service.codes.guessing import record_guess, require_guesses_left
from rewards_service.identity.addresses import normalise_email
from rewards_service.identity.queries import members_of_email
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.services import current_services
from rewards_service.kit.throttle import Caller
from rewards_service.programs.models import Program
from rewards_service.programs.queries import program_by_id
from rewards_service.web.context import present
from rewards_service.web.proof import require_proof
from rewards_service.web.sessions import browser_nonce, shop_cookie, sign_in_of
from rewards_service.web.shop.entering import admit_codes, codes_in
from rewards_service.web.shop.signing_in import send_login_messages
from rewards_service.web.shop.visitors import Visitor

PROGRAMS_MAX = 5
"""So many programs at most write to one address at once."""


def enter_code_anywhere(text: str) -> str:
    """Keep the first code of ``text`` in a session of its program, and return that program's external id.

    Raises:
        CodeMistyped, CodeNotUsable, CodeReplaced: about the code; a wrong one is counted.
        RateLimited: too many wrong codes from here.
        ProofNeeded: the whole site is being guessed at.
    """
    now, caller = present(), Caller(session=browser_nonce(), address=request.remote_addr)
    code = next(iter(codes_in(text)), text)
    try:
        with read_session() as session:
            require_proof(require_guesses_left(session, caller=caller, now=now), text=text)
            entered = check_code(session, text=code, vault=current_services().vault, now=now)
            program = program_by_id(session, program_id=entered.code.program_id)
            visitor = Visitor(program, sign_in_of(session, shop_cookie(program)))
    except CodeNotUsable as refusal:
        wrong = refusal
        transact(lambda session: record_guess(session, wrong, caller=caller, now=now))
        raise
    transact(lambda session: admit_codes(session, visitor=visitor, codes=[entered.code], now=now))
    return program.external_id


def send_links_to(email_typed: str) -> None:
    """Send a sign-in message for every program that knows an address; somebody unknown gets none and is not told.

    Known or not, an address is answered alike and as often.

    Raises:
        AddressUnusable: it is no address.
        RateLimited: too many messages to this address or from here.
    """
    email = normalise_email(email_typed)
    with read_session() as session:
        programs = _programs_of(session, email)
    send_login_messages(programs, address=email)


def _programs_of(session: Session, email: str) -> list[Program]:
    """Return the programs that have a member with an address."""
    known = {member.program_id for member in members_of_email(session, email=email)}
    return [program_by_id(session, program_id=program_id) for program_id in sorted(known)[:PROGRAMS_MAX]]
