"""Stored answers: a request with a key has one effect and one answer, however often it is sent.

Invariants: the answer is stored in the transaction of the effect; a repeat with the same content gets the same bytes;
a repeat with other content is refused; what failed without a business reason is not stored, so a retry completes it.
An answer that holds a secret is sealed and loses it after a day, or with the secret itself.

``answer_once`` is for the edges that take requests; ``wipe_answers`` for features that wipe secrets.
"""

from rewards_service.kit.idempotency.answers import (
    Answer,
    AnswerSecret,
    KeyedRequest,
    answer_once,
    purge_answers,
    wipe_answers,
)
from rewards_service.kit.idempotency.errors import (
    IdempotencyInProgress,
    IdempotencyKeyMissing,
    IdempotencyKeyUnusable,
    IdempotencyMismatch,
)
from rewards_service.kit.idempotency.keys import new_key, read_key

__all__ = [
    "Answer",
    "AnswerSecret",
    "IdempotencyInProgress",
    "IdempotencyKeyMissing",
    "IdempotencyKeyUnusable",
    "IdempotencyMismatch",
    "KeyedRequest",
    "answer_once",
    "new_key",
    "purge_answers",
    "read_key",
    "wipe_answers",
]
