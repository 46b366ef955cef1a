"""Wallets and what happened to them."""

from rewards_service.api.fields import VALUE_MAX, Moment, Text, Whole
from rewards_service.api.schemas.base import Output, listing, part, parts
from rewards_service.api.schemas.ledger import EntrySource


class LotOut(Output):
    """A part of a balance."""

    units = Whole(example=12_480)
    expires_at = Moment("Null: never.", allow_none=True)
    source = Text(
        "What it was given for, e.g. the award.", attribute="award_ref", example="awd_01kahx8s3e5r7t9v1w3x5z7b9d"
    )
    earned_at = Moment(attribute="earned_on")


class WalletOut(Output):
    """What somebody holds."""

    id = Text(attribute="wallet.public_id", example="wal_01kahx8s3e5r7t9v1w3x5z7b9d")
    program_id = Text(attribute="program.public_id", example="prg_01kahx8s3e5r7t9v1w3x5z7b9d")
    member_id = Text(
        "Null while the value waits for an address to be proved.",
        attribute="member_id",
        allow_none=True,
        example="mem_01kahx8s3e5r7t9v1w3x5z7b9d",
    )
    unit = Text(attribute="unit.api_name", example="PTS")
    balance_units = Whole("What can be spent now.", attribute="view.balance_units", minimum=0, example=12_480)
    held_units = Whole("Set aside for orders that are not settled.", attribute="view.held_units", minimum=0, example=0)
    lots = parts(LotOut, attribute="view.lots")
    merged_into = Text(
        "The member's wallet that took this one's value over.",
        attribute="merged_into",
        allow_none=True,
        example="wal_01kahx9a1c3e5g7j9m1p3r5t7v",
    )


class EntryPart(Output):
    """The share of one part of the balance."""

    source = Text("What it was given for.", attribute="award_ref", example="awd_01kahx8s3e5r7t9v1w3x5z7b9d")
    expires_at = Moment("Null: never.", allow_none=True)
    units = Whole(minimum=-VALUE_MAX, example=12_480)


class WalletEntryOut(Output):
    """What one entry did to a wallet."""

    id = Text(attribute="reference", example="award:awd_01kahx8s3e5r7t9v1w3x5z7b9d:award")
    kind = Text("award, transfer, hold, void, refund, expire, adjust, …", attribute="line.kind", example="award")
    units = Whole("What came, or (below zero) went.", attribute="line.units", minimum=-VALUE_MAX, example=12_480)
    balance_units = Whole("The balance after it.", attribute="line.balance_units", minimum=0, example=12_480)
    unit = Text(attribute="unit", example="PTS")
    parts = parts(EntryPart, attribute="line.parts")
    source = part(EntrySource, attribute="line")
    reason = Text(attribute="line.reason", allow_none=True, example="Q3 sales target")
    recorded_at = Moment(attribute="line.recorded_at")


WalletEntryList = listing(WalletEntryOut, name="WalletEntryList")
