"""A made-up catalog of any size: brands in five languages, sold in many countries and denominations."""

import random
from collections.abc import Iterator

from catalog import FixedDenomination, ItemDraft, OpenDenomination
from catalog.currencies import EXPONENTS

SYLLABLES = tuple(
    f"{consonant}{vowel}" for consonant in "bdfgklmnprstvwz" for vowel in ("a", "e", "el", "i", "o", "or")
)
THINGS = {
    "en": ("gift card", "voucher", "eGift", "Shop every season, online and in store."),
    "de": ("Geschenkkarte", "Gutschein", "Prämie", "Für Bücher, Mode und Überraschungen, in jeder Filiale einlösbar."),
    "fr": ("carte cadeau", "chèque cadeau", "e-carte", "À dépenser en ligne ou en magasin, toute l'année."),
    "ja": ("ギフトカード", "電子マネー", "商品券", "オンラインストアと全国の店舗で使えます。"),
    "zh": ("礼品卡", "电子卡", "购物券", "全国门店及网上商城通用，有效期三年。"),
}
MARKETS = {
    "US": ("USD", "en"),
    "GB": ("GBP", "en"),
    "IE": ("EUR", "en"),
    "DE": ("EUR", "de"),
    "AT": ("EUR", "de"),
    "FR": ("EUR", "fr"),
    "BE": ("EUR", "fr"),
    "JP": ("JPY", "ja"),
    "CN": ("CNY", "zh"),
    "HK": ("HKD", "zh"),
}
CATEGORIES = ("Books", "Fashion", "Food & drink", "Gaming", "Groceries", "Home", "Music", "Sport", "Travel", "Wellness")
BRANDS_PER_ITEM = 8
VALUES = (5, 10, 15, 20, 25, 50, 75, 100, 150, 200, 250, 500)


def make_items(count: int, *, seed: int = 1) -> Iterator[ItemDraft]:
    """Yield ``count`` items; the same seed makes the same ones. Popularity has a long tail, as sales have."""
    chance = random.Random(seed)  # noqa: S311 — made-up items are to be the same each time
    brands = [_brand(chance) for _ in range(count // BRANDS_PER_ITEM + 1)]
    for number in range(count):
        country = chance.choice(list(MARKETS))
        currency, language = MARKETS[country]
        brand = chance.choice(brands)
        *names, description = THINGS[language]
        neighbours = [code for code, market in MARKETS.items() if market == MARKETS[country]]
        yield ItemDraft(
            supplier_reference=f"M{number}",
            kind="gift_card",
            brand=brand,
            title=f"{brand} {chance.choice(names)} {number % 97}",
            currency=currency,
            category=chance.choice(CATEGORIES),
            description=f"{description} {_brand(chance)} {_brand(chance)}",
            popularity=int(chance.paretovariate(1) * 10) % 100_000,
            countries=() if number % 20 == 0 else tuple(sorted(neighbours)),
            **_denominations(chance, currency),
        )


def _brand(chance: random.Random) -> str:
    """Return a name that no company has."""
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))).capitalize()


def _denominations(chance: random.Random, currency: str) -> dict[str, object]:
    """Return an open range, or some fixed face values with a discount."""
    whole = 10 ** EXPONENTS[currency] * (100 if currency == "JPY" else 1)
    if chance.random() < 0.3:
        return {"open": OpenDenomination(5 * whole, 500 * whole, chance.randint(9000, 10_000))}
    values = sorted(chance.sample(VALUES, chance.randint(1, 6)))
    discount = chance.randint(0, 10)
    return {"fixed": tuple(FixedDenomination(v * whole, v * whole * (100 - discount) // 100, currency) for v in values)}
