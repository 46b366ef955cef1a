"""Programs."""

from typing import ClassVar

from marshmallow import validates_schema

from rewards_service.api.fields import Moment, Text, Whole
from rewards_service.api.loose_types import Options
from rewards_service.api.schemas.base import Input, Output, listing, part, reference
from rewards_service.api.sentences import Said, refuse_fields
from rewards_service.programs.operations import RATE_MAX

CURRENCY = "^[A-Z]{3}$"
ONE_RATE = Said("one_of", "Say the rate or points_per_major, not both.")


def currency(about: str, **options: Options) -> Text:
    """Return a field for an ISO 4217 code."""
    return Text(about, length_max=3, pattern=CURRENCY, example="EUR", **options)


class RateIn(Input):
    """What points are worth."""

    units = Whole("So many points …", maximum=RATE_MAX, required=True, example=100)
    minor = Whole("… are worth so many smallest units of the currency.", maximum=RATE_MAX, required=True, example=100)


class NewProgram(Input):
    """A program to create."""

    LEFT_OUT_OF_EXAMPLE: ClassVar[frozenset[str]] = frozenset({"points_per_major"})

    name = Text("What partners see.", required=True, example="Partner rewards")
    external_id = reference("Your own id; part of the shop's address.", required=True, example="partners-2027")
    unit = Text("Name of its points.", length_max=12, pattern="^[A-Z]{3,12}$", required=True, example="PTS")
    rate = part(RateIn, "What points are worth; without it 1 point is 1 smallest unit of the currency.")
    points_per_major = Whole("The rate in short: points for one whole unit of the currency.", maximum=RATE_MAX)
    currency = currency("ISO 4217 of its prices and its liability.", required=True)
    time_zone = Text("IANA name; decides when a date is over.", length_max=64, required=True, example="Europe/Berlin")
    locale = Text("Language of its shop and messages.", length_max=16, required=True, example="en")

    @validates_schema
    def _one_rate(self, data: dict[str, object], **_: object) -> None:
        """Refuse two answers to one question."""
        if "rate" in data and "points_per_major" in data:
            refuse_fields(ONE_RATE, "rate", "points_per_major")


class Rate(Output):
    """What points are worth: `units` points are `minor` smallest units of the program's currency."""

    units = Whole(example=100)
    minor = Whole(example=100)


class ProgramOut(Output):
    """A program."""

    id = Text(attribute="program.public_id", example="prg_01kahx8s3e5r7t9v1w3x5z7b9d")
    external_id = Text(attribute="program.external_id", example="partners-2027")
    name = Text(attribute="program.name", example="Partner rewards")
    unit = Text("Name of its points.", attribute="program.points_unit.api_name", example="PTS")
    rate = part(Rate, attribute="rate")
    currency = Text(attribute="program.currency", example="EUR")
    time_zone = Text(attribute="program.time_zone", example="Europe/Berlin")
    locale = Text(attribute="program.locale", example="en")
    created_at = Moment(attribute="program.created_at")


ProgramList = listing(ProgramOut, name="ProgramList")
