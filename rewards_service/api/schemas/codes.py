"""Codes and batches of them."""

from typing import Any

from marshmallow import validates_schema

from rewards_service.api.fields import Choice, Flag, Moment, Text, Whole
from rewards_service.api.schemas.base import Input, Output, many, part, parts, reference
from rewards_service.api.sentences import REQUIRED, Said, refuse_fields
from rewards_service.codes.policy import BATCH_CODES_MAX, CODES_PER_MERGE_MAX, SPLIT_PARTS_MAX, SPLIT_PARTS_MIN
from rewards_service.delivery.policy import Channel

CODE_EXAMPLE = "7K3Q-H2M9-XW4T-RBN3"
CODE_LENGTH_MAX = 200
NOWHERE = "none"
NO_REASON = "No reason given"
NOT_NEEDED = Said("not_needed", "Nothing is sent, so leave this out.")


TYPED = "As it was typed: spaces, dashes, case and O or 0 do not matter."


def entered_code(about: str = TYPED, *, required: bool = True) -> Text:
    """Return a field for a code that somebody entered; what is wrong with its symbols is for the codes to say."""
    return Text(about, length_max=CODE_LENGTH_MAX, pattern=r"^[^\x00]+$", required=required, example=CODE_EXAMPLE)


class Deliver(Input):
    """Whether a message takes the code to somebody; it holds a link, not the code."""

    channel = Choice((*(channel.value for channel in Channel), NOWHERE), "How.", required=True)
    to = Text("Email address or telephone number.", length_max=254, example="ana@example.com")

    @validates_schema
    def _has_recipient(self, data: dict[str, Any], **_: object) -> None:
        """Refuse a message to nobody, and somebody without a message."""
        if (data["channel"] == NOWHERE) == ("to" in data):
            refuse_fields(NOT_NEEDED if "to" in data else REQUIRED, "to")


class NewCodeIn(Input):
    """A code to issue."""

    program_id = reference("The program; not needed with a key of one program.", example="partners-2027")
    value_units = Whole("What it is worth, in smallest units.", required=True, example=5_000)
    unit = Text("The program's points (the default) or its currency.", length_max=12, example="EUR")
    expires_at = Moment(
        "When it ends; without it, after the days that the program gives its codes; where it gives none, never."
    )
    deliver = part(Deliver)


class CodeIn(Input):
    """A code that somebody entered."""

    code = entered_code()


class ClaimIn(Input):
    """A code, and the wallet that its value goes to."""

    code = entered_code()
    wallet_id = reference("Of the same program and unit.", required=True, example="wal_01kahx8s3e5r7t9v1w3x5z7b9d")


class SplitIn(Input):
    """A code, and the values of the codes that take its place."""

    code = entered_code()
    parts_units = many(
        Whole(example=2_500), "They add up to what the code holds.", least=SPLIT_PARTS_MIN, most=SPLIT_PARTS_MAX
    )


class MergeIn(Input):
    """Codes to put together."""

    codes = many(entered_code(), "Of one program and unit.", least=2, most=CODES_PER_MERGE_MAX)


class ReasonIn(Input):
    """Why."""

    reason = Text("Kept in the audit trail.", required=True, example="Sent to the wrong address")


class MaybeReasonIn(Input):
    """Why, if there is a reason to keep."""

    reason = Text("Kept in the audit trail.", load_default=NO_REASON, example="Sent to the wrong address")


class ExtendIn(MaybeReasonIn):
    """Until when, and why."""

    expires_at = Moment("The new end of everything it holds.", required=True)


class ReissueIn(MaybeReasonIn):
    """Why, and whether a message takes the new code to somebody."""

    deliver = part(Deliver)


class CodeFacts(Output):
    """What every answer about one code says."""

    id = Text(attribute="code.public_id", example="cod_01kahx8s3e5r7t9v1w3x5z7b9d")
    program_id = Text(attribute="program.public_id", example="prg_01kahx8s3e5r7t9v1w3x5z7b9d")
    last4 = Text("All that is shown of it later.", attribute="code.last4", example="RBN3")
    value_units = Whole("What it was worth when it was made.", attribute="code.value_units", example=5_000)
    unit = Text(attribute="unit.api_name", example="EUR")
    expires_at = Moment("Null: never.", attribute="code.expires_at", allow_none=True)
    created_at = Moment(attribute="code.created_at")


class CodeOut(CodeFacts):
    """A code as its issuer sees it."""

    state = Text("active, blocked, claimed, exhausted, expired or replaced.", attribute="view.state", example="active")
    balance_units = Whole("What can be spent now.", attribute="view.value.usable_units", minimum=0, example=5_000)
    held_units = Whole(
        "Set aside for orders that are not settled.", attribute="view.value.held_units", minimum=0, example=0
    )


class IssuedCode(CodeFacts):
    """A new code, shown this once."""

    code = Text("Null in a repeat after it was wiped.", attribute="text", allow_none=True, example=CODE_EXAMPLE)
    code_wiped = Flag("Whether this is such a repeat.", attribute="is_wiped", example=False)
    message_id = Text(
        "The message that takes it to somebody.",
        attribute="message_id",
        allow_none=True,
        example="msg_01kahx8s3e5r7t9v1w3x5z7b9d",
    )


class IssuedCodes(Output):
    """The codes that took the place of one."""

    codes = parts(IssuedCode)


class CheckedCode(Output):
    """What a code is worth."""

    status = Text("Always active: about any other code nothing is said.", example="active")
    balance_units = Whole(example=5_000)
    unit = Text(example="EUR")
    expires_at = Moment("When the first of it ends; null: never.", allow_none=True)


class Claimed(Output):
    """What a wallet got."""

    wallet_id = Text(example="wal_01kahx8s3e5r7t9v1w3x5z7b9d")
    claimed_units = Whole(example=5_000)
    balance_units = Whole("What the wallet can spend now.", example=17_480)
    unit = Text(example="EUR")


class NewBatch(Input):
    """Many codes of one value."""

    program_id = reference("The program; not needed with a key of one program.", example="partners-2027")
    external_id = reference(
        "Your own id: the same id with the same content is the same batch.", required=True, example="spring-2027"
    )
    count = Whole("How many.", maximum=BATCH_CODES_MAX, required=True, example=500)
    value_units = Whole("What each is worth, in smallest units.", required=True, example=5_000)
    unit = Text("The program's points (the default) or its currency.", length_max=12, example="EUR")
    expires_at = Moment(
        "When they end; without it, after the days that the program gives its codes; where it gives none, never."
    )


class BatchOut(Output):
    """A batch, and how far it has come."""

    id = Text(attribute="batch.public_id", example="bat_01kahx8s3e5r7t9v1w3x5z7b9d")
    program_id = Text(attribute="program.public_id", example="prg_01kahx8s3e5r7t9v1w3x5z7b9d")
    external_id = Text(attribute="batch.external_id", example="spring-2027")
    state = Text("pending, running, done, dead, unknown or cancelled.", attribute="progress.state", example="running")
    total = Whole("How many codes there will be.", attribute="batch.count", example=500)
    done = Whole("How many there are.", attribute="progress.done", minimum=0, example=120)
    value_units = Whole(attribute="batch.value_units", example=5_000)
    unit = Text(attribute="unit.api_name", example="EUR")
    expires_at = Moment(attribute="batch.expires_at", allow_none=True)
    created_at = Moment(attribute="batch.created_at")
