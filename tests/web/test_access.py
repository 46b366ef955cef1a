"""Who may open which page of the console: every role, every route, own and foreign things (R16, R17)."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from catalog import Item
from rewards_service.codes.models import Code
from rewards_service.codes.operations import deliver_code
from rewards_service.codes.queries import codes_by_last4
from rewards_service.delivery.models import Message
from rewards_service.identity.models import Staff
from rewards_service.identity.operations import grant_role
from rewards_service.identity.policy import ROLES_BY_PERMISSION, Role
from rewards_service.kit.access import PUBLIC, TenantScope, access_rule
from rewards_service.kit.jobs.models import Job
from rewards_service.orders.models import Order
from rewards_service.programs.models import Program
from tests.support.commerce import Commerce
from tests.support.made_up import add_program
from tests.web.browser import Browser
from tests.web.site import Site


@dataclass(frozen=True)
class Things:
    """One of each thing that a route can name, in one program."""

    member_id: str
    code_id: str
    order_id: str
    message_id: str
    job_id: int


def make_things(story: Commerce) -> Things:
    """One of each thing, all of them alive."""
    member = story.member(f"canary{story.program.id}")
    text = story.code(5_000)
    (code,) = codes_by_last4(story.session, organization_id=story.program.organization_id, last4=text[-4:])
    deliver_code(story.session, code=code, channel="email", to="c@canary.example", vault=story.vault, now=story.now)
    item = story.item(f"Canary {story.program.external_id}")
    story.stock(item)
    placed = story.order(item, story.code(2_500))
    message = story.session.scalars(select(Message).where(Message.program_id == story.program.id)).first()
    job = story.session.scalars(select(Job).where(Job.organization_id == story.program.organization_id)).first()
    assert message is not None
    assert job is not None
    return Things(member.public_id, code.public_id, placed.order.public_id, message.public_id, job.id)


def console_routes(site: Site) -> list[tuple[str, str, str]]:
    """Endpoint, method and pattern of every page of the console that is not open to all."""
    return [
        (rule.endpoint, next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"})), rule.rule)
        for rule in site.app.url_map.iter_rules()
        if rule.endpoint.startswith("console.") and access_rule(rule.endpoint).permission != PUBLIC
    ]


def address(pattern: str, things: Things) -> str:
    """A route's pattern with the things of one program in it."""
    path = pattern.replace("<int:job_id>", str(things.job_id))
    for name in ("member_id", "code_id", "order_id", "message_id"):
        path = path.replace(f"<{name}>", getattr(things, name))
    assert "<" not in path, f"a new sort of thing: {pattern}"
    return path


def ask(browser: Browser, method: str, path: str) -> int:
    """Call a route once and return its status; a POST brings the token of a page of the same browser."""
    data = {"reason": "a test", "to": "new@canary.example"}
    if method == "POST":
        data["csrf_token"] = dict(browser.get("/console/sign-in").forms[0].fields)["csrf_token"]
    return browser.raw(path, method=method, data=data if method == "POST" else None).status_code


@pytest.fixture
def own(site: Site) -> Things:
    """Things of the program ``demo``."""
    with site.story() as story:
        return make_things(story)


@pytest.fixture
def foreign(site: Site) -> Things:
    """Things of another organization."""
    with site.story("other") as story:
        return make_things(story)


class TestRoles:
    @pytest.mark.parametrize("role", Role)
    def test_open_exactly_what_the_table_says(self, site: Site, own: Things, role: Role):
        browser = site.worker(role)
        for endpoint, method, pattern in sorted(console_routes(site)):
            if method != "GET":
                continue
            allowed = role in ROLES_BY_PERMISSION[access_rule(endpoint).permission]
            status = ask(browser, method, address(pattern, own))
            assert status == (200 if allowed else 403), (role, endpoint, status)

    @pytest.mark.parametrize("role", Role)
    def test_change_nothing_the_table_does_not_allow(self, site: Site, own: Things, role: Role):
        browser = site.worker(role)
        for endpoint, method, pattern in sorted(console_routes(site)):
            held = ROLES_BY_PERMISSION[access_rule(endpoint).permission]
            if method == "POST" and role not in held:
                assert ask(browser, method, address(pattern, own)) == 403, (role, endpoint)

    def test_in_one_program_reach_no_further(self, site: Site, own: Things):
        browser = site.worker(Role.OWNER, everywhere=False)
        with site.story() as story:
            second = Commerce(story.session, _another_program(story, "second"), story.vault, story.now)
            other = make_things(second)
        for endpoint, method, pattern in sorted(console_routes(site)):
            rule = access_rule(endpoint)
            if "<" in pattern and rule.scope == TenantScope.PROGRAM:
                assert ask(browser, method, address(pattern, other)) == 404, endpoint
            if rule.scope == TenantScope.ORGANIZATION:
                assert ask(browser, method, address(pattern, own)) == 403, endpoint
        for path in ("/console/", "/console/search?q=canary", "/console/messages"):
            assert other.member_id not in browser.get(path).html

    def test_in_two_programs_see_the_messages_of_both_and_of_no_third(self, site: Site, own: Things):
        browser, others = site.worker(Role.SUPPORT_AGENT, everywhere=False), []
        with site.story() as story:
            for name in ("second", "third"):
                program = _another_program(story, name)
                others.append(make_things(Commerce(story.session, program, story.vault, story.now)))
                if name == "second":
                    staff = story.session.scalars(select(Staff)).one()
                    grant_role(story.session, staff=staff, role=Role.SUPPORT_AGENT, program_id=program.id)
        page = browser.get("/console/messages").html
        second, third = others
        assert [each.message_id in page for each in (own, second, third)] == [True, True, False]


class TestTenants:
    def test_foreign_things_do_not_exist(self, site: Site, own: Things, foreign: Things):
        browser = site.worker(Role.OWNER)
        for endpoint, method, pattern in sorted(console_routes(site)):
            if "<" in pattern:
                assert ask(browser, method, address(pattern, foreign)) == 404, endpoint

    def test_foreign_names_stand_on_no_page(self, site: Site, own: Things, foreign: Things):
        browser = site.worker(Role.OWNER)
        canaries = [foreign.member_id, foreign.code_id, foreign.order_id, foreign.message_id, "Canary other"]
        for endpoint, method, pattern in sorted(console_routes(site)):
            if method == "GET":
                html = browser.raw(address(pattern, own) + "?q=canary").text
                assert not [canary for canary in canaries if canary in html], endpoint

    def test_nobody_is_let_in_without_a_session(self, site: Site, own: Things):
        for endpoint, method, pattern in console_routes(site):
            refused = 303 if method == "GET" else 401
            assert ask(site.browser(), method, address(pattern, own)) == refused, endpoint


class TestShop:
    def test_of_another_program_is_closed_to_a_member(self, site: Site, own: Things, foreign: Things, item: Item):
        with site.story() as story:
            story.wallet((100, 10), member=story.member("amara"))
        browser = site.member("amara@example.com")
        assert browser.get(f"/s/demo/orders/{own.order_id}").status == 404
        assert browser.get(f"/s/demo/orders/{foreign.order_id}").status == 404
        assert browser.get(f"/s/other/orders/{foreign.order_id}").status == 401
        states = site.read(lambda session: session.scalars(select(Order.state)).all())
        assert set(states) == {"processing"}
        assert site.read(lambda session: session.scalars(select(Code.state)).all())


def _another_program(story: Commerce, name: str) -> Program:
    """Another program of the same organization."""
    return add_program(
        story.session,
        organization=story.program.organization,
        external_id=name,
        unit=f"P{name[:2].upper()}",
        now=story.now,
    )
