"""Codes typed into the box: found in whatever was pasted, checked one by one, kept in the session when they are right.

The answer to a stranger says only whether a code can be used. A slip of the pen is found by the check symbol alone and
counts as no guess.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import request
from sqlalchemy.orm import Session

from rewards_service.codes.entering import check_code
from rewards_service.codes.errors import CodeMistyped, CodeNotUsable, CodeReplaced
from rewards_service.codes.format import CODE_LENGTH_MIN, CODE_SYMBOLS, grouped, normal_form
from rewards_service.codes.guessing import record_guess, require_guesses_left
from rewards_service.codes.models import Code
from rewards_service.identity.models import SignInSession
from rewards_service.identity.operations import OpenedSession, open_session, prove_code
from rewards_service.identity.policy import PROVED_CODES_MAX, SessionKind
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.errors import Refusal
from rewards_service.kit.services import current_services
from rewards_service.web.context import present
from rewards_service.web.errors import refusal_detail
from rewards_service.web.proof import require_proof
from rewards_service.web.sessions import keep_session, shop_cookie
from rewards_service.web.shop.visitors import Visitor, see_as

TEXT_LENGTH_MAX = 4000
ALONE_LENGTH_MAX = 60
"""A text no longer than this without the shape of a code in it may still be one, of another length."""

_TIGHT = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{4}(?:-?[0-9A-Z]{4}){3}(?![0-9A-Z])")
_OF_ANY_LENGTH = re.compile(r"(?<![0-9A-Z])(?<![0-9A-Z]-)[0-9A-Z]{1,4}(?:-?[0-9A-Z]{4}){2,6}(?!-?[0-9A-Z])")
_LOOSE = re.compile(r"(?<![0-9A-Z])(?=([0-9A-Z]{4}(?: [0-9A-Z]{4}){3})(?![0-9A-Z]))")
_WHOLE_LINE = re.compile(r"^\s*[0-9A-Z]{1,4}(?: [0-9A-Z]{4}){2,6}\s*$")
_CLAIM_LINK = re.compile(r"/(?:claim|k)/([A-Za-z0-9_-]{20,200})")
_AROUND_DASH = re.compile(r"\s*-\s*")
_SEPARATORS = re.compile(r"[\s-]")
_DASH = "Pd"
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_GROUPS_WITH_DIGIT_MIN = 2
"""Four words of four letters are no code; a code typed in groups has digits in most of them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one code of a text.

    Attributes:
        kind: ``right``, ``slip`` (the check symbol does not fit), ``unusable``, ``told`` (it
            was right once; ``text`` says what became of it), or ``nothing`` for a text without one.
        text: the code as it was read, in groups; empty for ``right``, which is now in the session.
    """

    kind: str
    text: str = ""


def codes_in(text: str) -> list[str]:
    """Return every run of a text that has the shape of a code, once each, at most as many as one order takes.

    Capitals, groups, spaces and any dash are forgiven; words of a message between the codes are passed over. Codes of
    another length are found by their check symbol, with dashes or without, or with spaces on a line of their own; a
    short text in which nothing has the shape of a code is taken as one.
    """
    others, rest = _taken_out(_folded(text[:TEXT_LENGTH_MAX]))
    plain = rest.strip()
    tight = [run for run in _TIGHT.findall(plain) if _has_digit(run) or run == plain]
    runs = others + tight + _loose_runs(_TIGHT.sub("-", plain), alone=plain)
    if not runs and _may_be_one(plain):
        runs = [plain]
    return list(dict.fromkeys(_normal(run) for run in runs))[:PROVED_CODES_MAX]


def _folded(text: str) -> str:
    """Return a text in capitals, every dash as the same one and nothing around it."""
    capitals = unicodedata.normalize("NFKC", text).upper()
    dashed = "".join("-" if unicodedata.category(symbol) == _DASH else symbol for symbol in capitals)
    return _AROUND_DASH.sub("-", dashed)


def _may_be_one(text: str) -> bool:
    """Tell whether a text without the shape of a code may still be one: a single word, neither short nor long."""
    return " " not in text and CODE_LENGTH_MIN <= len(text.replace("-", "")) <= ALONE_LENGTH_MAX


def _taken_out(text: str) -> tuple[list[str], str]:
    """Return the runs of a text that are codes of another length than usual, and the text without them."""
    found: list[str] = []

    def take(match: re.Match[str]) -> str:
        code = _normal(match[0])
        if len(code) == CODE_SYMBOLS or not _has_digit(code) or not is_right(code):
            return match[0]
        found.append(match[0])
        return "\n"

    lines = [_WHOLE_LINE.sub(take, line) for line in text.splitlines()]
    return found, _OF_ANY_LENGTH.sub(take, "\n".join(lines))


def _loose_runs(text: str, *, alone: str) -> list[str]:
    """Return runs of groups with spaces between; of those that overlap the one that checks out, else the first."""
    likely = [match for match in _LOOSE.finditer(text) if match[1] == alone or _looks_like_code(match[1])]
    chosen: dict[int, str] = {}
    for match in sorted(likely, key=lambda match: not is_right(_normal(match[1]))):
        if all(abs(match.start() - start) >= len(match[1]) for start in chosen):
            chosen[match.start()] = match[1]
    return [chosen[start] for start in sorted(chosen)]


def _normal(run: str) -> str:
    """Return a run without its separators, look-alikes as the symbols they stand for."""
    return _SEPARATORS.sub("", run).translate(_LOOK_ALIKES)


def _has_digit(run: str) -> bool:
    """Tell a run that is likely a code from a word of as many letters."""
    return any(symbol.isdigit() for symbol in run)


def _looks_like_code(run: str) -> bool:
    """Tell a code in groups from words of four letters: it has a digit and checks out, or most groups have one."""
    with_digit = sum(_has_digit(group) for group in run.split(" "))
    return with_digit > _GROUPS_WITH_DIGIT_MIN or (with_digit > 0 and is_right(_normal(run)))


def is_right(code: str) -> bool:
    """Tell whether the check symbol fits; nothing is looked up."""
    try:
        return normal_form(code) == code
    except CodeMistyped:
        return False


def claim_token_in(text: str) -> str:
    """Return the token of a claim link that was pasted instead of a code, or an empty text."""
    found = _CLAIM_LINK.search(text[:TEXT_LENGTH_MAX])
    return found[1] if found else ""


def enter_codes(visitor: Visitor, text: str) -> list[Answer]:
    """Check every code of ``text`` and keep the right ones in the visitor's session, which is opened if need be.

    Each code is a try: after too many wrong ones the rest of the text is not looked at. The right ones are kept first.

    Raises:
        RateLimited: too many wrong codes from here, before or in this text.
        ProofNeeded: the visitor is a stranger, and the whole site is being guessed at.
    """
    now, caller, codes = present(), visitor.caller(), codes_in(text)
    with read_session() as session:
        standing = require_guesses_left(session, caller=caller, now=now)
    if visitor.sign_in is None:
        require_proof(standing, text=text, tries=len(codes))
    answers: list[Answer] = []
    right: list[Code] = []
    try:
        for code in codes:
            answer, found = _check(visitor, code, now)
            answers.append(answer)
            right += found
    finally:
        _keep(visitor, right, now)
    return answers or [Answer("nothing")]


def _keep(visitor: Visitor, right: Sequence[Code], now: datetime) -> None:
    """Keep codes in the visitor's session, and show the rest of this answer to whoever knows them."""
    if not right:
        return
    sign_in = transact(lambda session: admit_codes(session, visitor=visitor, codes=right, now=now))
    known = dict.fromkeys((*visitor.code_ids, *(code.public_id for code in right)))
    see_as(replace(visitor, sign_in=sign_in, code_ids=tuple(known)))


