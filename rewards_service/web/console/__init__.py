"""The console: where staff look somebody up, see what happened, and put it right.

Invariants: nobody sees another organization; within it, nobody sees a program in which his roles do not include it; a
code is shown by its last four symbols alone; every change is one operation and is audited.
"""

from flask import Blueprint

from rewards_service.kit.access import PUBLIC, TenantScope
from rewards_service.web.console.views import acting, looking, running, signing_in
from rewards_service.web.console.workers import admit
from rewards_service.web.errors import show_errors
from rewards_service.web.routing import Route, add_routes
from rewards_service.web.security import guard
from rewards_service.web.sessions import set_cookies

PROGRAM, ORGANIZATION = TenantScope.PROGRAM, TenantScope.ORGANIZATION

ROUTES = (
    Route("/sign-in", "sign_in", signing_in.sign_in, PUBLIC, TenantScope.NONE),
    Route("/sign-in", "enter", signing_in.enter, PUBLIC, TenantScope.NONE, "POST"),
    Route("/sign-out", "sign_out", signing_in.sign_out, PUBLIC, TenantScope.NONE, "POST"),
    Route("/", "home", looking.home, "console.enter", PROGRAM),
    Route("/search", "search", looking.search, "console.enter", PROGRAM),
    Route("/members/<member_id>", "member", looking.member, "members.read", PROGRAM),
    Route("/members/<member_id>/merge", "merge_member", acting.merge_member, "members.write", PROGRAM, "POST"),
    Route("/codes/<code_id>", "code", looking.code, "codes.read", PROGRAM),
    Route("/codes/<code_id>/resend", "resend_code", acting.resend_code, "messages.resend", PROGRAM, "POST"),
    Route("/codes/<code_id>/reissue", "reissue_code", acting.reissue_code, "codes.reissue", PROGRAM, "POST"),
    Route("/codes/<code_id>/block", "block_code", acting.block_code, "codes.write", PROGRAM, "POST"),
    Route("/codes/<code_id>/unblock", "unblock_code", acting.unblock_code, "codes.write", PROGRAM, "POST"),
    Route("/orders/<order_id>", "order", looking.order, "orders.read", PROGRAM),
    Route("/orders/<order_id>/cancel", "cancel_order", acting.cancel_order, "orders.write", PROGRAM, "POST"),
    Route("/messages", "messages", running.messages, "messages.read", PROGRAM),
    Route("/messages/<message_id>", "message", running.message, "messages.read", PROGRAM),
    Route("/messages/<message_id>/html", "message_html", running.message_html, "messages.read", PROGRAM),
    Route(
        "/messages/<message_id>/resend", "resend_message", running.resend_message, "messages.resend", PROGRAM, "POST"
    ),
    Route("/messages/<message_id>/open", "open_message", running.open_message, "messages.open", PROGRAM, "POST"),
    Route("/jobs", "jobs", running.jobs, "jobs.read", ORGANIZATION),
    Route("/jobs/<int:job_id>", "job", running.job, "jobs.read", ORGANIZATION),
    Route("/jobs/<int:job_id>/retry", "retry_job", running.retry_job, "jobs.manage", ORGANIZATION, "POST"),
    Route("/jobs/<int:job_id>/cancel", "cancel_job", running.cancel_job, "jobs.manage", ORGANIZATION, "POST"),
)


def make_blueprint() -> Blueprint:
    """Return the blueprint ``console``, at ``/console``."""
    blueprint = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
    guard(blueprint)
    set_cookies(blueprint)
    show_errors(blueprint)
    add_routes(blueprint, ROUTES)
    blueprint.before_request(admit)
    return blueprint
