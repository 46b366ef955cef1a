"""Members."""

from rewards_service.api.fields import Email, Moment, Phone, Text
from rewards_service.api.schemas.base import Input, Output, PageQuery, listing, parts, reference


class NewMember(Input):
    """A person to reward."""

    program_id = reference("The program; not needed with a key of one program.", example="partners-2027")
    external_id = Text(
        "Your own id for this person; the same id with the same content is the same member.", example="P-1001"
    )
    name = Text("How messages address the person.", required=True, example="Ana Soto")
    email = Email()
    phone = Phone("In international notation.")
    locale = Text(
        "Language this person is written to in; without it the program's.",
        length_max=20,
        pattern="^[A-Za-z0-9_-]+$",
        example="es",
    )


class MembersQuery(PageQuery):
    """Which members: those whom all given facts describe."""

    program_id = reference("Only members of this program.", example="partners-2027")
    email = Email()
    phone = Phone()
    external_id = Text("Your own id for a person.", example="P-1001")


class MemberWallet(Output):
    """One of a member's wallets."""

    id = Text(attribute="public_id", example="wal_01kahx8s3e5r7t9v1w3x5z7b9d")
    unit = Text(attribute="unit.api_name", example="PTS")


class MemberOut(Output):
    """A member."""

    id = Text(attribute="member.public_id", example="mem_01kahx8s3e5r7t9v1w3x5z7b9d")
    program_id = Text(attribute="program_id", example="prg_01kahx8s3e5r7t9v1w3x5z7b9d")
    external_id = Text(attribute="member.external_id", allow_none=True, example="P-1001")
    name = Text(attribute="member.name", example="Ana Soto")
    email = Text(attribute="member.email", allow_none=True, example="ana@example.com")
    phone = Text(attribute="member.phone", allow_none=True, example="+4915112345678")
    locale = Text(attribute="member.locale", example="es")
    merged_into = Text(
        "The member who stands for this one, if they proved to be one person.",
        attribute="merged_into",
        allow_none=True,
        example="mem_01kahx8s3e5r7t9v1w3x5z7b9e",
    )
    wallets = parts(MemberWallet, attribute="wallets")
    created_at = Moment(attribute="member.created_at")


MemberList = listing(MemberOut, name="MemberList")
