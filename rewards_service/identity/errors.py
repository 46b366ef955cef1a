"""What goes wrong when somebody comes in: named facts."""

from rewards_service.kit.errors import Conflict, Refusal, Unauthenticated, ValidationFailed


class AddressUnusable(ValidationFailed):
    """What was given cannot be an email address, or cannot be a telephone number."""

    code = "address_unusable"
    title = "This address cannot be used"


class AddressTaken(Conflict):
    """The address belongs to another member of the same program."""

    code = "address_taken"
    title = "This address belongs to another member"


class ExternalIdConflict(Conflict):
    """The external id is in use for a member with other content."""

    code = "external_id_conflict"
    title = "This external id is already used for something else"


class MergeRefused(Conflict):
    """Two members who cannot become one: the same one twice, of two programs, or merged already."""

    code = "merge_refused"
    title = "These members cannot be merged"


class LoginOver(Refusal):
    """The sign-in message was used, is older than its lifetime, or saw too many wrong codes."""

    status = 410
    code = "login_over"
    title = "This sign-in message no longer works"


class LoginElsewhere(Refusal):
    """The link was opened in another browser than the one that asked for it."""

    status = 403
    code = "login_elsewhere"
    title = "This link belongs to another browser"


class LoginNeedsMember(Unauthenticated):
    """The message is for adding an address, and whoever asked for it is not signed in here any more."""

    code = "login_needs_member"
    title = "Please sign in again as you were, then add the address once more"


class LoginCodeWrong(ValidationFailed):
    """The typed code is not the one of the message."""

    code = "login_code_wrong"
    title = "This is not the code from the message"


class CredentialsWrong(Unauthenticated):
    """Name and password do not belong together; it is not said which of them is wrong."""

    code = "credentials_wrong"
    title = "Email and password do not match"


class SessionOver(Unauthenticated):
    """The session ended: idle too long, too old, or closed."""

    code = "session_over"
    title = "Your session has ended"


class KeyUnknown(Unauthenticated):
    """The API key is mistyped, unknown, expired or revoked: all answer alike."""

    code = "key_unknown"
    title = "This API key is not valid"


class PasswordTooWeak(ValidationFailed):
    """The password is too short to be one."""

    code = "password_too_weak"
    title = "The password is too short"


class ScopeUnknown(ValidationFailed):
    """A scope that no key can hold."""

    code = "scope_unknown"
    title = "There is no such scope"
