"""Items of the catalog."""

from catalog import KINDS
from catalog.search.query import LIMIT_DEFAULT, LIMIT_MAX, SORTS
from rewards_service.api.fields import VALUE_MAX, Choice, Flag, Moment, Text, Whole, WholeInQuery
from rewards_service.api.schemas.base import CURSOR_LENGTH_MAX, Input, Output, part, parts, reference, texts

SEARCH_LENGTH_MAX = 200


class ItemsQuery(Input):
    """What to look for; everything narrows the search, nothing is required."""

    program_id = reference("What this program shows; not needed with a key of one program.", example="partners-2027")
    q = Text(
        "Words of brand, title, category or description; the last may be unfinished.",
        length_max=SEARCH_LENGTH_MAX,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        example="coffee",
    )
    country = Text("ISO 3166-1; items for everywhere are found too.", length_max=2, pattern="^[A-Z]{2}$", example="DE")
    category = Text("A category's slug.", length_max=80, pattern=r"^[\w-]+$", example="food")
    kind = Choice(tuple(KINDS), "A kind of item.")
    currency = Text("ISO 4217.", length_max=3, pattern="^[A-Z]{3}$", example="EUR")
    min_minor = WholeInQuery("Some face value is at least this.", minimum=0, example=1_000)
    max_minor = WholeInQuery("Some face value is at most this.", minimum=0, example=10_000)
    sort = Choice(SORTS, "The order.")
    cursor = Text("The next_cursor of the page before, with the same filters.", length_max=CURSOR_LENGTH_MAX)
    limit = WholeInQuery("How many items.", maximum=LIMIT_MAX, load_default=LIMIT_DEFAULT, example=LIMIT_DEFAULT)


class ItemQuery(Input):
    """Whose catalog is meant."""

    program_id = reference("What this program shows; not needed with a key of one program.", example="partners-2027")


class CategoryOut(Output):
    """A category."""

    slug = Text(example="food")
    title = Text(example="Food and drink")


class FixedOut(Output):
    """One face value that an item is offered in."""

    face_value_minor = Whole(example=2_500)
    price_units = Whole("In the program's points; null where no program is named.", allow_none=True, example=2_500)


class OpenOut(Output):
    """A range of face values, both ends included."""

    min_minor = Whole(example=500)
    max_minor = Whole(example=25_000)
    min_price_units = Whole("In the program's points; null where no program is named.", allow_none=True, example=500)
    max_price_units = Whole("In the program's points; null where no program is named.", allow_none=True, example=25_000)


class ItemOut(Output):
    """Something that can be had."""

    id = Text(attribute="item.public_id", example="itm_01kahx8s3e5r7t9v1w3x5z7b9d")
    kind = Text(attribute="item.kind", example="gift_card")
    brand = Text(attribute="item.brand", example="Morning Roast")
    title = Text(attribute="item.title", example="Morning Roast gift card")
    description = Text(attribute="item.description", example="Coffee at 120 places.")
    terms = Text(attribute="item.terms", example="Not for online orders.")
    how_to_use = Text(attribute="item.how_to_use", example="Show the barcode at the till.")
    category = part(CategoryOut, attribute="item.category", allow_none=True)
    countries = texts("ISO 3166-1; none: everywhere.", attribute="item.countries", example="DE")
    currency = Text("Of its face values.", attribute="item.currency", example="EUR")
    fixed = parts(FixedOut, "Face values to choose from.")
    open = part(OpenOut, "Any face value between two.", allow_none=True)
    image = Text(
        "Where its picture is.", attribute="item.image_reference", allow_none=True, example="https://cdn.example/1.png"
    )
    available = Flag("Whether its supplier offers it now.", attribute="is_available")
    updated_at = Moment(attribute="item.updated_at")


class FacetOut(Output):
    """One value of a filter, and how many items there would be with it."""

    value = Text(example="DE")
    count = Whole(minimum=0, example=42)
    title = Text("For people.", allow_none=True, example="Food and drink")


class FacetsOut(Output):
    """What each filter could be set to, the most frequent first."""

    country = parts(FacetOut)
    category = parts(FacetOut)
    kind = parts(FacetOut)
    currency = parts(FacetOut)
    total = Whole("How many items the search finds.", minimum=0, maximum=VALUE_MAX, example=128)
    is_capped = Flag("Whether only the most popular items were counted.", example=False)


class ItemList(Output):
    """A page of a search."""

    items = parts(ItemOut)
    facets = part(FacetsOut)
    corrected_q = Text("What was searched instead, when nothing was found.", allow_none=True, example="coffee")
    next_cursor = Text("Where the next page begins; null on the last one.", allow_none=True, example="eyJrIjoxfQ")
