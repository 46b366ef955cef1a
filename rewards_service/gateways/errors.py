"""What is wrong with the settings of a gateway."""


class GatewayUrlUnusableError(ValueError):
    """The URL names a transport that there is not, or lacks what it needs: the service must not start.

    The text never repeats the URL, which may hold a password.
    """
