"""One spelling for each address."""

import pytest

from rewards_service.identity.addresses import normalise_email, normalise_phone
from rewards_service.identity.errors import AddressUnusable


class TestNormaliseEmail:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("Amara@Okonkwo.example", "amara@okonkwo.example"),
            ("  priya@haendler4.example\t", "priya@haendler4.example"),
            ("u\u0308@bu\u0308cher.example", "ü@bücher.example"),
        ],
    )
    def test_keeps_one_spelling(self, typed: str, kept: str):
        assert normalise_email(typed) == kept

    @pytest.mark.parametrize("typed", ["", "amara", "a@b", "a\r\nBcc: x@y.example@z.example", "a b@c.example"])
    def test_refuses_what_is_no_address(self, typed: str):
        with pytest.raises(AddressUnusable) as refused:
            normalise_email(typed)
        assert refused.value.problems[0].pointer == "/email"


class TestNormalisePhone:
    @pytest.mark.parametrize(
        ("typed", "region", "kept"),
        [
            ("+49 151 17982458", None, "+4915117982458"),
            ("0151/16451341", "DE", "+4915116451341"),
            ("+60 12-590 2148", "DE", "+60125902148"),
            ("+31 6 40996445", None, "+31640996445"),
        ],
    )
    def test_keeps_e164(self, typed: str, region: str | None, kept: str):
        assert normalise_phone(typed, region=region) == kept

    @pytest.mark.parametrize(("typed", "region"), [("0151/16451341", None), ("12", "DE"), ("+49 1", None), ("x", "DE")])
    def test_refuses_what_is_no_number(self, typed: str, region: str | None):
        with pytest.raises(AddressUnusable) as refused:
            normalise_phone(typed, region=region)
        assert refused.value.problems[0].pointer == "/phone"
