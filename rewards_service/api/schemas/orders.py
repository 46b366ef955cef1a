"""Quotes and orders."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, validates_schema

from rewards_service.api.fields import Day, Described, Email, Flag, Moment, Phone, Text, Whole
from rewards_service.api.schemas.base import Input, Output, many, part, parts, reference
from rewards_service.api.schemas.codes import MaybeReasonIn, entered_code
from rewards_service.api.sentences import NOT_AN_OBJECT, Said, refuse_fields
from rewards_service.orders.policy import (
    DETAILS_LENGTH_MAX,
    EXTERNAL_ID_LENGTH_MAX,
    REASON_LENGTH_MAX,
    TENDERS_CODES_MAX,
    TENDERS_WALLETS_MAX,
    UNITS_MAX,
    WANTED_LINES_MAX,
)

ONE_PAYER = Said("one_of", "Name exactly one of wallet_id and code.")
UNUSABLE = Said("unusable", f"Use plain JSON values of at most {DETAILS_LENGTH_MAX} characters in all.")


class Details(Described):
    """What the kind of an item asks its buyer: a JSON object, understood by that kind."""

    facts: ClassVar[Mapping[str, object]] = {"type": "object", "additionalProperties": True}
    sample: ClassVar[object] = {}

    def read(self, value: object) -> dict[str, Any]:
        """Return the object."""
        if not isinstance(value, dict):
            raise ValidationError(NOT_AN_OBJECT)
        try:
            length = len(json.dumps(value, ensure_ascii=False).encode())
        except UnicodeEncodeError as error:
            raise ValidationError(UNUSABLE) from error
        if length > DETAILS_LENGTH_MAX:
            raise ValidationError(UNUSABLE)
        return value


class LineIn(Input):
    """So many of an item in one face value."""

    item_id = reference("", required=True, example="itm_01kahx8s3e5r7t9v1w3x5z7b9d")
    face_value_minor = Whole("In the smallest unit of the item's currency.", required=True, example=2_500)
    quantity = Whole("Each becomes a line of its own.", maximum=UNITS_MAX, load_default=1)
    details = Details("What the item's kind asks; gift cards ask nothing.")


class TenderIn(Input):
    """What pays: a wallet or a code, perhaps only a part of it."""

    LEFT_OUT_OF_EXAMPLE: ClassVar[frozenset[str]] = frozenset({"code", "units"})

    wallet_id = reference("A wallet of the program.", example="wal_01kahx8s3e5r7t9v1w3x5z7b9d")
    code = entered_code("A code as it was typed.", required=False)
    units = Whole("At most so much of it; without it, whatever it takes.", example=1_000)

    @validates_schema
    def _one_payer(self, data: dict[str, Any], **_: object) -> None:
        """Refuse neither and both."""
        if ("wallet_id" in data) == ("code" in data):
            refuse_fields(ONE_PAYER, "wallet_id", "code")


class RecipientIn(Input):
    """Who is told when the reward is ready; without an address it is only shown."""

    name = Text("How messages address the person.", example="Ana Soto")
    email = Email()
    phone = Phone("In international notation.")
    locale = Text("Language of the message.", length_max=20, pattern="^[A-Za-z0-9_-]+$", example="es")


TENDERS_MAX = TENDERS_CODES_MAX + TENDERS_WALLETS_MAX


class QuoteIn(Input):
    """What is wanted, and perhaps what would pay."""

    program_id = reference("The program; not needed with a key of one program.", example="partners-2027")
    lines = many(part(LineIn), "What is wanted.", most=WANTED_LINES_MAX)
    tenders = many(part(TenderIn), "What would pay.", most=TENDERS_MAX, required=False)


class NewOrder(Input):
    """An order to place."""

    program_id = reference("The program; not needed with a key of one program.", example="partners-2027")
    external_id = Text(
        "Your own id: the same id with the same content is the same order.",
        length_max=EXTERNAL_ID_LENGTH_MAX,
        required=True,
        example="shop-4711",
    )
    lines = many(part(LineIn), "What is wanted.", most=WANTED_LINES_MAX)
    tenders = many(part(TenderIn), "What pays, soonest expiry first, whatever the order here.", most=TENDERS_MAX)
    recipient = part(RecipientIn)


class CancelIn(Input):
    """Why, if there is a reason to keep."""

    reason = Text("Kept in the order's timeline.", length_max=REASON_LENGTH_MAX, example="Ordered twice")


class RefundIn(MaybeReasonIn):
    """Why, and how much."""

    face_value_minor = Whole("A part of the line's face value; without it, all that is left.", example=1_000)


class QuotedLineOut(Output):
    """What one wanted line would cost, in the program's points."""

    item_id = Text(example="itm_01kahx8s3e5r7t9v1w3x5z7b9d")
    title = Text(example="Morning Roast gift card")
    face_value_minor = Whole(example=2_500)
    currency = Text(example="EUR")
    quantity = Whole(example=1)
    price_units = Whole("Of one.", example=2_500)
    total_units = Whole("Of all.", example=2_500)
    is_rounded = Flag("Whether the price of one was rounded up to a whole unit.", example=False)


