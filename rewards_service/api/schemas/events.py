"""What happened."""

from rewards_service.api.fields import Moment, Text
from rewards_service.api.schemas.base import Output, listing, part
from rewards_service.api.schemas.orders import Details


class EventObject(Output):
    """What it happened to."""

    type = Text(attribute="object_type", example="code")
    id = Text(attribute="object_id", example="cod_01kahx8s3e5r7t9v1w3x5z7b9d")


class HappeningOut(Output):
    """One event."""

    id = Text(example="evt_5f0c9a1e7b3d24685f0c9a1e7b")
    at = Moment()
    type = Text("Such as code.blocked, order.placed or ledger.award.", example="code.blocked")
    actor = Text("Kind and reference of who did it.", example="api_key:key_01kahx8s3e5r7t9v1w3x5z7b9d")
    object = part(EventObject, attribute="happening")
    reason = Text("What the actor said.", allow_none=True, example="Sent to the wrong address")
    detail = Details("Counts, codes and references.")


HappeningList = listing(HappeningOut, name="HappeningList")
