import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.imports.plain_text import clean_text, html_to_text


class TestHtmlToText:
    @pytest.mark.parametrize(
        ("html", "text"),
        [
            ("<p>Restrictions <b>apply</b>.</p>", "Restrictions apply."),
            ("<p>One</p><p>Two</p>", "One\n\nTwo"),
            ("a<br>b", "a\nb"),
            ("<ul><li>one<li>two</ul>", "- one\n- two"),
            ("Tom &amp; Jerry &lt;3&nbsp;cats", "Tom & Jerry <3 cats"),
            ("<script>alert('x')</script>safe<style>p{}</style>", "safe"),
            ("</script>stray end", "stray end"),
            ("<p onclick='x()'>line\nbreak", "line break"),
            ("unclosed <b>tag", "unclosed tag"),
            ("", ""),
        ],
    )
    def test_keeps_what_a_reader_sees(self, html, text):
        assert html_to_text(html) == text


class TestCleanText:
    def test_drops_what_databases_refuse(self):
        assert clean_text("a\0b\ud800c\x07d") == "abcd"

    def test_unites_line_ends_and_spaces(self):
        assert clean_text(" a\tb  c \r\n\r\n\r\n\r\nd\re ") == "a b c\n\nd\ne"

    @given(st.text())
    def test_leaves_clean_text_alone(self, text):
        assert clean_text(clean_text(text)) == clean_text(text)
