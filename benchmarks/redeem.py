"""How fast a redemption is: ``POST /orders`` with one item and one wallet of three lots, beside what it comes down to.

``python -m benchmarks.redeem [--seconds 10] [--clients 8] [--growth-rows 10000000] [--rows redeem,hot,sqlite,growth]``
measures each row with its floor in the same run, one after the other, and prints the ratio beside what it must be:

- *redeem*: HTTP per second ÷ pgbench writing the same effects in seven round trips;
- *CPU*: processor time of one redemption, server and database together, in microseconds;
- *hot*: all redemptions from one wallet ÷ spread over many;
- *sqlite*: HTTP per second ÷ ``sqlite3`` alone on one connection, and the p99 of the answers in milliseconds;
- *growth*: the rate with so many rows in the ledger ÷ the rate with few.
"""

import argparse
import secrets
import socket
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, select
from sqlalchemy.engine import make_url

from benchmarks.http_load import Load, Post, post_all
from benchmarks.ledger_history import add_history
from benchmarks.processes import cpu_seconds_of_family, served
from benchmarks.redeem_floor import pgbench, raw_sqlite
from benchmarks.redeem_stage import FACE_MINOR, WALLETS, Stage, build_stage, durable_postgresql
from rewards_service.ledger.chart import Role
from rewards_service.ledger.models import Account
from tests.support.postgresql import PostgresqlServer

WEB_PROCESSES = 2
SLICES = 3
"""The product and its floor take turns, so that noise falls on both alike; the medians count."""
ROWS = ("redeem", "hot", "sqlite", "growth")


@dataclass(frozen=True)
class Result:
    """One row: what was measured, its floor, their ratio or figure, and what that must and should be."""

    name: str
    measured: str
    floor: str
    figure: str
    must: str
    aim: str

    def line(self) -> str:
        """Return the row of the table."""
        return f"{self.name:34} {self.measured:>14} {self.floor:>14} {self.figure:>9} {self.must:>9} {self.aim:>7}"


HEADER = Result("", "measured", "floor", "figure", "must", "aim")


@dataclass(frozen=True)
class Run:
    """How long and by how many clients."""

    seconds: float
    clients: int

    def redeem(self, stage: Stage, port: int, *, wallets: int) -> Load:
        """Send redemptions from so many wallets, after a while of warming up, and return what the clients saw."""
        prefix = secrets.token_hex(4)

        def make_post(client: int, number: int) -> Post:
            reference = f"{prefix}-{client}-{number}"
            body = {
                "external_id": reference,
                "lines": [{"item_id": stage.item_id, "face_value_minor": FACE_MINOR, "quantity": 1}],
                "tenders": [{"wallet_id": stage.wallets[(client * 31 + number) % wallets]}],
            }
            headers = {"Authorization": f"Bearer {stage.api_key}", "Idempotency-Key": reference}
            return Post("/api/v1/orders", headers, body)

        return post_all(port, make_post=make_post, clients=self.clients, seconds=self.seconds, wanted=201)


@dataclass(frozen=True)
class Served:
    """A served stage on PostgreSQL, and what it is measured with."""

    run: Run
    stage: Stage
    server: PostgresqlServer
    port: int
    web_pid: int

    def warm_up(self) -> None:
        """Let every process compile its statements and open its connections, and the house its accounts."""
        Run(max(2, self.run.seconds / SLICES), self.run.clients).redeem(self.stage, self.port, wallets=WALLETS)

    def rate(self, *, wallets: int = WALLETS) -> float:
        """Return redemptions per second over HTTP."""
        return self.run.redeem(self.stage, self.port, wallets=wallets).per_second

    def floor(self) -> float:
        """Return redemptions per second that pgbench writes."""
        return pgbench(
            self.server,
            self.stage.url,
            wallets=WALLETS,
            clients=self.run.clients,
            seconds=self.run.seconds,
            held=held_account(self.stage.url),
        )

    def cpu_seconds(self) -> float:
        """Return the processor time that web processes and database have used so far."""
        postmaster = (self.server.directory / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0]
        return cpu_seconds_of_family(self.web_pid) + cpu_seconds_of_family(int(postmaster))


