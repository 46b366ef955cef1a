"""Work that a stranger's browser does for each try while codes of the whole site are being guessed; nobody is shut out.

A task is signed for the very text that was typed, so an answer is worth nothing for another text and nothing is stored.
Whoever has a session, or comes by a link, is never asked.
"""

import hashlib
from datetime import timedelta

from flask import request

from rewards_service.kit.errors import Refusal
from rewards_service.kit.services import current_services
from rewards_service.kit.signing import TokenExpired, TokenForged
from rewards_service.kit.throttle import SiteStanding
from rewards_service.web.context import present

PURPOSE = "proof-of-work"
PROOF_BITS = 16
"""A second or two of a telephone for one code; as many times as much for a text of several, so each guess is paid."""
PROOF_LIFETIME = timedelta(minutes=10)
ANSWER_LENGTH_MAX = 20


class ProofNeeded(Refusal):
    """Too many codes are being guessed at, by whomever; the browser must work a moment before this one is looked at."""

    status = 428
    code = "proof_needed"
    title = "One moment, please"

    def __init__(self, text: str, *, tries: int) -> None:
        super().__init__(
            "Somebody is guessing codes here, so your browser does a small sum first. Nothing is lost, and your code "
            "is not locked."
        )
        self.task = proof_task(text)
        self.extra_bits = extra_bits(tries)


def proof_task(text: str) -> str:
    """Return the task for looking at ``text``: find what to put behind it so that its hash begins with zero bits."""
    return current_services().signer.sign(PURPOSE, _digest(text), now=present())


def extra_bits(tries: int) -> int:
    """Return the bits beside ``PROOF_BITS`` that make the work for so many codes at least as many times as much."""
    return max(0, tries - 1).bit_length()


def require_proof(standing: SiteStanding, *, text: str, tries: int = 1) -> None:
    """Let a stranger's ``text`` of so many codes through if nobody is guessing, or if the form solves its task.

    Raises:
        ProofNeeded: with a new task.
    """
    if standing.needs_proof and not _is_proved(text, tries=tries):
        raise ProofNeeded(text, tries=tries)


def solves(task: str, answer: str, *, tries: int = 1) -> bool:
    """Tell whether ``answer`` makes the hash of a task begin with enough zero bits for so many codes."""
    digest = hashlib.sha256(f"{task}.{answer}".encode()).digest()
    return int.from_bytes(digest) >> (len(digest) * 8 - PROOF_BITS - extra_bits(tries)) == 0


def _is_proved(text: str, *, tries: int) -> bool:
    """Tell whether the request's form solves a fresh task of ours for ``text``."""
    task, answer = request.form.get("proof_task", ""), request.form.get("proof_answer", "")
    try:
        subject = current_services().signer.read(PURPOSE, task, max_age=PROOF_LIFETIME, now=present())
    except (TokenForged, TokenExpired):
        return False
    return subject == _digest(text) and len(answer) <= ANSWER_LENGTH_MAX and solves(task, answer, tries=tries)


def _digest(text: str) -> str:
    """Return what a task says of a text; line ends and outer spaces are the browser's affair."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
