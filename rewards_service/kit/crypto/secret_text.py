"""Text that must not be shown by accident: a code, a voucher number, a PIN."""

import hmac

SHOWN_SYMBOLS = 4
MASK = "****"


class SecretText:
    """A secret that prints as ``****RBN3``; only ``reveal()`` gives it away.

    Not a ``str`` on purpose: JSON, templates, logs and string joins refuse it or print the mask.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def last4(self) -> str:
        """Return the last four symbols, or none of a text so short that four would be half of it."""
        return self._text[-SHOWN_SYMBOLS:] if len(self._text) > 2 * SHOWN_SYMBOLS else ""

    def reveal(self) -> str:
        """Return the secret itself; each caller is a place to review."""
        return self._text

    def __str__(self) -> str:
        return MASK + self.last4

    def __repr__(self) -> str:
        return f"SecretText('{self}')"

    def __eq__(self, other: object) -> bool:
        """Compare in a time that does not depend on where the two differ."""
        if not isinstance(other, SecretText):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str | tuple[object, ...]:
        """Refuse to be pickled: a secret does not leave the process by itself."""
        raise TypeError("a secret is not pickled")
