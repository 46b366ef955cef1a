"""Statements that everybody waits for: built once by SQLAlchemy, and handed to the driver as they are.

For a short statement SQLAlchemy's execution costs more than the database does. What it finds out anew each time, the
text, the types of the values and those of the results, depends on the statement and the database alone: here it is
found out once. Errors are SQLAlchemy's own, so that whoever retries or explains them sees no difference; engine events
about single statements do not fire.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ClauseElement, ColumnElement, Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPICursor, DBAPIModule
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import iterate

Parameters = Mapping[str, Any]
Process = Callable[[Any], Any]


LIST_KEPT_MAX = 20
"""A statement with longer lists among its parameters is not worth keeping: it is rare, and does much."""


class Statement:
    """An INSERT, UPDATE, SELECT or text of a hot path, run inside a transaction that is under way.

    Every run passes the same names; the columns of an INSERT are those of its first run.
    """

    def __init__(self, clause: ClauseElement) -> None:
        self._clause = clause
        self._lists = [part.key for part in iterate(clause) if isinstance(part, BindParameter) and part.expanding]
        self._compiled: dict[tuple[object, ...], _Compiled] = {}

    def rows(self, connection: Connection, parameters: Parameters) -> list[tuple[Any, ...]]:
        """Run it and return its rows, each with a value per column."""
        compiled = self._for(connection, parameters)
        with _cursor(connection, compiled.text) as cursor:
            cursor.execute(compiled.text, compiled.values(parameters))
            return compiled.converted(cursor.fetchall())

    def scalar(self, connection: Connection, parameters: Parameters) -> Any:  # noqa: ANN401 — whatever the column holds
        """Run it and return the first value of its only row; none when there is no row."""
        found = self.rows(connection, parameters)
        return found[0][0] if found else None

    def run(self, connection: Connection, parameters: Parameters) -> int:
        """Run it for its effect and return how many rows that had."""
        compiled = self._for(connection, parameters)
        with _cursor(connection, compiled.text) as cursor:
            cursor.execute(compiled.text, compiled.values(parameters))
            return cursor.rowcount

    def run_each(self, connection: Connection, rows: Sequence[Parameters]) -> None:
        """Run it for its effect with each of ``rows``, at least one, which all pass the same names."""
        if len(rows) == 1:
            self.run(connection, rows[0])
            return
        compiled = self._for(connection, rows[0])
        with _cursor(connection, compiled.text) as cursor:
            cursor.executemany(compiled.text, [compiled.values(row) for row in rows])

    def _for(self, connection: Connection, parameters: Parameters) -> "_Compiled":
        """Return it as the connection's database wants it, with a place for each value of its lists."""
        assert connection.in_transaction(), "nothing here begins a transaction, and so nothing would end it"
        lengths = [len(parameters[name]) for name in self._lists]
        form = (connection.dialect.name, *lengths)
        found = self._compiled.get(form)
        if found is None:
            found = _compile(self._clause, connection.dialect, parameters=parameters, lists=self._lists)
            if max(lengths, default=0) <= LIST_KEPT_MAX:
                self._compiled[form] = found
        return found


