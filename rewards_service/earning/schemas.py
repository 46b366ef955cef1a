"""The shape of the files that come with an import: how a sender's columns are mapped."""

import json
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from rewards_service.earning.award_files.aliases import Field
from rewards_service.earning.award_files.columns import MappingUnusable
from rewards_service.earning.award_files.dates import FORMATS
from rewards_service.earning.award_files.file import AwardFile
from rewards_service.earning.award_files.mapping import GivenMapping
from rewards_service.kit.errors import FieldProblem


class MappingSchema(Schema):
    """A mapping as it is saved and handed in; whatever is left out is detected.

    ``columns`` names the column of each field. The other settings are those of ``AwardMapping``.
    """

    class Meta:
        """What saved mappings say beside, for people, is left aside."""

        unknown = EXCLUDE

    columns = fields.Dict(
        keys=fields.String(validate=validate.OneOf([field.value for field in Field])), values=fields.String()
    )
    decimal_sign = fields.String(validate=validate.OneOf([",", "."]))
    date_format = fields.String(validate=validate.OneOf(FORMATS))
    region = fields.String(validate=validate.Regexp(r"^[A-Z]{2}$"), allow_none=True)
    unit = fields.String(validate=validate.Regexp(r"^[A-Z]{3,12}$"))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> GivenMapping:  # noqa: ANN401 — marshmallow's signature
        """Return what was said about the file."""
        columns = {Field(name): column for name, column in data.pop("columns", {}).items()}
        return GivenMapping(columns=columns, **data)


def load_mapping(content: bytes) -> GivenMapping:
    """Return the mapping that a JSON file describes.

    Raises:
        MappingUnusable: it is no JSON object in UTF-8, or says something that no file can be read by.
    """
    try:
        mapping: GivenMapping = MappingSchema().loads(content.decode("utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError, ValidationError) as error:
        said = error.messages_dict if isinstance(error, ValidationError) else {"": str(error)}
        problems = (FieldProblem(f"/{name}", "mapping_unusable", str(text)) for name, text in said.items())
        raise MappingUnusable("The mapping cannot be used.", problems=tuple(problems)) from error
    return mapping


def describe_mapping(file: AwardFile) -> dict[str, Any]:
    """Return how ``file`` is read, in the shape that ``load_mapping`` takes, and what else was found out about it."""
    mapping, header = file.mapping, file.table.header
    return {
        "columns": {field.value: header[index] for field, index in mapping.columns.items()},
        "decimal_sign": mapping.decimal_sign,
        "date_format": mapping.date_format,
        "region": mapping.region,
        "unit": mapping.unit,
        "encoding": file.table.encoding,
        "separator": file.table.separator,
        "not_used": [name for index, name in enumerate(header) if name and index not in mapping.columns.values()],
    }
