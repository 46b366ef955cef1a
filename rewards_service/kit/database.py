"""One session, one transaction per request, and a reader that cannot write.

Flask-SQLAlchemy is built on the catalog's ``MetaData``, so one schema and one migration target hold both packages.
Nobody but this module commits: a use case runs in ``unit_of_work`` or, at an edge that must answer refusals and retry
what the database gave up on, in ``transact``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import BigInteger, CheckConstraint, Connection, DateTime, Dialect, Engine, Integer, TypeDecorator
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction

from catalog.tables import metadata as catalog_metadata
from rewards_service.kit import database_postgresql, database_sqlite
from rewards_service.kit.errors import Refusal

T = TypeVar("T")

ATTEMPTS_MAX = 3
"""How often a transaction that lost to another (deadlock, serialization, the same row made first) is tried in all."""

KEY = BigInteger().with_variant(Integer, "sqlite")
"""The type of every internal key: bigint, and INTEGER on SQLite, where only that is the row's own address."""

_DIALECTS = {"sqlite": database_sqlite, "postgresql": database_postgresql}


class Base(DeclarativeBase):
    """The plain declarative base of all models."""

    metadata = catalog_metadata


_READER = "rewards_reader"


class WritingSession(FlaskSession):
    """A session that looks for its engine once, and for its connection once per transaction or savepoint.

    The statements of the hot paths ask for the connection each; finding it anew every time costs as much as some of
    them do. A savepoint begins only when the connection is asked for within it, so it has one of its own.
    """

    _engine: Engine | Connection | None = None
    _known: tuple[SessionTransaction, Connection] | None = None

    def get_bind(self, *arguments: Any, **named: Any) -> Engine | Connection:  # noqa: ANN401 — SQLAlchemy's signature
        """Return the one engine; there are no others to choose from."""
        if self._engine is None:
            self._engine = super().get_bind(*arguments, **named)
        return self._engine

    def connection(self, *arguments: Any, **named: Any) -> Connection:  # noqa: ANN401 — SQLAlchemy's signature
        """Return the connection of the transaction under way, begun if there is none."""
        if arguments or named:
            return super().connection(*arguments, **named)
        innermost = self._innermost()
        if innermost is not None and self._known is not None and self._known[0] is innermost:
            return self._known[1]
        found = super().connection()
        begun = self._innermost()
        assert begun is not None, "asking for the connection begins a transaction"
        self._known = (begun, found)
        return found

    def _innermost(self) -> SessionTransaction | None:
        """Return the savepoint or transaction under way, if there is one."""
        return self.get_nested_transaction() or self.get_transaction()


db = SQLAlchemy(
    metadata=catalog_metadata,
    session_options={"class_": WritingSession, "expire_on_commit": False, "autoflush": False},
    disable_autonaming=True,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in, aware out, in UTC; a naive one is refused before it reaches the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into what the driver keeps."""
        if value is None:
            return None
        assert value.tzinfo is not None, "a moment without a time zone is not a moment"
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name in _NAIVE_DIALECTS else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn what the driver kept into an aware moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name in _NAIVE_DIALECTS else value.astimezone(UTC)


_NAIVE_DIALECTS = frozenset(name for name, module in _DIALECTS.items() if module.MOMENTS_ARE_NAIVE)


def integer_check(column: str) -> CheckConstraint:
    """Return the constraint that keeps anything but an integer out of a value column.

    SQLite stores ``1.5`` in an INTEGER column without a word; PostgreSQL's types need no such check.
    """
    return CheckConstraint(f"{column} IS NULL OR typeof({column}) = 'integer'", name=f"{column}_is_integer").ddl_if(
        callable_=_lacks_strict_types
    )


def connect_database(app: Flask) -> None:
    """Build the engine of ``app`` from ``SQLALCHEMY_DATABASE_URI`` and give it the rules of transactions."""
    uri: str = app.config["SQLALCHEMY_DATABASE_URI"]
    dialect = _DIALECTS[uri.partition(":")[0].partition("+")[0]]
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", dict(dialect.ENGINE_OPTIONS))
    db.init_app(app)
    with app.app_context():
        dialect.prepare_engine(db.engine)
        app.extensions[_READER] = reader_of(db.engine)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Yield the writing session; commit at the end, roll everything back on any exception.

    One request, one job step, one command step. It does not nest.
    """
    session: Session = db.session()
    assert not session.in_transaction(), "a unit of work does not nest"
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        db.session.remove()


@contextmanager
def read_session() -> Iterator[Session]:
    """Yield a session that reads one consistent state and cannot write; it never waits for a writer.

    It ends by a commit: a rollback makes psycopg forget every statement that it has prepared on the connection.
    """
    with Session(read_engine(), autoflush=False, expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def read_connection() -> Iterator[Connection]:
    """Yield a connection as ``read_session`` would, for a statement or two that need no session around them."""
    with read_engine().connect() as connection, connection.begin():
        yield connection


def read_engine() -> Engine:
    """Return the engine whose transactions the database itself keeps from writing."""
    engine: Engine = current_app.extensions[_READER]
    return engine


def reader_of(engine: Engine) -> Engine:
    """Return the engine, which is prepared, as one whose transactions cannot write."""
    return engine.execution_options(**_DIALECTS[engine.dialect.name].READER_OPTIONS)


def transact(operation: Callable[[Session], T], *, refused: Callable[[Session, Refusal], None] | None = None) -> T:
    """Run ``operation`` in one transaction and return what it returns.

    A ``Refusal`` undoes the operation and is raised again; what ``refused`` then writes (a wrong try, the audit of the
    refusal) is committed. Any other exception undoes everything. A transaction that lost to another is run again,
    ``ATTEMPTS_MAX`` times in all, so ``operation`` must have no effect but through its session; then it sees what the
    other committed and decides anew.
    """
    for _ in range(ATTEMPTS_MAX - 1):
        try:
            return _transact_once(operation, refused)
        except DBAPIError as error:
            if not is_transient(error):
                raise
    return _transact_once(operation, refused)


def is_transient(error: DBAPIError) -> bool:
    """Tell whether the transaction lost to another, so that it may be run again."""
    return getattr(error.orig, "sqlstate", None) in database_postgresql.TRANSIENT_STATES


def _transact_once(operation: Callable[[Session], T], refused: Callable[[Session, Refusal], None] | None) -> T:
    """Run ``operation`` once: in a SAVEPOINT where a refusal leaves a trace, else bare."""
    with unit_of_work() as session:
        if refused is None:
            return operation(session)
        try:
            with session.begin_nested():
                return operation(session)
        except Refusal as refusal:
            refused(session, refusal)
            lasting = refusal
    raise lasting


def _lacks_strict_types(*_: Any, dialect: Dialect, **__: Any) -> bool:  # noqa: ANN401 — SQLAlchemy's ddl_if signature
    """Tell whether the database would keep a fraction in an integer column."""
    return dialect.name in _NAIVE_DIALECTS
