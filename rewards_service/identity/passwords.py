"""Staff passwords: argon2id, hashed and checked outside of transactions, because it takes a tenth of a second.

Nothing but length is asked of a password (NIST SP 800-63B, section 3.1.1.2).
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rewards_service.identity.errors import PasswordTooWeak
from rewards_service.kit.errors import FieldProblem

LENGTH_MIN = 12
LENGTH_MAX = 256

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("the password of nobody")


def hash_password(password: str) -> str:
    """Return the argon2id hash of ``password``.

    Raises:
        PasswordTooWeak: fewer than ``LENGTH_MIN`` or more than ``LENGTH_MAX`` characters.
    """
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        sentence = "A password has {least} to {most} characters."
        limits = {"least": LENGTH_MIN, "most": LENGTH_MAX}
        raise PasswordTooWeak(problems=(FieldProblem("/password", "length", sentence, limits),))
    return _HASHER.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Tell whether ``password`` made ``password_hash``; without a hash it takes as long and is never true."""
    try:
        _HASHER.verify(password_hash or _NOBODY, password[:LENGTH_MAX])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Tell whether the hash was made with weaker parameters than are usual today."""
    return _HASHER.check_needs_rehash(password_hash)
