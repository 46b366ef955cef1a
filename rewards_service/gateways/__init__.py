"""The world outside: vendors behind protocols, an in-memory twin for each, chosen by the URLs of the settings.

Invariants: nothing here knows a domain or a database; a vendor's answer is kept as it was given; what was sent and
not answered is *unknown*, never failed.
"""

from rewards_service.gateways.answers import Acceptance, VendorAnswer
from rewards_service.gateways.container import Gateways, SecretReader
from rewards_service.gateways.errors import GatewayUrlUnusableError

__all__ = ["Acceptance", "GatewayUrlUnusableError", "Gateways", "SecretReader", "VendorAnswer"]
