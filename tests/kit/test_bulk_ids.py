"""Public ids in bulk: the same shape as single ones."""

import re
from datetime import timedelta

from rewards_service.kit.ids import new_public_id, new_public_ids
from tests.conftest import NOW


class TestNewPublicIds:
    def test_have_the_shape_of_single_ones(self):
        shape = re.compile(r"cod_[0-9a-hjkmnp-tv-z]{26}")
        assert all(shape.fullmatch(made) for made in [new_public_id("cod", now=NOW), *self.made()])

    def test_differ(self):
        assert len(set(self.made())) == 1000

    def test_sort_by_time(self):
        later = new_public_id("cod", now=NOW + timedelta(milliseconds=1))
        assert all(made < later for made in self.made())

    def made(self) -> list[str]:
        return new_public_ids("cod", count=1000, now=NOW)
