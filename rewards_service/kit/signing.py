"""Signed tokens: claim, download, unsubscribe and cursor texts that come back unchanged or not at all.

A token says nothing secret and is not used up by reading it; what must happen once has a row of its own.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from rewards_service.kit.errors import Refusal

TOKEN_LENGTH_MAX = 4096
"""Longer texts are refused unread: no token of ours comes near."""


class TokenForged(Refusal):
    """The token was not signed by this installation, for this purpose, or was changed on its way."""

    status = 400
    code = "token_invalid"
    title = "This link is not complete"


class TokenExpired(Refusal):
    """The token is ours and too old."""

    status = 410
    code = "token_expired"
    title = "This link is too old"


class Signer:
    """Signs payloads with the newest of several keys and reads those of every key.

    ``keys`` stand newest first, as ``KeyRing.signing.newest_first`` gives them.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        assert keys, "a signer needs a key"
        self._oldest_first = list(reversed(keys))

    def sign(self, purpose: str, payload: object, *, now: datetime | None = None) -> str:
        """Return a URL-safe token of the JSON value ``payload``; one signed without ``now`` never grows old."""
        signed_at = int(now.timestamp()) if now else None
        return str(self._serializer(purpose).dumps([signed_at, payload]))

    def read(self, purpose: str, token: str, *, max_age: timedelta | None = None, now: datetime | None = None) -> Any:  # noqa: ANN401 — a JSON value
        """Return the payload of a token signed for ``purpose``.

        Raises:
            TokenForged: it was not signed by one of our keys for this purpose, or has no date where one is asked for.
            TokenExpired: ``max_age`` has passed since it was signed.
        """
        if len(token) > TOKEN_LENGTH_MAX:
            raise TokenForged
        try:
            signed_at, payload = self._serializer(purpose).loads(token)
        except BadSignature as error:
            raise TokenForged from error
        if max_age is not None:
            assert now is not None, "an age is measured at a moment"
            _require_fresh(signed_at, max_age=max_age, now=now)
        return payload

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        """Return what signs and reads for one purpose: a token of another purpose does not fit."""
        return URLSafeSerializer(
            self._oldest_first,
            salt=f"rewards.{purpose}",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )


def _require_fresh(signed_at: int | None, *, max_age: timedelta, now: datetime) -> None:
    """Refuse a token without a date, or one that is ``max_age`` old or older."""
    if signed_at is None:
        raise TokenForged
    if now.timestamp() - signed_at >= max_age.total_seconds():
        raise TokenExpired
