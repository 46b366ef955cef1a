"""Files of an outbox: whole or not there, each repeat beside the first."""

import os
from pathlib import Path

REPEATS_MAX = 1000


def write_whole(directory: Path, *, name: str, suffix: str, content: bytes) -> Path:
    """Write ``name + suffix`` into ``directory`` so that nobody ever sees half of it, and return its path.

    A name that is taken gets ``-2``, ``-3`` and so on: a repeat is evidence of its own.

    Raises:
        OSError: the disk is full or the directory cannot be written; nothing is left behind.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = directory / f".{name}.{os.getpid()}.draft"
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return _link_free_name(draft, directory, name, suffix)
    finally:
        draft.unlink(missing_ok=True)


def _link_free_name(draft: Path, directory: Path, name: str, suffix: str) -> Path:
    """Give ``draft`` the first name that is free; two writers never get the same one."""
    for number in range(1, REPEATS_MAX):
        target = directory / (f"{name}{suffix}" if number == 1 else f"{name}-{number}{suffix}")
        try:
            os.link(draft, target)
        except FileExistsError:
            continue
        return target
    raise FileExistsError(f"{name}{suffix} was written {REPEATS_MAX} times")
