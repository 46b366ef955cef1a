"""What only HTTP can get wrong, as refusals like all others."""

from rewards_service.kit.errors import Forbidden, NotFound, Refusal


class JsonUnusable(Refusal):
    """The body is not one JSON document in UTF-8, or names a field twice."""

    status = 400
    code = "json_unusable"
    title = "The body is not a JSON document"


class MethodRefused(Refusal):
    """The address is there, the method is not."""

    status = 405
    code = "method_not_allowed"
    title = "This address does not answer to that method"


class BodyTooLarge(Refusal):
    """The body is larger than any request of ours."""

    status = 413
    code = "body_too_large"
    title = "The request is too large"


class MediaTypeRefused(Refusal):
    """The body is not declared as JSON."""

    status = 415
    code = "media_type_unsupported"
    title = "Send the body as application/json"


class RequestUnreadable(Refusal):
    """The request breaks a rule of HTTP."""

    status = 400
    code = "request_unreadable"
    title = "The request cannot be read"


class AddressUnknown(NotFound):
    """No endpoint has this address."""

    title = "There is no such address"


class ScopeMissing(Forbidden):
    """The key is good, but not for this."""

    code = "scope_missing"
    title = "This key may not do that"


class OrganizationKeyNeeded(Forbidden):
    """The key belongs to one program, and this concerns the whole organization."""

    code = "organization_key_needed"
    title = "This needs a key of the organization"


class InternalFailure(Refusal):
    """A defect of ours; what happened is in the log under the request's id."""

    status = 500
    code = "internal_error"
    title = "Something broke on our side"


class DatabaseAway(Refusal):
    """The database does not answer, or cannot keep what it is given."""

    status = 503
    code = "database_unavailable"
    title = "The service cannot store anything right now; nothing was changed"