class QuotedTenderOut(Output):
    """What a wallet or code would pay, and what it would have left."""

    wallet_id = Text(allow_none=True, example="wal_01kahx8s3e5r7t9v1w3x5z7b9d")
    code_id = Text(allow_none=True, example="cod_01kahx8s3e5r7t9v1w3x5z7b9d")
    last4 = Text("Of a code.", attribute="code_ending", allow_none=True, example="RBN3")
    unit = Text(example="PTS")
    units = Whole(attribute="used_units", minimum=0, example=2_500)
    left_units = Whole(minimum=0, example=9_980)
    expires_at = Moment("When the first of it ends; null: never.", allow_none=True)


class QuoteOut(Output):
    """What an order would cost now."""

    unit = Text("The one unit of the tenders, else the program's points.", example="PTS")
    total_units = Whole(example=2_500)
    missing_units = Whole("What the tenders do not cover.", minimum=0, example=0)
    is_covered = Flag("Whether the tenders would pay for everything.")
    rate_units = Whole("So many points …", example=100)
    rate_minor = Whole("… are worth so many smallest units of the program's currency.", example=100)
    lines = parts(QuotedLineOut)
    tenders = parts(QuotedTenderOut, "In the order of use.")


class TenderOut(Output):
    """What a wallet or code paid."""

    wallet_id = Text(allow_none=True, example="wal_01kahx8s3e5r7t9v1w3x5z7b9d")
    code_id = Text(allow_none=True, example="cod_01kahx8s3e5r7t9v1w3x5z7b9d")
    last4 = Text("Of a code.", attribute="code_ending", allow_none=True, example="RBN3")
    unit = Text(example="PTS")
    units = Whole(example=2_500)
    returned_units = Whole("What went back to it since.", minimum=0, example=0)


class LineOut(Output):
    """One unit of one item, as it was agreed."""

    number = Whole(example=1)
    item_id = Text(example="itm_01kahx8s3e5r7t9v1w3x5z7b9d")
    kind = Text(example="gift_card")
    title = Text(example="Morning Roast gift card")
    face_value_minor = Whole(example=2_500)
    currency = Text(example="EUR")
    price_units = Whole(example=2_500)
    unit = Text(example="PTS")
    rate_units = Whole("So many points …", example=100)
    rate_minor = Whole("… were worth so many smallest units of the program's currency.", example=100)
    details = Details()
    state = Text("held, issuing, issued, uncertain, refunded, failed or cancelled.", example="issued")
    state_reason = Text("Why it failed or was cancelled.", allow_none=True, example="out_of_stock")
    refunded_face_value_minor = Whole(attribute="refunded_face_minor", minimum=0, example=0)
    revealed_at = Moment("When its secrets were first shown.", allow_none=True)
    tenders = parts(TenderOut)


class EventOut(Output):
    """One thing that happened."""

    at = Moment()
    actor = Text("Kind and reference of who did it.", example="job:fulfillment.fulfil_line")
    event = Text(example="line_issued")
    line = Whole("Which line it is about.", attribute="line_number", allow_none=True, example=1)
    detail = Details("Counts, codes and reasons.")


class OrderOut(Output):
    """An order."""

    id = Text(attribute="public_id", example="ord_01kahx8s3e5r7t9v1w3x5z7b9d")
    program_id = Text(attribute="program_reference", example="prg_01kahx8s3e5r7t9v1w3x5z7b9d")
    external_id = Text(attribute="external_id", example="shop-4711")
    member_id = Text(
        "Null: a guest.", attribute="member_reference", allow_none=True, example="mem_01kahx8s3e5r7t9v1w3x5z7b9d"
    )
    state = Text(
        "pending_approval, processing, complete, partial, failed or cancelled.",
        attribute="state",
        example="complete",
    )
    total_units = Whole(attribute="total_units", example=2_500)
    unit = Text(attribute="unit", example="PTS")
    lines = parts(LineOut, attribute="lines")
    tenders = parts(TenderOut, "Over all lines, in the order of use.", attribute="tenders")
    timeline = parts(EventOut, "Oldest first.", attribute="timeline")
    placed_at = Moment(attribute="placed_at")


class CredentialsOut(Output):
    """What opens a gift card at its shop."""

    number = Text(example="6036280012345678903")
    pin = Text(allow_none=True, example="4711")
    face_value_minor = Whole(example=2_500)
    currency = Text(example="EUR")
    expires_on = Day("The last day it may be used; null: it does not end.", allow_none=True)
    barcode_type = Text("How the number is drawn for a till.", example="code128")
