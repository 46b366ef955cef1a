"""The trail of who did what."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import audit_of_object, audit_of_organization, record_audit
from rewards_service.kit.database import transact, unit_of_work
from rewards_service.kit.logs import request_scope

STAFF = Actor(kind="staff", reference="stf_1")


def record(session, now, *, action="code.blocked", object_id="cod_1", organization_id=1, **more):
    return record_audit(
        session,
        organization_id=organization_id,
        actor=STAFF,
        action=action,
        object_type="code",
        object_id=object_id,
        now=now,
        **more,
    )


class TestRecordAudit:
    def test_keeps_who_did_what_and_why(self, session, now):
        record(session, now, reason="lost", detail={"state": ["active", "blocked"]})
        session.flush()
        (event,) = audit_of_object(session, organization_id=1, object_type="code", object_id="cod_1")
        assert (event.actor_kind, event.actor_reference, event.action) == ("staff", "stf_1", "code.blocked")
        assert (event.reason, event.detail, event.recorded_at) == ("lost", {"state": ["active", "blocked"]}, now)
        assert event.request_id is None

    def test_names_the_request_it_was_part_of(self, session, now):
        with request_scope() as request_id:
            assert record(session, now).request_id == request_id

    @pytest.mark.parametrize("change", ["UPDATE audit_event SET reason = 'x'", "DELETE FROM audit_event"])
    def test_is_never_changed(self, app: Flask, now, change):
        with unit_of_work() as session:
            record(session, now)
        with pytest.raises(DBAPIError):
            transact(lambda session: session.execute(text(change)))


class TestTrails:
    def test_tell_an_objects_story_from_its_beginning(self, session, now):
        for action in ("code.issued", "code.blocked", "code.reissued"):
            record(session, now, action=action)
        record(session, now, object_id="cod_2")
        session.flush()
        asked = {"organization_id": 1, "object_type": "code", "object_id": "cod_1"}
        assert [e.action for e in audit_of_object(session, **asked)] == ["code.issued", "code.blocked", "code.reissued"]
        assert [e.action for e in audit_of_object(session, **asked, limit=2)] == ["code.blocked", "code.reissued"]

    def test_hold_nothing_of_another_organization(self, session, now):
        record(session, now, organization_id=2)
        session.flush()
        assert audit_of_object(session, organization_id=1, object_type="code", object_id="cod_1") == []
        assert audit_of_organization(session, organization_id=1) == []

    def test_of_an_organization_come_newest_first_in_pages(self, session, now):
        for number in range(3):
            record(session, now, object_id=f"cod_{number}")
            session.flush()
        page = audit_of_organization(session, organization_id=1, limit=2)
        assert [event.object_id for event in page] == ["cod_2", "cod_1"]
        rest = audit_of_organization(session, organization_id=1, before_id=page[-1].id)
        assert [event.object_id for event in rest] == ["cod_0"]
