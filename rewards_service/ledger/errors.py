"""What the books refuse."""

from rewards_service.kit.errors import Conflict, ValidationFailed


class InsufficientValue(Conflict):
    """A holder has less than was to be taken; ``params["account_id"]`` says which."""

    code = "insufficient_value"
    title = "There is not enough value"


class BalanceTooLarge(Conflict):
    """A holder would have more than the books keep in one place; ``params["account_id"]`` says which."""

    code = "limit_exceeded"
    title = "This is more than one holder can have"


class HoldAlreadyResolved(Conflict):
    """The value was captured or given back before; a hold is resolved once."""

    code = "hold_already_resolved"
    title = "This was already settled"


class CaptureExceedsHold(Conflict):
    """More was to be captured than is held."""

    code = "capture_exceeds_hold"
    title = "More cannot be taken than was set aside"


class RefundExceedsCapture(Conflict):
    """More was to be given back than had been taken and not yet given back."""

    code = "refund_exceeds_capture"
    title = "More cannot be given back than was taken"


class MirrorOverdraws(Conflict):
    """The entry cannot be mirrored because its value was moved or spent since; take it back with a cancellation."""

    code = "mirror_overdraws"
    title = "This value has been used since"


class NotMirrorable(Conflict):
    """The entry is a step of an order or a mirror itself; it is undone by a void or a refund."""

    code = "not_mirrorable"
    title = "This entry is undone another way"


class AlreadyPosted(Conflict):
    """The same business fact is in the books already."""

    code = "already_posted"
    title = "This is in the books already"


class UnitsNotPositive(ValidationFailed):
    """A value to move is zero, negative or a fraction, or larger than the books keep."""

    code = "units_not_positive"
    title = "A value is a whole number above zero"


class MoveToItself(ValidationFailed):
    """Value was to move within one holder, or through one that gives and takes at once."""

    code = "move_to_itself"
    title = "Value moves from one holder to another"


class BudgetExhausted(Conflict):
    """The budget has less left than the award costs: a hard stop."""

    code = "limit_exceeded"
    title = "The budget does not cover this"
