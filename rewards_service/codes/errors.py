"""What codes refuse, and why."""

from rewards_service.kit.errors import Conflict, NotFound, ValidationFailed


class CodeMistyped(ValidationFailed):
    """The text is no code: a wrong symbol, length or check symbol. Nothing was looked up, so it is no guess."""

    code = "code_mistyped"
    title = "Please check the code; one symbol does not fit"


class CodeNotUsable(NotFound):
    """There is no such code for this caller: unknown, expired, blocked, spent or foreign, all alike.

    ``is_known`` is for counting alone and told to nobody: whoever sent the code did not make it up.
    """

    code = "code_not_usable"
    title = "This code cannot be used"

    def __init__(self, *, is_known: bool = False) -> None:
        super().__init__()
        self.is_known = is_known


class CodeAlreadySpent(Conflict):
    """The code has nothing left; said only to somebody who has shown that it is his."""

    code = "code_already_spent"
    title = "This code has been used up"


class CodeReplaced(Conflict):
    """The code was right once; its value has gone into another code, of which the old one says no more."""

    code = "code_replaced"
    title = "This code was replaced by another one"


class CodeRepeated(ValidationFailed):
    """The same code stands twice in one request."""

    code = "code_repeated"
    title = "The same code was entered twice"


class TooManyCodes(Conflict):
    """More codes than one request may combine; ``params["limit"]`` says how many."""

    code = "limit_exceeded"
    title = "These are too many codes at once"


class CodeInUse(Conflict):
    """Part of the code's value is set aside for an order that is not settled yet."""

    code = "code_in_use"
    title = "Part of this code is reserved for an order"


class CodeStateRefused(Conflict):
    """The code's state does not allow this; ``params["state"]`` says which it is. For the issuer only."""

    code = "code_state_refused"
    title = "The state of this code does not allow that"


class PartsDoNotAddUp(ValidationFailed):
    """The parts of a split are not what the code holds."""

    code = "parts_do_not_add_up"
    title = "The parts must add up to the value of the code"


class ShortCodeWorthTooMuch(ValidationFailed):
    """The program's codes are shorter than usual, and the value is too much for a code that is easier to guess."""

    code = "short_code_worth_too_much"
    title = "Codes as short as this may not be worth so much"


class ExpiryNotAhead(ValidationFailed):
    """An expiry lies in the past, or does not extend what there is."""

    code = "expiry_not_ahead"
    title = "The date must lie ahead"


class CodeNotRecoverable(Conflict):
    """No recoverable copy of the code is kept; it can only be reissued."""

    code = "code_not_recoverable"
    title = "This code is not kept in a readable form"


class ClaimLinkNotUsable(NotFound):
    """There is no such link, it was revoked, it is too old, or its code is gone: all alike."""

    code = "claim_link_not_usable"
    title = "This link cannot be used"


class BatchNotFound(NotFound):
    """The organization has no such batch."""

    title = "There is no such batch"


class BatchConflicts(Conflict):
    """A batch of that external id exists, and it is another one."""

    code = "external_id_conflict"
    title = "This reference is taken by something else"
