"""What states and deeds are called in the console: a sign, a word, and nothing that only a programmer knows."""

from rewards_service.codes.policy import CodeState
from rewards_service.delivery.policy import MessageState
from rewards_service.kit.jobs import JobState
from rewards_service.web.i18n import _lazy
from rewards_service.web.shop.words import StateWords

CODES: dict[CodeState, StateWords] = {
    CodeState.ACTIVE: StateWords("success", _lazy("Can be spent")),
    CodeState.BLOCKED: StateWords("failed", _lazy("Blocked")),
    CodeState.CLAIMED: StateWords("neutral", _lazy("Moved into a wallet")),
    CodeState.EXHAUSTED: StateWords("neutral", _lazy("Used up")),
    CodeState.EXPIRED: StateWords("remark", _lazy("Expired")),
    CodeState.REPLACED: StateWords("neutral", _lazy("Replaced")),
}

MESSAGES: dict[MessageState, StateWords] = {
    MessageState.SCHEDULED: StateWords("waiting", _lazy("Scheduled")),
    MessageState.QUEUED: StateWords("waiting", _lazy("Queued")),
    MessageState.SENDING: StateWords("waiting", _lazy("Being sent")),
    MessageState.SENT: StateWords("success", _lazy("Sent")),
    MessageState.DELIVERED: StateWords("success", _lazy("Arrived")),
    MessageState.BOUNCED: StateWords("failed", _lazy("Came back")),
    MessageState.COMPLAINED: StateWords("remark", _lazy("Unwanted")),
    MessageState.FAILED: StateWords("failed", _lazy("Not sent")),
}

JOBS: dict[JobState, StateWords] = {
    JobState.PENDING: StateWords("waiting", _lazy("Waiting")),
    JobState.RUNNING: StateWords("waiting", _lazy("Running")),
    JobState.DONE: StateWords("success", _lazy("Done")),
    JobState.DEAD: StateWords("failed", _lazy("Gave up")),
    JobState.UNKNOWN: StateWords("uncertain", _lazy("Uncertain")),
    JobState.CANCELLED: StateWords("neutral", _lazy("Cancelled")),
}

MESSAGE_KINDS = {
    "sign_in": _lazy("Sign-in message"),
    "code_delivered": _lazy("A code"),
    "award_received": _lazy("Notice of points"),
    "order_ready": _lazy("Order is ready"),
    "order_failed": _lazy("Order could not be issued"),
}

JOB_NAMES = {
    "codes.issue_batch": _lazy("Issue codes"),
    "codes.wipe_copies": _lazy("Forget sealed copies of codes"),
    "delivery.send_email": _lazy("Send an email"),
    "delivery.send_sms": _lazy("Send a text message"),
    "delivery.wipe_words": _lazy("Forget the words of old messages"),
    "fulfillment.fulfil_line": _lazy("Issue what was ordered"),
    "ledger.rebase_lots": _lazy("Tidy up the books of lots"),
    "ledger.roll_days": _lazy("Add up the days of the books"),
    "upkeep.purge_answers": _lazy("Forget answers kept for repeats"),
    "upkeep.purge_failures": _lazy("Forget old wrong tries"),
    "upkeep.purge_slots": _lazy("Forget old hours of the schedule"),
    "wallets.expire_value": _lazy("Let value expire"),
}
"""What a job does; its kind is named beside it, as the log names it."""

CHANNELS = {"email": _lazy("Email"), "sms": _lazy("Text message")}

DEEDS: dict[str, StateWords] = {
    "code.issued": StateWords("success", _lazy("Code issued")),
    "code.blocked": StateWords("failed", _lazy("Blocked")),
    "code.unblocked": StateWords("success", _lazy("Unblocked")),
    "code.extended": StateWords("success", _lazy("Extended")),
    "code.reissued": StateWords("remark", _lazy("Replaced by a new code")),
    "code.claimed": StateWords("success", _lazy("Moved into a wallet")),
    "code.split": StateWords("neutral", _lazy("Split")),
    "code.merged": StateWords("neutral", _lazy("Merged")),
    "code.revealed": StateWords("remark", _lazy("Shown to staff")),
    "member.merged": StateWords("remark", _lazy("Merged into another member")),
    "member.took_over": StateWords("success", _lazy("Stands for another member too")),
    "basket.left_out": StateWords("remark", _lazy("Part of a basket was left out: one order does not take so much")),
    "order.cancelled": StateWords("neutral", _lazy("Order cancelled")),
    "order_line.revealed": StateWords("success", _lazy("Number shown")),
    "order_line.given_up": StateWords("failed", _lazy("Could not be issued")),
    "message.resent": StateWords("success", _lazy("Sent again")),
    "message.opened": StateWords("remark", _lazy("Opened in the console")),
    "job.retried": StateWords("success", _lazy("Tried again")),
    "job.cancelled": StateWords("neutral", _lazy("Dropped")),
}

ENTRIES: dict[str, StateWords] = {
    "issue": StateWords("success", _lazy("Value issued")),
    "award": StateWords("success", _lazy("Value earned")),
    "transfer": StateWords("neutral", _lazy("Value moved")),
    "hold": StateWords("neutral", _lazy("Set aside for an order")),
    "void": StateWords("neutral", _lazy("Given back from an order")),
    "refund": StateWords("neutral", _lazy("Refunded")),
    "expire": StateWords("remark", _lazy("Expired")),
    "cancel": StateWords("remark", _lazy("Taken back")),
    "adjust": StateWords("remark", _lazy("Corrected")),
    "mirror": StateWords("remark", _lazy("Reversed")),
}
