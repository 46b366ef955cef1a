"""Awards."""

from typing import ClassVar

from marshmallow import validates_schema

from rewards_service.api.fields import Email, Moment, Phone, Text, Whole
from rewards_service.api.schemas.base import Input, Output, part, reference
from rewards_service.api.sentences import Said, refuse_fields

ONE_WAY = Said("one_of", "Name the member by exactly one of id, email and phone.")
WAYS = ("id", "email", "phone")


class WhoIsAwarded(Input):
    """The member: exactly one of the three."""

    LEFT_OUT_OF_EXAMPLE: ClassVar[frozenset[str]] = frozenset({"id", "phone"})

    id = reference("Of a registered member.", example="mem_01kahx8s3e5r7t9v1w3x5z7b9d")
    email = Email("Of a member, or of somebody who is not one yet: the value waits.")
    phone = Phone("As with email.")

    @validates_schema
    def _one_way(self, data: dict[str, object], **_: object) -> None:
        """Refuse none of the three, and more than one."""
        named = [way for way in WAYS if way in data]
        if len(named) != 1:
            refuse_fields(ONE_WAY, *(named or WAYS))


class NewAward(Input):
    """Value that somebody has earned."""

    program_id = reference("The program; not needed with a key of one program.", example="partners-2027")
    member = part(WhoIsAwarded, "Who earned it.", required=True)
    value_units = Whole("How much, in smallest units.", required=True, example=12_480)
    unit = Text("The program's points (the default) or its currency.", length_max=12, example="PTS")
    reason = Text("What for; the member reads it.", required=True, example="Q3 sales target")
    external_id = Text(
        "Your own id: the same id with the same content is the same award.", required=True, example="2027-Q3-0001"
    )
    expires_at = Moment("When it ends; without it, never.")


class AwardOut(Output):
    """An award."""

    id = Text(attribute="award.public_id", example="awd_01kahx8s3e5r7t9v1w3x5z7b9d")
    program_id = Text(attribute="program.public_id", example="prg_01kahx8s3e5r7t9v1w3x5z7b9d")
    wallet_id = Text(
        "The wallet that holds the value.", attribute="wallet.public_id", example="wal_01kahx8s3e5r7t9v1w3x5z7b9d"
    )
    external_id = Text(attribute="award.external_id", example="2027-Q3-0001")
    value_units = Whole(attribute="award.value_units", example=12_480)
    unit = Text(attribute="unit.api_name", example="PTS")
    reason = Text(attribute="award.reason", example="Q3 sales target")
    expires_at = Moment(attribute="award.expires_at", allow_none=True)
    created_at = Moment(attribute="award.created_at")
