"""What can be wrong with an idempotency key."""

from rewards_service.kit.errors import Conflict, FieldProblem, Refusal, ValidationFailed


class IdempotencyKeyMissing(Refusal):
    """A request that moves value came without a key."""

    status = 400
    code = "idempotency_key_missing"
    title = "This request needs an Idempotency-Key"


class IdempotencyKeyUnusable(ValidationFailed):
    """The key is too long, or holds what no header may hold."""

    def __init__(self) -> None:
        message = "A key is 1 to 255 printable ASCII characters."
        super().__init__(message, problems=(FieldProblem("/Idempotency-Key", "unusable", message),))


class IdempotencyInProgress(Conflict):
    """The first request with this key has not been answered yet: ask again with the same key."""

    code = "idempotency_in_progress"
    title = "The first request with this key is still being worked on"


class IdempotencyMismatch(ValidationFailed):
    """The key was used for a request with other content."""

    code = "idempotency_mismatch"
    title = "This key was used for another request"
