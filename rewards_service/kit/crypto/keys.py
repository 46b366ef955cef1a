"""The keys of an installation: kept outside the database, each kind with versions.

The file is JSON: ``{"format": 1, "kek": {"1": "<base64>"}, "lookup": {…}, "signing": {…}, "audit": {…}}``. The highest
version is used for what is new; older ones still open and verify what was made with them.
"""

import base64
import binascii
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

from rewards_service.kit.crypto.envelope import KEY_BYTES

FILE_FORMAT = 1
FILE_MODE = 0o600

KeyKind = Literal["kek", "lookup", "signing", "audit"]
KEY_KINDS: tuple[KeyKind, ...] = get_args(KeyKind)


class KeysUnusable(Exception):
    """The key file is missing, open to others, or not what ``write_key_file`` writes: the service must not start."""


@dataclass(frozen=True, slots=True)
class VersionedKeys:
    """The 256-bit keys of one kind by version; never printed."""

    by_version: Mapping[int, bytes] = field(repr=False)

    @property
    def current(self) -> int:
        """Return the version that new values are made with."""
        return max(self.by_version)

    @property
    def newest_first(self) -> list[tuple[int, bytes]]:
        """Return all versions with their keys, the current one first."""
        return sorted(self.by_version.items(), reverse=True)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys of an installation.

    Attributes:
        kek: wrap the data keys of organizations.
        lookup: make look-up values, for instance of codes.
        signing: sign links, cursors and the like.
        audit: chain the audit trail.
    """

    kek: VersionedKeys
    lookup: VersionedKeys
    signing: VersionedKeys
    audit: VersionedKeys


def new_key_ring() -> KeyRing:
    """Return a ring of fresh random keys, each kind at version 1."""
    return KeyRing(**{kind: VersionedKeys({1: secrets.token_bytes(KEY_BYTES)}) for kind in KEY_KINDS})


def with_new_key(ring: KeyRing, kind: KeyKind) -> KeyRing:
    """Return ``ring`` with one more version of ``kind``, which becomes the current one; the older ones stay."""
    keys: VersionedKeys = getattr(ring, kind)
    added = VersionedKeys({**keys.by_version, keys.current + 1: secrets.token_bytes(KEY_BYTES)})
    return replace(ring, **{kind: added})


def write_key_file(path: Path, ring: KeyRing) -> None:
    """Write ``ring`` to ``path``, which must not exist yet, readable by its owner alone.

    Raises:
        FileExistsError: there is a file already; a key is never overwritten.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(_to_json(ring))
        file.flush()
        os.fsync(file.fileno())


def read_keys(setting: str) -> KeyRing:
    """Return the ring that ``setting`` holds (JSON) or points to (the path of a key file).

    Raises:
        KeysUnusable: there is no such file, others may read it, or its content is not a key ring.
    """
    return _from_json(setting if setting.lstrip().startswith("{") else _read_private(Path(setting)))


def key_path(setting: str) -> Path | None:
    """Return the path of the key file that ``setting`` points to; nothing when it holds the keys itself."""
    return None if setting.lstrip().startswith("{") else Path(setting)


def _read_private(path: Path) -> str:
    """Return the text of a file that nobody but its owner may read."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise KeysUnusable(f"the key file {path} cannot be read: {error}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeysUnusable(f"the key file {path} is open to others (mode {mode:o}); make it {FILE_MODE:o}")
    return content


def _to_json(ring: KeyRing) -> str:
    """Return the content of a key file."""
    content: dict[str, object] = {"format": FILE_FORMAT}
    for kind in KEY_KINDS:
        keys: VersionedKeys = getattr(ring, kind)
        content[kind] = {str(version): base64.b64encode(key).decode() for version, key in keys.by_version.items()}
    return json.dumps(content, indent=1) + "\n"


def _from_json(content: str) -> KeyRing:
    """Return the ring that the content of a key file describes."""
    try:
        document = json.loads(content)
        if document["format"] != FILE_FORMAT:
            raise KeysUnusable(f"keys of format {document['format']} are not known")
        return KeyRing(**{kind: _versions(document[kind]) for kind in KEY_KINDS})
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise KeysUnusable(f"the keys cannot be read: {type(error).__name__}") from None


def _versions(encoded: dict[str, str]) -> VersionedKeys:
    """Return the keys of one kind; a ``ValueError`` says that one of them is no 256-bit key."""
    keys = {int(version): base64.b64decode(key, validate=True) for version, key in encoded.items()}
    if not keys or min(keys) < 1 or any(len(key) != KEY_BYTES for key in keys.values()):
        raise binascii.Error("a key has 256 bits and a version from 1 on")
    return VersionedKeys(keys)
