"""The files every page loads: read once, named by their content, kept by browsers for a year.

One stylesheet is made of Bootstrap (from its package), the tokens and our components, in that order. The name of a
file in a page holds the hash of its content, so a new release is a new address.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import flask_bootstrap

STATIC = Path(__file__).parent / "static"
BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / "css" / "bootstrap.min.css"
STYLES = (
    "tokens.css",
    "contrast.css",
    "base.css",
    "controls.css",
    "frame.css",
    "states.css",
    "value.css",
    "catalog.css",
    "checkout.css",
    "console.css",
    "tables.css",
)
HASH_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as browsers get it."""

    content: bytes
    compressed: bytes
    mimetype: str
    version: str
    """The first ``HASH_LENGTH`` hexadecimal digits of the content's SHA-256."""


@cache
def assets() -> dict[str, Asset]:
    """Return every file by the name pages use; read once in the life of the process."""
    styles = [BOOTSTRAP.read_text("utf-8").partition("/*# sourceMappingURL")[0]]
    styles += [(STATIC / name).read_text("utf-8") for name in STYLES]
    return {
        "style.css": _asset("\n".join(styles).encode(), "text/css"),
        "rewards.js": _asset((STATIC / "rewards.js").read_bytes(), "text/javascript"),
        "icon.svg": _asset((STATIC / "icon.svg").read_bytes(), "image/svg+xml"),
    }


def _asset(content: bytes, mimetype: str) -> Asset:
    """Return ``content`` with its compressed form and its version."""
    version = hashlib.sha256(content).hexdigest()[:HASH_LENGTH]
    return Asset(content, gzip.compress(content, mtime=0), mimetype, version)
