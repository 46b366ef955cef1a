"""How a program's codes look and how long they last: said once, for all codes issued from then on."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.codes.errors import ShortCodeWorthTooMuch
from rewards_service.codes.format import ALPHABET, BITS_PER_SYMBOL
from rewards_service.codes.generation import spells_banned_word
from rewards_service.codes.shortness import has_codes_worth_much
from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import record_audit
from rewards_service.kit.errors import FieldProblem, ValidationFailed
from rewards_service.programs.models import Program
from rewards_service.programs.policy import (
    CODE_PREFIX_MAX,
    CODE_PREFIX_MIN,
    CODE_SYMBOLS_DEFAULT,
    CODE_SYMBOLS_MAX,
    CODE_SYMBOLS_MIN,
)

DAYS_MAX = 36_500


@dataclass(frozen=True, slots=True)
class CodeSettings:
    """What a program says of its codes.

    Attributes:
        prefix: what each begins with, not counted in ``symbols``; empty: nothing.
        symbols: the length, of which the last symbol checks the others.
        days: how long codes issued without an end can be spent; none: for ever.
        copy_days: how long after its first use a code can still be sent again.
    """

    prefix: str
    symbols: int
    days: int | None
    copy_days: int

    @property
    def bits(self) -> int:
        """How many random bits somebody who guesses has to find."""
        return (self.symbols - 1) * BITS_PER_SYMBOL


class CodeSettingsUnusable(ValidationFailed):
    """Codes like these would be too easy to guess, could not be typed, or would say what nobody wants to read."""

    code = "code_settings_unusable"
    title = "Codes cannot be like this"


def code_settings(program: Program) -> CodeSettings:
    """Return what a program says of its codes."""
    return CodeSettings(program.code_prefix, program.code_symbols, program.code_days, program.code_copy_days)


def set_code_settings(
    session: Session,
    *,
    program: Program,
    settings: CodeSettings,
    actor: Actor,
    now: datetime,
    are_short_codes_meant: bool = False,
) -> None:
    """Let codes issued from now on be like this; those that exist stay as they are and are accepted as before.

    Raises:
        CodeSettingsUnusable: names each setting that cannot be; fewer symbols than usual have to be meant, and do not
            go with codes that are worth much.
    """
    shortest = CODE_SYMBOLS_MIN if are_short_codes_meant else min(program.code_symbols, CODE_SYMBOLS_DEFAULT)
    problems = [problem for problem in (_of_prefix(settings), _of_symbols(settings, shortest=shortest)) if problem]
    problems += _of_days(settings)
    problems += _of_worth(session, program=program, settings=settings, now=now)
    if problems:
        raise CodeSettingsUnusable(problems=tuple(problems))
    program.code_prefix, program.code_symbols = settings.prefix, settings.symbols
    program.code_days, program.code_copy_days = settings.days, settings.copy_days
    session.flush()
    record_audit(
        session,
        organization_id=program.organization_id,
        actor=actor,
        action="program.codes_set",
        object_type="program",
        object_id=program.public_id,
        now=now,
        detail=asdict(settings),
    )


def _of_prefix(settings: CodeSettings) -> FieldProblem | None:
    """Return what is wrong with the prefix, if anything: it is typed with the code, so it is of the same letters."""
    prefix = settings.prefix
    letters = [symbol for symbol in ALPHABET if symbol.isalpha()]
    is_long_enough = not prefix or CODE_PREFIX_MIN <= len(prefix) <= CODE_PREFIX_MAX
    if is_long_enough and all(symbol in letters for symbol in prefix) and not spells_banned_word(prefix):
        return None
    message = "Two to four capital letters that spell nothing rude; none of I, L, O and U."
    return FieldProblem("/prefix", "prefix_unusable", message)


def _of_symbols(settings: CodeSettings, *, shortest: int) -> FieldProblem | None:
    """Return what is wrong with the length, if anything."""
    if shortest <= settings.symbols <= CODE_SYMBOLS_MAX:
        return None
    return FieldProblem("/symbols", "symbols_unusable", "12 to 24; fewer than 16 have to be meant.")


def _of_worth(session: Session, *, program: Program, settings: CodeSettings, now: datetime) -> list[FieldProblem]:
    """Return what is wrong with shorter codes, if anything: the program's are worth too much."""
    is_shortened = settings.symbols < min(program.code_symbols, CODE_SYMBOLS_DEFAULT)
    if not is_shortened or not has_codes_worth_much(session, program=program, now=now):
        return []
    return [FieldProblem("/symbols", ShortCodeWorthTooMuch.code, "The program has codes that are worth too much.")]


def _of_days(settings: CodeSettings) -> list[FieldProblem]:
    """Return what is wrong with the two lifetimes."""
    found = (
        ("/days", settings.days is None or 0 < settings.days <= DAYS_MAX),
        ("/copy_days", 0 <= settings.copy_days <= DAYS_MAX),
    )
    return [FieldProblem(at, "days_unusable", "A number of days.") for at, is_usable in found if not is_usable]
