"""Tokens: what was signed comes back, for its purpose and in its time, or not at all."""

from datetime import UTC, datetime, timedelta

import pytest

from rewards_service.kit.signing import TOKEN_LENGTH_MAX, Signer, TokenExpired, TokenForged

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def signer() -> Signer:
    return Signer([b"k" * 32])


class TestRead:
    def test_gives_back_what_was_signed(self, signer: Signer):
        token = signer.sign("claim", {"order": "ord_1", "lines": [1, 2]}, now=AT)
        assert signer.read("claim", token, max_age=DAY, now=AT) == {"order": "ord_1", "lines": [1, 2]}

    def test_refuses_another_purpose(self, signer: Signer):
        with pytest.raises(TokenForged):
            signer.read("download", signer.sign("claim", 1))

    def test_refuses_any_changed_symbol(self, signer: Signer):
        token = signer.sign("claim", "text")
        for position, symbol in enumerate(token[:-1]):
            changed = token[:position] + ("A" if symbol != "A" else "B") + token[position + 1 :]
            with pytest.raises(TokenForged):
                signer.read("claim", changed)

    @pytest.mark.parametrize("token", ["", ".", "a.b", "é", "x" * (TOKEN_LENGTH_MAX + 1)])
    def test_refuses_what_is_no_token(self, signer: Signer, token: str):
        with pytest.raises(TokenForged):
            signer.read("claim", token)

    def test_refuses_at_the_instant_the_age_is_reached(self, signer: Signer):
        token = signer.sign("claim", 1, now=AT)
        assert signer.read("claim", token, max_age=DAY, now=AT + DAY - timedelta(seconds=1)) == 1
        with pytest.raises(TokenExpired):
            signer.read("claim", token, max_age=DAY, now=AT + DAY)

    def test_refuses_a_token_without_a_date_where_an_age_is_asked_for(self, signer: Signer):
        with pytest.raises(TokenForged):
            signer.read("claim", signer.sign("claim", 1), max_age=DAY, now=AT)


class TestRotation:
    def test_reads_tokens_of_older_keys_and_signs_with_the_newest(self):
        old, both, new = Signer([b"old"]), Signer([b"new", b"old"]), Signer([b"new"])
        assert both.read("claim", old.sign("claim", 1)) == 1
        assert new.read("claim", both.sign("claim", 2)) == 2
        with pytest.raises(TokenForged):
            new.read("claim", old.sign("claim", 1))
