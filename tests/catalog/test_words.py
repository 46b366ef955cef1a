import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.names import brand_key, category_slug
from catalog.search.words import QUERY_CHARACTERS_MAX, TERMS_MAX, Term, fold, split_terms, split_words


class TestFold:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("Café ZOË", "cafe zoe"),
            ("Straße", "strasse"),
            ("McDonald's", "mcdonalds"),
            ("McDonald\u2019s", "mcdonalds"),
            ("e-Gift™ (50 €)", "e gifttm 50"),
            ("ｉＴｕｎｅｓ", "itunes"),
            ("  \0%_*\"'\\ ", ""),
            ("ガンダム", "ガンダム"),
            ("हिन्दी", "हिन्दी"),
            ("한국", "한국"),
        ],
    )
    def test_takes_case_marks_and_signs_away(self, text, folded):
        assert fold(text) == folded

    @given(st.text())
    def test_leaves_folded_text_alone(self, text):
        assert fold(fold(text)) == fold(text)


class TestSplitWords:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Gift card", ["gift", "card"]),
            ("京东E卡", ["京", "东", "e", "卡"]),
            ("スターバックス card", [*"スターバックス", "card"]),
            ("스타벅스", [*"스타벅스"]),
            ("x" * 99, ["x" * 40]),
            ("", []),
        ],
    )
    def test_gives_scripts_without_spaces_a_word_per_character(self, text, words):
        assert split_words(text) == words

    @given(st.text())
    def test_makes_words_that_mean_nothing_to_a_query_language(self, text):
        assert all(word and not set(word) & set(" \0'\"\\:*&|!()<>-+^{}_") for word in split_words(text))


class TestSplitTerms:
    def test_the_last_word_may_go_on(self):
        assert split_terms("gift car") == (Term(("gift",)), Term(("car",), is_prefix=True))

    def test_a_character_of_its_own_does_not_go_on(self):
        assert split_terms("card 京东") == (Term(("card",)), Term(("京", "东")))

    def test_words_without_a_space_between_are_a_phrase(self):
        assert split_terms("京东card") == (Term(("京", "东", "card"), is_prefix=True),)

    def test_a_word_twice_is_one_term(self):
        assert split_terms("card card") == (Term(("card",), is_prefix=True),)

    @given(st.text(max_size=3 * QUERY_CHARACTERS_MAX))
    def test_has_an_end(self, text):
        assert len(split_terms(text)) <= TERMS_MAX


class TestNames:
    @pytest.mark.parametrize(
        ("title", "slug"),
        [("Fashion & Retails", "fashion-retails"), ("礼品卡", "礼品卡"), ("!!", "other"), ("x" * 99, "x" * 80)],
    )
    def test_categories_have_a_slug(self, title, slug):
        assert category_slug(title) == slug

    @pytest.mark.parametrize(("name", "key"), [("ÁMAZON.com", "amazon com"), ("!!", "!!"), ("ß" * 200, "s" * 200)])
    def test_brands_have_a_key(self, name, key):
        assert brand_key(name) == key
