"""What can be wrong with a message: named facts."""

from rewards_service.kit.errors import Conflict, FieldProblem, NotFound, ValidationFailed


class MessageNotFound(NotFound):
    """The organization has no such message."""

    title = "There is no such message"


class MessageNotResendable(Conflict):
    """It is still under way, its words were wiped, or its recipient complained about it."""

    code = "message_not_resendable"
    title = "This message cannot be sent again"


class RecipientUnusable(ValidationFailed):
    """The recipient is no address, or no telephone number in international notation."""

    code = "recipient_unusable"
    title = "Nothing can be sent to this recipient"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, problems=(FieldProblem("/to", "recipient_unusable", reason),))


class TextUnusable(ValidationFailed):
    """What a message is to show has a line break, a control character, or a sign that turns the writing around."""

    code = "text_unusable"
    title = "This text cannot stand in a message"

    def __init__(self, field: str) -> None:
        message = "Line breaks, control characters and signs that turn the writing around cannot stand here."
        super().__init__(message, problems=(FieldProblem(f"/{field}", "text_unusable", message),))


class MessageContextError(ValueError):
    """A message was filed without what its kind needs: a slip in the program."""
