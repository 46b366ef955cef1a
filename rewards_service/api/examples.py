"""Examples of requests and answers, put together from those of their fields."""

from typing import Any

from marshmallow import Schema, fields


def example_of(schema: Schema) -> dict[str, Any]:
    """Return a document that ``schema`` fits; what does not go with the rest is left out of it."""
    left_out: frozenset[str] = getattr(schema, "LEFT_OUT_OF_EXAMPLE", frozenset())
    return {
        field.data_key or name: _example_of_field(field)
        for name, field in schema.fields.items()
        if name not in left_out
    }


def _example_of_field(field: fields.Field[Any]) -> Any:  # noqa: ANN401 — a JSON value
    """Return one value that ``field`` takes."""
    if isinstance(field, fields.Nested):
        inner = example_of(field.schema)
        return [inner] if field.many else inner
    if isinstance(field, fields.List):
        return [_example_of_field(field.inner)] * field.metadata.get("minItems", 1)
    return field.metadata["examples"][0]
