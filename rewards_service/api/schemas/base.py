"""What every schema of a request, and every schema of an answer, has in common."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields

from rewards_service.api.fields import Text, WholeInQuery
from rewards_service.api.loose_types import Options
from rewards_service.api.sentences import COMMON, NOT_AN_OBJECT, UNKNOWN, Said
from rewards_service.kit.paging import PAGE_SIZE, PAGE_SIZE_MAX

REFERENCE_LENGTH_MAX = 100
CURSOR_LENGTH_MAX = 1000
BOUNDS = frozenset({"minLength", "maxLength", "pattern"})

NOT_A_LIST = Said("not_a_list", "Use a list.")
TOO_FEW = Said("too_few", "At least {least} must be given.")
TOO_MANY = Said("too_many", "At most {most} may be given.")


class Input(Schema):
    """What a request may hold: the named fields and no other."""

    LEFT_OUT_OF_EXAMPLE: ClassVar[frozenset[str]] = frozenset()
    """Fields that would not go with the others in one request."""

    class Meta:
        """Refuses what is not named."""

        unknown = RAISE

    def __init__(self, **options: Options) -> None:
        super().__init__(**options)
        self.error_messages = {**self.error_messages, "unknown": UNKNOWN, "type": NOT_AN_OBJECT}


class Output(Schema):
    """What an answer holds: every named field, always; null where there is nothing to say."""

    class Meta:
        """Lets later versions add fields."""

        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:  # noqa: ARG002 — marshmallow's own
        """Tell the description that the field is always there, and not which bounds its input has."""
        field_obj.required = True
        field_obj.metadata = {name: fact for name, fact in field_obj.metadata.items() if name not in BOUNDS}


class PageQuery(Input):
    """Which page of a list is asked for."""

    cursor = Text("The next_cursor of the page before.", length_max=CURSOR_LENGTH_MAX)
    limit = WholeInQuery(
        "How many items a page holds.", maximum=PAGE_SIZE_MAX, load_default=PAGE_SIZE, example=PAGE_SIZE
    )


def reference(about: str, *, example: str, **options: Options) -> Text:
    """Return a field for the id of something, or for the id that the caller's own systems give it."""
    return Text(about, length_max=REFERENCE_LENGTH_MAX, example=example, **options)


def part(schema: type[Schema], about: str = "", **options: Options) -> fields.Nested:
    """Return a field for an object inside another."""
    metadata = {"description": about} if about else {}
    return fields.Nested(schema, metadata=metadata, error_messages={**COMMON, "type": NOT_AN_OBJECT}, **options)


def parts(schema: type[Schema], about: str = "", **options: Options) -> fields.List[Any]:
    """Return a field for a list of objects in an answer."""
    return fields.List(fields.Nested(schema), metadata={"description": about} if about else {}, **options)


def many(inner: fields.Field[Any], about: str, *, least: int = 1, most: int, required: bool = True) -> fields.List[Any]:
    """Return a field for several things of one sort, within bounds."""

    def require_number(things: Sequence[object]) -> None:
        """Refuse too few and too many."""
        if len(things) < least:
            raise ValidationError(TOO_FEW.format(least=least))
        if len(things) > most:
            raise ValidationError(TOO_MANY.format(most=most))

    metadata = {"description": about, "minItems": least, "maxItems": most}
    field: fields.List[Any] = fields.List(inner, required=required, validate=require_number, metadata=metadata)
    field.error_messages = {**field.error_messages, **COMMON, "invalid": NOT_A_LIST}
    return field


def listing(item: type[Output], *, name: str) -> type[Schema]:
    """Return the schema ``name`` of a page of ``item``."""
    about = "Where the next page begins; null on the last one."
    page = Output.from_dict({"items": parts(item), "next_cursor": Text(about, allow_none=True)}, name=name)
    page.__doc__ = f"A page of {item.__name__}."
    return page


def texts(about: str, *, example: str, **options: Options) -> fields.List[Any]:
    """Return a field for a list of texts in an answer."""
    inner = fields.String(metadata={"examples": [example]})
    return fields.List(inner, metadata={"description": about}, **options)