def send(connection: Connection, text: str) -> None:
    """Run a text without parameters and results, such as what begins a transaction."""
    with _cursor(connection, text) as cursor:
        cursor.execute(text)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as one database wants it.

    Attributes:
        names: the parameters that every run passes.
        constants: parameters that the statement itself brings.
        lists: parameters that are lists, of whose values each has a place, ``name_1`` and so on.
        binders: what turns values into the driver's, by name; values whose type needs no change are not named.
        order: the names in the order of their places, where the driver counts them.
        converters: what turns the driver's values into Python's, by column.
    """

    text: str
    names: frozenset[str]
    constants: Parameters
    lists: Sequence[str]
    binders: Sequence[tuple[str, Process]]
    order: Sequence[str] | None
    converters: Sequence[tuple[int, Process]]

    def values(self, parameters: Parameters) -> Any:  # noqa: ANN401 — the driver's: by name or by place
        """Return ``parameters`` as the driver takes them."""
        assert parameters.keys() == self.names, "every run passes the same names"
        values = {**self.constants, **parameters}
        for name, bind in self.binders:
            values[name] = bind(values[name])
        for name in self.lists:
            values |= {f"{name}_{place}": value for place, value in enumerate(values.pop(name), start=1)}
        return values if self.order is None else [values[name] for name in self.order]

    def converted(self, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Return the driver's rows with Python's values."""
        return [self._converted(row) for row in rows] if self.converters else [tuple(row) for row in rows]

    def _converted(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """Return a row with Python's values."""
        values = list(row)
        for index, convert in self.converters:
            values[index] = convert(values[index])
        return tuple(values)


def _compile(clause: ClauseElement, dialect: Dialect, *, parameters: Parameters, lists: Sequence[str]) -> _Compiled:
    """Find out what ``clause`` is in that database, for lists as long as those in ``parameters``."""
    filled = clause.params(parameters) if lists else clause
    compiled = filled.compile(
        dialect=dialect, column_keys=list(parameters), compile_kwargs={"render_postcompile": bool(lists)}
    )
    assert isinstance(compiled, SQLCompiler), "a statement, no DDL"
    prefetched = [*compiled.insert_prefetch, *compiled.update_prefetch]
    assert not prefetched, "defaults of Python are passed by whoever inserts or updates"
    single = {name: bind for name, bind in compiled.binds.items() if not bind.expanding}
    return _Compiled(
        text=compiled.string,
        names=frozenset(parameters),
        constants=_constants(single, parameters=parameters),
        lists=lists,
        binders=_binders(single, dialect),
        order=compiled.positiontup,
        converters=_converters(list(getattr(clause, "exported_columns", ())), dialect),
    )


def _constants(binds: Mapping[str, BindParameter[Any]], *, parameters: Parameters) -> Parameters:
    """Return the values that a statement itself brings, by name."""
    own = {name: bind for name, bind in binds.items() if name not in parameters}
    assert not any(bind.required for bind in own.values()), "every parameter is passed"
    return {name: bind.effective_value for name, bind in own.items()}


def _binders(binds: Mapping[str, BindParameter[Any]], dialect: Dialect) -> list[tuple[str, Process]]:
    """Return what turns each value into the driver's, where its type needs that."""
    processes = ((name, bind.type.dialect_impl(dialect).bind_processor(dialect)) for name, bind in binds.items())
    return [(name, process) for name, process in processes if process is not None]


def _converters(columns: Sequence[ColumnElement[Any]], dialect: Dialect) -> list[tuple[int, Process]]:
    """Return what turns the driver's value of each column into Python's, where its type needs that."""
    processes = (column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
    return [(index, process) for index, process in enumerate(processes) if process is not None]


@contextmanager
def _cursor(connection: Connection, text: str) -> Iterator[DBAPICursor]:
    """Yield a cursor of the connection's driver.

    Raises:
        DBAPIError: as SQLAlchemy would raise it; a connection that is gone is given up.
    """
    cursor: DBAPICursor | None = None
    try:
        cursor = connection.connection.cursor()
        yield cursor
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, text, error, cursor) from error
    finally:
        if cursor is not None:
            cursor.close()


def _told(connection: Connection, text: str, error: DBAPIModule.Error, cursor: DBAPICursor | None) -> BaseException:
    """Return the driver's error as SQLAlchemy's, without values; where the connection is gone, give all of them up."""
    dialect = connection.dialect
    is_gone = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)
    if is_gone:
        connection.engine.dispose()
        connection.invalidate(error)
    return DBAPIError.instance(
        text, None, error, dialect.loaded_dbapi.Error, connection_invalidated=is_gone, dialect=dialect
    )
