"""What every error looks like (RFC 9457)."""

from rewards_service.api.fields import Text, Whole
from rewards_service.api.schemas.base import Output, parts


class ProblemField(Output):
    """One thing wrong with one field."""

    pointer = Text("JSON pointer to the field, or its name in the address.", example="/value_units")
    code = Text("Stable.", example="too_small")
    message = Text("A sentence for a person.", example="Use a number of at least 1.")


class Problem(Output):
    """What went wrong, for programs by `code`, for people by `detail`."""

    type = Text("Where the code is explained.", example="/api/v1/docs#validation_failed")
    title = Text("The sort of problem.", example="Some fields need another look")
    status = Whole("HTTP's.", minimum=400, maximum=599, example=422)
    code = Text("Stable; branch on this.", example="validation_failed")
    detail = Text("What happened this time.", example="Some fields cannot be used as they are; errors[] names each.")
    errors = parts(ProblemField)
    request_id = Text(
        "Tell us this number and we find the exact moment.", example="req_5f0c9a1e7b3d2468", allow_none=True
    )
