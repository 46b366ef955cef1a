"""Loading many rows at once: what is read back is what was given, on both databases."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards_service.kit.audit.models import AuditEvent
from rewards_service.kit.bulk import insert_mappings, insert_rows, reserve_keys, rows_per_transaction
from rewards_service.kit.crypto import DataKey
from rewards_service.kit.jobs.models import ScheduleSlot
from tests.conftest import NOW


class TestInsertRows:
    def test_keeps_bytes_and_integers_as_they_are(self, session: Session):
        rows = [(7, 1, bytes(range(256))), (8, 2, b"\\x00\n\t\\N")]
        insert_rows(session, DataKey, columns=["organization_id", "kek_version", "wrapped"], rows=rows)
        found = session.execute(
            select(DataKey.organization_id, DataKey.kek_version, DataKey.wrapped).order_by(DataKey.id)
        )
        assert [tuple(row) for row in found] == rows

    def test_keeps_moments_in_utc(self, session: Session):
        rows = [(f"slot {n}", NOW + timedelta(microseconds=n), NOW) for n in range(3)]
        insert_rows(session, ScheduleSlot, columns=["name", "slot", "taken_at"], rows=rows)
        found = session.scalars(select(ScheduleSlot).order_by(ScheduleSlot.id)).all()
        assert [(row.name, row.slot, row.taken_at) for row in found] == rows

    def test_is_part_of_the_transaction(self, session: Session):
        insert_rows(session, ScheduleSlot, columns=["name", "slot", "taken_at"], rows=[("x", NOW, NOW)])
        session.rollback()
        assert session.scalar(select(func.count()).select_from(ScheduleSlot)) == 0

    def test_of_nothing_does_nothing(self, session: Session):
        insert_rows(session, AuditEvent, columns=["action"], rows=[])
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 0


class TestReserveKeys:
    def test_gives_ascending_keys_that_nobody_else_gets(self, session: Session):
        first, second = reserved(session, 3), reserved(session, 2)
        assert first == sorted(first)
        assert max(first) < min(second)

    def test_begins_after_the_rows_that_exist(self, session: Session):
        session.add(ScheduleSlot(name="x", slot=NOW, taken_at=NOW))
        session.flush()
        highest = session.scalars(select(func.max(ScheduleSlot.id))).one()
        assert min(reserved(session, 2)) > highest


class TestRowsPerTransaction:
    def test_is_less_where_there_is_one_writer(self, session: Session):
        expected = {"sqlite": 2_000, "postgresql": 50_000}
        assert rows_per_transaction(session) == expected[session.connection().dialect.name]


def reserved(session: Session, count: int) -> list[int]:
    """Reserve keys and use them up."""
    keys = reserve_keys(session, ScheduleSlot, count)
    insert_mappings(
        session,
        ScheduleSlot,
        [{"id": key, "name": f"slot {key}", "slot": NOW, "taken_at": NOW} for key in keys],
    )
    return keys
