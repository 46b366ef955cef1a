"""What orders refuse: a name for each move that a state does not allow, and for each reason not to place one."""

from rewards_service.kit.errors import Conflict, NotFound, ValidationFailed


class OrderNotFound(NotFound):
    """There is no such order, or none that the caller may know of."""

    title = "There is no such order"


class LineNotFound(NotFound):
    """The order has no line of that number."""

    title = "The order has no such line"


class OrderConflict(Conflict):
    """The external id names another order of the program: other lines, tenders or recipient."""

    code = "external_id_conflict"
    title = "This external id is already used for another order"


class OrderNotCoverable(Conflict):
    """The tenders together have less than the order costs; ``params["missing_units"]`` says how much less."""

    code = "insufficient_value"
    title = "There is not enough value for this order"


class OrderInvalid(ValidationFailed):
    """Something about the lines, tenders or recipient cannot be used; ``problems`` names each."""

    title = "This order cannot be placed as it is"


class OrderNotCancellable(Conflict):
    """At least one line is beyond the point where an order can simply be taken back."""

    code = "order_not_cancellable"
    title = "This order can no longer be cancelled"


class OrderAlreadyCancelled(Conflict):
    """The order was cancelled, and its value went back then."""

    code = "order_already_cancelled"
    title = "This order was cancelled already"


class LineNotIssued(Conflict):
    """The line is still on its way: nothing was handed over that could be shown or given back."""

    code = "line_not_issued"
    title = "This line has not been issued yet"


class LineAlreadyIssued(Conflict):
    """The line was handed over; what is left is a refund."""

    code = "line_already_issued"
    title = "This line has been issued already"


class LineUncertain(Conflict):
    """It is not known yet whether the line was issued; its value stays set aside until that is found out."""

    code = "line_uncertain"
    title = "It is not known yet whether this line was issued"


class LineAlreadyRefunded(Conflict):
    """Everything that the line cost was given back before."""

    code = "line_already_refunded"
    title = "This line has been refunded already"


class LineHasFailed(Conflict):
    """The line could not be issued, and its value went back when that was found."""

    code = "line_has_failed"
    title = "This line could not be issued; its value was given back"


class LineAlreadyCancelled(Conflict):
    """The line was cancelled, and its value went back then."""

    code = "line_already_cancelled"
    title = "This line was cancelled already"


class RefundTooLarge(Conflict):
    """More of the line's face value was to be refunded than is left of it."""

    code = "refund_exceeds_capture"
    title = "More cannot be given back than was taken"


class RefundTooSmall(ValidationFailed):
    """The part to refund is worth less than the smallest unit of every tender."""

    code = "refund_too_small"
    title = "This part is too small to be given back"


class ReasonMissing(ValidationFailed):
    """Whoever gives value back, or looks at a secret, says why."""

    code = "reason_missing"
    title = "Please give a reason"
