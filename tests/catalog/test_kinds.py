import importlib
import pkgutil

import pytest

from catalog import KINDS, DetailsRefused, KindNotKnown, get_kind, kinds


class TestGetKind:
    def test_knows_gift_cards(self):
        assert get_kind("gift_card").name == "gift_card"

    def test_refuses_what_no_file_describes(self):
        with pytest.raises(KindNotKnown, match="there is gift_card"):
            get_kind("yacht")


class TestKinds:
    def test_are_the_files_of_their_folder(self):
        files = {module.name for module in pkgutil.iter_modules(kinds.__path__)} - {"protocol"}
        assert files == set(KINDS)
        assert all(hasattr(importlib.import_module(f"catalog.kinds.{name}"), name.upper()) for name in files)

    @pytest.mark.parametrize("name", KINDS)
    def test_are_filed_under_their_own_name(self, name):
        assert KINDS[name].name == name


class TestGiftCard:
    def test_asks_nothing(self):
        assert get_kind("gift_card").read_details({}) == {}

    def test_refuses_details(self):
        with pytest.raises(DetailsRefused) as refused:
            get_kind("gift_card").read_details({"iban": "DE00"})
        assert refused.value.field == "iban"