def admit_codes(session: Session, *, visitor: Visitor, codes: Sequence[Code], now: datetime) -> SignInSession:
    """Keep proved codes in the visitor's session, which is returned; somebody without one becomes a guest."""
    sign_in = visitor.sign_in or _open_guest(session, visitor, now).sign_in
    for code in codes:
        prove_code(session, session_id=sign_in.id, code_public_id=code.public_id, now=now)
    return sign_in


def _check(visitor: Visitor, code: str, now: datetime) -> tuple[Answer, list[Code]]:
    """Look one code up without writing; a wrong one is then counted in a transaction of its own.

    Raises:
        RateLimited: the wrong ones before it were too many.
    """
    try:
        with read_session() as session:
            require_guesses_left(session, caller=visitor.caller(), now=now)
            entered = check_code(
                session, text=code, vault=current_services().vault, now=now, program_id=visitor.program.id
            )
    except CodeMistyped:
        return Answer("slip", grouped(code)), []
    except CodeNotUsable as refusal:
        _count(visitor, refusal, now)
        return Answer("unusable", grouped(code)), []
    except CodeReplaced as refusal:
        return Answer("told", refusal_detail(refusal)), []
    return Answer("right"), [entered.code]


def _count(visitor: Visitor, wrong: Refusal, now: datetime) -> None:
    """Count a wrong code against whoever typed it."""
    caller = visitor.caller()
    transact(lambda session: record_guess(session, wrong, caller=caller, now=now))


def _open_guest(session: Session, visitor: Visitor, now: datetime) -> OpenedSession:
    """Open a guest's session and give the browser its token."""
    opened = open_session(
        session,
        kind=SessionKind.GUEST,
        organization_id=visitor.program.organization_id,
        program_id=visitor.program.id,
        user_agent=request.user_agent.string,
        now=now,
    )
    keep_session(shop_cookie(visitor.program), opened)
    return opened
