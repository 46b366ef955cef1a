"""Views of what runs behind the pages: messages and jobs."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rewards_service.delivery.policy import MessageState
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.errors import NotFound
from rewards_service.kit.jobs import JobState
from rewards_service.web.console import deeds
from rewards_service.web.console.letters import Letter, masked_letter, outbox_letter
from rewards_service.web.console.pages.jobs import job_number, job_page, jobs_page
from rewards_service.web.console.pages.messages import message_page, outbox_page
from rewards_service.web.console.workers import current_worker
from rewards_service.web.context import present
from rewards_service.web.forms import shows_again
from rewards_service.web.i18n import _
from rewards_service.web.security import hide_referrer, show_as_mail


def messages() -> ResponseReturnValue:
    """Show the outbox."""
    worker, asked = current_worker(), request.args.get("state", "")
    state = MessageState(asked) if asked in set(MessageState) else None
    with read_session() as session:
        page = outbox_page(session, worker=worker, state=state, cursor=request.args.get("cursor"))
        return render_template("console/messages.html", worker=worker, page=page)


def message(message_id: str, opened: Letter | None = None) -> ResponseReturnValue:
    """Show one message; what opens something in it is masked unless it was just opened."""
    worker = current_worker()
    with read_session() as session:
        found = deeds.own_message(session, worker=worker, message_id=message_id, permission="messages.read")
        page = message_page(session, worker=worker, message=found, opened=opened)
        return render_template("console/message.html", worker=worker, page=page)


def message_html(message_id: str) -> ResponseReturnValue:
    """Send the masked HTML of a mail, for a frame that can run nothing."""
    worker = current_worker()
    with read_session() as session:
        found = deeds.own_message(session, worker=worker, message_id=message_id, permission="messages.read")
        letter = masked_letter(session, found)
    if letter is None or not letter.html:
        raise NotFound("The words of this message are not kept any more.")
    show_as_mail()
    return make_response(letter.html)


@shows_again(message)
def resend_message(message_id: str) -> ResponseReturnValue:
    """Send a message once more, to the same address."""
    worker, now = current_worker(), present()
    transact(lambda session: deeds.resend_message(session, worker=worker, message_id=message_id, now=now))
    flash(_("It is on its way once more."))
    return redirect(url_for("console.message", message_id=message_id))


@shows_again(message)
def open_message(message_id: str) -> ResponseReturnValue:
    """Show the copy in the outbox on the page that answers this press; it is noted who opened it."""
    hide_referrer()
    worker, now = current_worker(), present()
    found = transact(lambda session: deeds.note_opened(session, worker=worker, message_id=message_id, now=now))
    return message(message_id, opened=outbox_letter(found))


def jobs() -> ResponseReturnValue:
    """Show the jobs of one state; without one, those that gave up."""
    worker, asked = current_worker(), request.args.get("state", "")
    state = JobState(asked) if asked in set(JobState) else JobState.DEAD
    with read_session() as session:
        before_id = request.args.get("before", type=job_number)
        page = jobs_page(session, worker=worker, state=state, before_id=before_id)
        return render_template("console/jobs.html", worker=worker, page=page)


def job(job_id: int) -> ResponseReturnValue:
    """Show one job with every try."""
    worker = current_worker()
    with read_session() as session:
        page = job_page(session, worker=worker, job_id=job_id)
        return render_template("console/job.html", worker=worker, page=page)


@shows_again(job)
def retry_job(job_id: int) -> ResponseReturnValue:
    """Let a job be tried again."""
    worker, now = current_worker(), present()
    transact(lambda session: deeds.retry_job(session, worker=worker, job_id=job_id, now=now))
    flash(_("It will be tried again within seconds."))
    return redirect(url_for("console.job", job_id=job_id))


@shows_again(job)
def cancel_job(job_id: int) -> ResponseReturnValue:
    """Take a job off the list for good."""
    worker, now = current_worker(), present()
    transact(lambda session: deeds.cancel_job(session, worker=worker, job_id=job_id, now=now))
    flash(_("It was dropped. Nothing of it will happen any more."))
    return redirect(url_for("console.job", job_id=job_id))
