"""The right to write to a SQLite file."""

import errno
import os

import pytest

from rewards_service.kit.database_sqlite import WriterLock


class TestWriterLock:
    def test_that_cannot_be_had_is_left_to_the_next(self, tmp_path, monkeypatch) -> None:
        lock = WriterLock(tmp_path / "writer")
        with monkeypatch.context() as cut:
            cut.setattr("fcntl.flock", lock_nothing)
            with pytest.raises(OSError, match="No locks available"):
                lock.acquire()
        lock.acquire()
        lock.release()

    def test_without_a_place_for_its_file_is_left_to_the_next(self, tmp_path) -> None:
        lock = WriterLock(tmp_path / "new" / "writer")
        with pytest.raises(FileNotFoundError):
            lock.acquire()
        (tmp_path / "new").mkdir()
        lock.acquire()
        lock.release()


def lock_nothing(*_: object) -> None:
    """Fail as a file system does that has no locks left."""
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
