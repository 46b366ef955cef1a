"""Who is in the demo: staff, members, and what the members earned."""

from dataclasses import dataclass

from rewards_service.identity.policy import Role

ORGANIZATION = "larkspur"
ORGANIZATION_NAME = "Larkspur Energy"
PROGRAM = "demo"
PROGRAM_NAME = "Larkspur Partner Club"
SUPPLIER = "larkspur-stock"
TIME_ZONE = "Europe/Berlin"


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """Somebody who signs in to the console."""

    email: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class DemoMember:
    """Somebody who signs in to the shop; ``awards`` are (reason, points, days to live)."""

    external_id: str
    name: str
    email: str
    phone: str
    awards: tuple[tuple[str, int, int], ...]


STAFF = (
    DemoStaff("olivia@larkspur.example", "Olivia Owner", Role.OWNER),
    DemoStaff("finn@larkspur.example", "Finn Finance", Role.FINANCE),
    DemoStaff("sara@larkspur.example", "Sara Support", Role.SUPPORT_AGENT),
)

MEMBERS = (
    DemoMember(
        "AMARA",
        "Amara Okafor",
        "amara@installers.example",
        "+4915112345678",
        (
            ("Spring sale, 12 heat pumps", 9_000, 320),
            ("Training passed: Safety 2026", 2_500, 200),
            ("Flash bonus", 980, 25),
        ),
    ),
    DemoMember(
        "JOOST",
        "Joost van den Berg",
        "joost@resellers.example",
        "+31612345678",
        (("Quarterly target reached", 15_000, 300), ("New customer", 2_500, 150)),
    ),
    DemoMember("NURUL", "Nurul Abdullah", "nurul@partners.example", "+60125902148", (("Campaign sale", 5_000, 365),)),
)

CODES = (("DEMO-GIFT", 5_000, 365), ("DEMO-THANKS", 2_000, 90), ("DEMO-BONUS", 1_000, 30))
"""Codes to try the shop with: reference in the books, points, days to live."""

STOCK_PER_DENOMINATION = 12
