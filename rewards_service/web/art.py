"""Pictures of items: abstract, drawn from the brand's name, so that the same brand always looks the same.

A picture is a palette and a motif, both chosen by a hash. They bring their own colours and do not follow the theme.
Numbers are whole; nothing comes from the request but the seed.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

WIDTH, HEIGHT = 320, 200
SEED_LENGTH_MAX = 100


@dataclass(frozen=True, slots=True)
class Palette:
    """Four colours that go together: the ground, two voices, one light."""

    ground: str
    first: str
    second: str
    light: str


PALETTES = (
    Palette("#1e2447", "#f3a76b", "#5a63a8", "#f6e7d2"),
    Palette("#0f5a6b", "#f2c879", "#17879b", "#e9f1ee"),
    Palette("#8c3b2a", "#c8673f", "#f1c9a5", "#fbefe3"),
    Palette("#2f4a34", "#d9c46c", "#6e9460", "#eef0dc"),
    Palette("#3d6fa8", "#ffe3a3", "#88b2dd", "#eaf2fa"),
    Palette("#d9a58b", "#5b2e20", "#b2694c", "#fcefe6"),
    Palette("#46306b", "#f0c15a", "#8a69bd", "#efe8f8"),
    Palette("#20302e", "#c8e0c8", "#5c7f78", "#f5f1e6"),
    Palette("#c59b52", "#3e2f1c", "#e7c98a", "#f8ebcf"),
    Palette("#5a8f3c", "#24401c", "#a9c977", "#f2eec8"),
    Palette("#bfd9e0", "#2e5966", "#6fa3b2", "#ffffff"),
    Palette("#7a2e4d", "#f2a07b", "#b8577f", "#fbe6e6"),
)


class Dice:
    """Whole numbers that follow from a seed, always the same."""

    def __init__(self, seed: str) -> None:
        self._bytes = self._endless(seed[:SEED_LENGTH_MAX])

    def roll(self, low: int, high: int) -> int:
        """Return a number from ``low`` to ``high``, both included."""
        return low + (next(self._bytes) * 256 + next(self._bytes)) % (high - low + 1)

    @staticmethod
    def _endless(seed: str) -> Iterator[int]:
        """Yield bytes for ever."""
        for turn in itertools.count():
            yield from hashlib.sha256(f"{seed}/{turn}".encode()).digest()


Motif = Callable[[Dice, Palette], str]


def item_picture(seed: str, subject: str = "") -> str:
    """Return an SVG picture of 320 by 200 for ``seed``, usually a brand's name.

    ``subject``, a word of ``SUBJECTS``, chooses the motif; any other leaves it to the seed.
    """
    dice = Dice(seed)
    palette = PALETTES[dice.roll(0, len(PALETTES) - 1)]
    chosen = MOTIFS[dice.roll(0, len(MOTIFS) - 1)]
    motif = SUBJECTS.get(subject, chosen)
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{palette.ground}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{ground}{motif(dice, palette)}</svg>'
    )


def subject_in(*texts: str) -> str:
    """Return the first word of ``SUBJECTS`` that one of ``texts`` holds, or ``any``."""
    joined = " ".join(texts).lower()
    return next((word for word in SUBJECTS if word in joined), "any")


def _spines(dice: Dice, palette: Palette) -> str:
    """Draw books on a shelf."""
    shapes, left = [f'<path d="M0 176h{WIDTH}v24H0z" fill="{palette.second}"/>'], dice.roll(20, 36)
    colours = (palette.first, palette.light, palette.second)
    while left < WIDTH - 48:
        width, height = dice.roll(18, 38), dice.roll(88, 150)
        colour = colours[len(shapes) % 3]
        shapes.append(
            f'<rect x="{left}" y="{176 - height}" width="{width}" height="{height}" rx="3" fill="{colour}"/>'
            f'<path d="M{left} {192 - height}h{width}v5h-{width}z" fill="{palette.ground}"/>'
        )
        left += width + 5
    return "".join(shapes)


def _waves(dice: Dice, palette: Palette) -> str:
    """Draw a sun over water."""
    across, down, radius = dice.roll(180, 260), dice.roll(52, 70), dice.roll(28, 38)
    sun = f'<circle cx="{across}" cy="{down}" r="{radius}" fill="{palette.first}"/>'
    swell, top = dice.roll(16, 28), dice.roll(92, 104)
    bands = (
        f'<path d="M0 {top + step * 28}q40-{swell} 80 0t80 0 80 0 80 0V200H0Z" '
        f'fill="{(palette.second, palette.light)[step % 2]}"/>'
        for step in range(4)
    )
    return sun + "".join(bands)


def _cup(dice: Dice, palette: Palette) -> str:
    """Draw a cup seen from above."""
    middle, turn = dice.roll(120, 200), dice.roll(0, 359)
    rings = ((120, palette.first), (92, palette.light), (76, palette.ground), (64, palette.second))
    circles = "".join(f'<circle cx="{middle}" cy="104" r="{radius}" fill="{colour}"/>' for radius, colour in rings)
    foam = (
        f'<g transform="rotate({turn} {middle} 104)"><path d="M{middle - 40} 104a40 40 0 0 1 80 0c-20 16-60 16-80 0Z" '
        f'fill="{palette.light}"/><path d="M{middle - 28} 104a28 28 0 0 1 56 0c-14 9-42 9-56 0Z" '
        f'fill="{palette.second}"/></g>'
    )
    return circles + foam


def _woods(dice: Dice, palette: Palette) -> str:
    """Draw a row of trees."""
    colours = (palette.first, palette.light, palette.second)
    trees = []
    for index in range(7):
        middle, top = 30 + index * 46, dice.roll(38, 92)
        trees.append(
            f'<path d="M{middle - 3} {top + 90}h6v120h-6z" fill="{palette.light}"/>'
            f'<path d="M{middle} {top}l31 104h-62Z" fill="{colours[(index + dice.roll(0, 2)) % 3]}"/>'
        )
    return "".join(trees)


def _peaks(dice: Dice, palette: Palette) -> str:
    """Draw mountains and a sun."""
    left, right = dice.roll(80, 120), dice.roll(200, 240)
    return (
        f'<circle cx="{dice.roll(150, 280)}" cy="62" r="{dice.roll(26, 38)}" fill="{palette.first}"/>'
        f'<path d="M-10 200 {left} 64l96 136Z" fill="{palette.second}"/>'
        f'<path d="m{left} 64-24 33 14-5 10 9 11-10 13 6Z" fill="{palette.light}"/>'
        f'<path d="M{right - 104} 200 {right} 98l116 102Z" fill="{palette.light}"/>'
        f'<path d="M0 184h{WIDTH}v16H0z" fill="{palette.first}"/>'
    )


def _fruit(dice: Dice, palette: Palette) -> str:
    """Draw round things, cut in two colours."""
    places = ((70, 118, 52), (152, 82, 40), (170, 152, 46), (254, 104, 58))
    pairs = ((palette.first, palette.second), (palette.light, palette.first), (palette.second, palette.light))
    shapes = []
    for index, (x, y, radius) in enumerate(places):
        upper, lower = pairs[(index + dice.roll(0, 2)) % 3]
        size = radius - dice.roll(0, 8)
        shapes.append(
            f'<circle cx="{x}" cy="{y}" r="{size}" fill="{upper}"/>'
            f'<path d="M{x - size} {y}a{size} {size} 0 0 0 {2 * size} 0Z" fill="{lower}"/>'
        )
    return "".join(shapes)


def _stairs(dice: Dice, palette: Palette) -> str:
    """Draw steps that rise to a point."""
    colours = (palette.second, palette.light, palette.first)
    start, rise = dice.roll(30, 60), dice.roll(17, 22)
    steps = (
        f'<path d="M{44 + index * 40} {200 - start - index * rise}h40v170h-40z" fill="{colours[index % 3]}"/>'
        for index in range(6)
    )
    return "".join(steps) + f'<circle cx="264" cy="{200 - start - 6 * rise - 8}" r="10" fill="{palette.light}"/>'


def _plate(dice: Dice, palette: Palette) -> str:
    """Draw a laid table."""
    radius = dice.roll(58, 68)
    rings = ((radius, palette.light), (radius - 20, palette.second), (radius - 36, palette.first))
    plate = "".join(f'<circle cx="160" cy="100" r="{size}" fill="{colour}"/>' for size, colour in rings)
    fork = "M48 44v34a9 9 0 0 0 7 9v69h8V87a9 9 0 0 0 7-9V44h-5v32h-4V44h-4v32h-4V44Z"
    knife = "M258 156V44c14 4 18 24 18 40 0 14-4 22-10 26v46Z"
    return f'{plate}<path d="{fork}{knife}" fill="{palette.light}"/>'


def _sound(dice: Dice, palette: Palette) -> str:
    """Draw bars around a middle line."""
    colours = (palette.light, palette.second, palette.first)
    bars = []
    for index in range(16):
        half = dice.roll(12, 76)
        bars.append(
            f'<rect x="{22 + index * 18}" y="{100 - half}" width="9" height="{2 * half}" rx="4" '
            f'fill="{colours[index % 3]}"/>'
        )
    return "".join(bars)


def _ribbons(dice: Dice, palette: Palette) -> str:
    """Draw slanting stripes with a card on them."""
    colours = (palette.second, palette.first, palette.light)
    shift = dice.roll(0, 40)
    stripes = (
        f'<path d="M{left - shift} 200l120-200h18l-120 200Z" fill="{colours[index % 3]}"/>'
        for index, left in enumerate(range(-80, 360, 52))
    )
    card = (
        f'<rect x="84" y="62" width="152" height="78" rx="10" fill="{palette.light}"/>'
        f'<path d="M84 80h152v14H84z" fill="{palette.ground}"/>'
        f'<rect x="100" y="110" width="56" height="10" rx="5" fill="{palette.second}"/>'
    )
    return "".join(stripes) + card


def _tiles(dice: Dice, palette: Palette) -> str:
    """Draw quarter circles in a grid."""
    colours = (palette.first, palette.second, palette.light)
    turns = (
        "M0 0h64a64 64 0 0 1-64 64Z",
        "M64 0v64a64 64 0 0 1-64-64Z",
        "M64 64H0A64 64 0 0 1 64 0Z",
        "M0 64V0a64 64 0 0 1 64 64Z",
    )
    tiles = []
    for place in range(20):
        x, y = place % 5 * 64, place // 5 * 64 - 28
        shape, colour = turns[dice.roll(0, 3)], colours[dice.roll(0, 2)]
        tiles.append(f'<path transform="translate({x} {y})" d="{shape}" fill="{colour}"/>')
    return "".join(tiles)


MOTIFS: tuple[Motif, ...] = (
    _spines,
    _waves,
    _cup,
    _woods,
    _peaks,
    _fruit,
    _stairs,
    _plate,
    _sound,
    _ribbons,
    _tiles,
)

SUBJECTS: dict[str, Motif] = {
    "coffee": _cup,
    "tea": _cup,
    "book": _spines,
    "audio": _sound,
    "music": _sound,
    "cinema": _sound,
    "restaurant": _plate,
    "grill": _plate,
    "dining": _plate,
    "spa": _waves,
    "wellness": _waves,
    "donat": _woods,
    "garden": _woods,
    "forest": _woods,
    "mountain": _peaks,
    "travel": _peaks,
    "outdoor": _peaks,
    "sport": _peaks,
    "course": _stairs,
    "educat": _stairs,
    "training": _stairs,
    "grocer": _fruit,
    "food": _fruit,
    "payout": _ribbons,
    "cash": _ribbons,
    "play": _tiles,
    "fashion": _tiles,
    "home": _tiles,
    "entertain": _sound,
    "media": _spines,
    "shopping": _ribbons,
}
"""Words in the name or the category of an item that say what to draw; the first that fits."""
