"""Entries of the books."""

from rewards_service.api.fields import Day, Moment, Text, Whole
from rewards_service.api.schemas.base import Output, PageQuery, listing, part, parts
from rewards_service.api.schemas.wallets import EntrySource


class EntriesQuery(PageQuery):
    """Which entries."""

    account = Text("Name of an account in the books.", example="Liabilities:Rewards:Partners-2027:Points")
    booked_from = Day("Booked on this day or later.", data_key="from")
    booked_until = Day("Booked on this day or before.", data_key="to")


class PostingOut(Output):
    """One movement: units move from the credited to the debited account."""

    debit_account = Text(example="Equity:Value:Partners-2027:Issued:Points")
    credit_account = Text(example="Liabilities:Value:Partners-2027:Wallet:P-1001")
    units = Whole(example=12_480)
    unit = Text("As the books call it.", attribute="unit.symbol", example="PTS")


class EntryOut(Output):
    """One business fact in the books."""

    id = Text(attribute="reference", example="award:awd_01kahx8s3e5r7t9v1w3x5z7b9d:award")
    kind = Text(attribute="entry.kind", example="award")
    source = part(EntrySource, attribute="entry")
    booked_on = Day(attribute="entry.booked_on")
    effective_on = Day("The day it is about.", attribute="entry.effective_on")
    recorded_at = Moment(attribute="entry.recorded_at")
    actor = Text(
        "Kind and reference of who caused it.",
        attribute="entry.actor",
        example="api_key:key_01kahx8s3e5r7t9v1w3x5z7b9d",
    )
    reason = Text(attribute="entry.reason", allow_none=True, example="Correction of a wrong award")
    postings = parts(PostingOut, attribute="movements")


EntryList = listing(EntryOut, name="EntryList")
