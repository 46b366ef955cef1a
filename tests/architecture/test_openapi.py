"""The description of the API kept in the documentation is the one that is served; ``make openapi`` renews it."""

import os

from rewards_service.api.documentation.specification import specification_text
from tests.support.source import ROOT

KEPT = ROOT / "docs" / "openapi.json"
RENEW_VARIABLE = "REWARDS_RENEW_OPENAPI"


class TestKeptDescription:
    def test_is_what_is_served(self):
        if os.environ.get(RENEW_VARIABLE):
            KEPT.write_text(specification_text(), encoding="utf8")

        assert KEPT.read_text(encoding="utf8") == specification_text(), "run `make openapi` and look at what changed"
