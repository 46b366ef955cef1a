"""An attack on all codes at once."""

from sqlalchemy import insert

from rewards_service.codes.guessing import GUESS_PURPOSE
from rewards_service.kit.throttle import Scope
from rewards_service.kit.throttle.limits import SITE_BUDGET, SITE_KEY
from rewards_service.kit.throttle.models import ThrottleFailure
from tests.web.site import Site


def guess_everywhere(site: Site) -> None:
    """Let so many codes be guessed, by whomever, that strangers must prove some work."""
    failure = {"purpose": GUESS_PURPOSE, "scope": Scope.SITE, "key": SITE_KEY, "failed_at": site.clock.now()}
    with site.story() as story:
        story.session.execute(insert(ThrottleFailure), [failure] * SITE_BUDGET.proof)
