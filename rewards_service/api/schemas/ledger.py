"""Entries of the books."""

from rewards_service.api.fields import VALUE_MAX, Day, Moment, Text, Whole
from rewards_service.api.schemas.base import Output, PageQuery, listing, part, parts


class EntriesQuery(PageQuery):
    """Which entries."""

    account = Text("Name of an account in the books.", example="Liabilities:Rewards:Partners-2027:Points")
    first_day = Day("Booked on this day or later.", data_key="from")
    last_day = Day("Booked on this day or before.", data_key="to")


class EntrySource(Output):
    """What an entry is about."""

    type = Text(attribute="source_type", example="award")
    reference = Text(attribute="source_ref", example="awd_01kahx8s3e5r7t9v1w3x5z7b9d")


class EntryLine(Output):
    """What an entry did to one account; the lines of an entry add up to zero in every unit."""

    account = Text(attribute="book_name", example="Liabilities:Value:Partners-2027:Wallet:P-1001")
    units = Whole("Above zero is debit.", attribute="amount_units", minimum=-VALUE_MAX, example=-12_480)
    unit = Text("As the books call it.", attribute="symbol", example="PTS")


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
    lines = parts(EntryLine, attribute="entry.lines")


EntryList = listing(EntryOut, name="EntryList")
