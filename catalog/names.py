"""What brands and categories are filed under, so that case and accents of a supplier's file make no second one."""

from catalog.search.words import fold

BRAND_KEY_MAX = 200
SLUG_MAX = 80
SLUG_OF_NO_WORDS = "other"


def brand_key(name: str) -> str:
    """Return what the brand ``name`` is filed under; a name of signs alone is its own key."""
    return (fold(name) or name)[:BRAND_KEY_MAX]


def category_slug(title: str) -> str:
    """Return the category ``title`` as filters and addresses write it: ``Fashion & Retail`` → ``fashion-retail``."""
    return fold(title).replace(" ", "-")[:SLUG_MAX] or SLUG_OF_NO_WORDS