def held_account(url: str) -> int:
    """Return the account that keeps what is held; the first redemption has opened it."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found: int = connection.execute(select(Account.id).where(Account.role == Role.HELD.value)).scalars().one()
    engine.dispose()
    return found


def measure_redeem(at: Served) -> list[Result]:
    """Measure the rate against its floor, and what one redemption costs the processors."""
    ours, floors, costs = [], [], []
    for _ in range(SLICES):
        before = at.cpu_seconds()
        load = at.run.redeem(at.stage, at.port, wallets=WALLETS)
        costs.append((at.cpu_seconds() - before) / len(load.durations_ms) * 1_000_000)
        ours.append(load.per_second)
        floors.append(at.floor())
    rate, floor, cost = statistics.median(ours), statistics.median(floors), statistics.median(costs)
    return [
        Result("redeem / pgbench", f"{rate:.0f}/s", f"{floor:.0f}/s", f"{rate / floor:.2f}", ">= 0.25", "0.45"),
        Result("CPU of one redemption", f"{cost:.0f} us", "", f"{cost:.0f} us", "<= 1200", "650"),
    ]


def measure_hot(at: Served) -> list[Result]:
    """Measure redemptions that all pay from one wallet against such from many."""
    pairs = [(at.rate(wallets=1), at.rate()) for _ in range(SLICES)]
    hot, spread = (statistics.median(side) for side in zip(*pairs, strict=True))
    return [
        Result("one hot wallet / many", f"{hot:.0f}/s", f"{spread:.0f}/s", f"{hot / spread:.2f}", ">= 0.60", "0.80")
    ]


def measure_growth(at: Served, *, rows: int) -> list[Result]:
    """Measure the rate before and after the ledger has grown."""
    before = statistics.median(at.rate() for _ in range(SLICES))
    added = add_history(at.stage.url, rows=rows)
    at.warm_up()
    after = statistics.median(at.rate() for _ in range(SLICES))
    name = f"with {added:,} ledger rows / few"
    return [Result(name, f"{after:.0f}/s", f"{before:.0f}/s", f"{after / before:.2f}", ">= 0.90", "0.98")]


def measure_sqlite(run: Run) -> list[Result]:
    """Measure one web process on SQLite against the bare database, and how long the slowest answers take."""
    with tempfile.TemporaryDirectory() as directory:
        stage = build_stage(f"sqlite:///{Path(directory) / 'redeem.sqlite'}", Path(directory))
        port = free_port()
        with served(stage.environ, workers=1, port=port):
            run.redeem(stage, port, wallets=WALLETS)
            ours, floors, slowest = [], [], []
            for _ in range(SLICES):
                load = run.redeem(stage, port, wallets=WALLETS)
                ours.append(load.per_second)
                slowest.append(load.p99_ms)
                path = Path(str(make_url(stage.url).database))
                floors.append(raw_sqlite(path, wallets=WALLETS, seconds=run.seconds, held=held_account(stage.url)))
    rate, floor, p99 = statistics.median(ours), statistics.median(floors), statistics.median(slowest)
    return [
        Result("SQLite redeem / sqlite3", f"{rate:.0f}/s", f"{floor:.0f}/s", f"{rate / floor:.2f}", ">= 0.22", "0.35"),
        Result(f"SQLite p99, {run.clients} clients", f"{p99:.0f} ms", "", f"{p99:.0f} ms", "<= 40", "15"),
    ]


def measure_postgresql(run: Run, *, rows: set[str], growth_rows: int) -> list[Result]:
    """Measure the rows that need PostgreSQL, growth last, because it changes the database for good."""
    measures: dict[str, Callable[[Served], list[Result]]] = {
        "redeem": measure_redeem,
        "hot": measure_hot,
        "growth": lambda at: measure_growth(at, rows=growth_rows),
    }
    with tempfile.TemporaryDirectory() as directory, durable_postgresql() as (server, url):
        stage, port = build_stage(url, Path(directory)), free_port()
        with served(stage.environ, workers=WEB_PROCESSES, port=port) as web_pid:
            at = Served(run, stage, server, port, web_pid)
            at.warm_up()
            return [result for name, measure in measures.items() if name in rows for result in measure(at)]


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main(arguments: list[str] | None = None) -> None:
    """Measure the rows that were asked for and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.redeem", description="How fast is a redemption?")
    parser.add_argument("--seconds", type=float, default=10, help="how long each slice of a measurement takes")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--growth-rows", type=int, default=10_000_000)
    parser.add_argument("--rows", default=",".join(ROWS), help="which of redeem, hot, sqlite, growth")
    given = parser.parse_args(arguments)
    run, rows = Run(given.seconds, given.clients), set(given.rows.split(","))
    print(HEADER.line())
    results = measure_sqlite(run) if "sqlite" in rows else []
    if rows - {"sqlite"}:
        results += measure_postgresql(run, rows=rows, growth_rows=given.growth_rows)
    for result in results:
        print(result.line())


if __name__ == "__main__":
    main(sys.argv[1:])
