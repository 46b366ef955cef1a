"""What a refusal says."""

import pytest

from rewards_service.kit.errors import FieldProblem, NotFound, RateLimited, Refusal, ValidationFailed


class TestRefusal:
    def test_says_its_sentence_with_what_it_is_about(self) -> None:
        assert str(Refusal("{units} are too few.", units=3)) == "3 are too few."

    def test_says_its_title_when_nothing_more_is_known(self) -> None:
        assert str(NotFound()) == "There is nothing here"

    def test_leaves_braces_alone_that_name_nothing(self) -> None:
        assert str(Refusal("a {brace}")) == "a {brace}"

    def test_names_each_field(self) -> None:
        problem = FieldProblem("/unit", "unknown", "There is no such unit.")
        assert ValidationFailed(problems=(problem,)).problems == (problem,)

    @pytest.mark.parametrize(
        ("seconds", "told"), [(42, "42 seconds"), (120, "120 seconds"), (121, "3 minutes"), (3600, "60 minutes")]
    )
    def test_says_how_long_to_wait(self, seconds: int, told: str) -> None:
        refusal = RateLimited(retry_after=seconds)
        assert (refusal.status, refusal.retry_after) == (429, seconds)
        assert str(refusal) == f"Too many tries. Please wait {told}."
