"""The product's own source, parsed once, for tests of its architecture."""

import ast
import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("catalog", "rewards_service")
MADE_HERE = {
    *(".git", ".venv", "instance", "build", "dist", "mutants", "__pycache__"),
    *(".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".import_linter_cache"),
}
PYTHON_FOLDERS = (*PACKAGES, "migrations", "benchmarks", "tests")


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the root, its text, its tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """The feature it belongs to, e.g. ``rewards_service.ledger`` or ``catalog``."""
        parts = Path(self.path).with_suffix("").parts
        return ".".join(parts[: 2 if parts[0] == "rewards_service" else 1])

    def at(self, node: ast.AST) -> str:
        """Return ``path:line`` of ``node``, as an editor opens it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@functools.cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Return every module below ``folders``, by default the two packages of the product."""
    found = (path for folder in folders or PACKAGES for path in sorted((ROOT / folder).rglob("*.py")))
    return tuple(_parse(path) for path in found if "instance" not in path.parts)


def _parse(path: Path) -> Module:
    """Read and parse one file."""
    text = path.read_text(encoding="utf8")
    return Module(path.relative_to(ROOT).as_posix(), text, ast.parse(text))


@functools.cache
def texts() -> tuple[tuple[str, str], ...]:
    """Return (path, text) of every text file of the project, but for what is made on this machine."""
    return tuple(_texts(ROOT))


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of each UTF-8 file below ``folder``."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            made_here = path.name in MADE_HERE or path.suffix == ".egg-info"
            yield from () if made_here else _texts(path)
        elif not path.name.startswith(".coverage"):
            with contextlib.suppress(UnicodeDecodeError):
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf8")


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of ``module``, nested ones too."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def code_strings(module: Module) -> Iterator[ast.Constant]:
    """Yield every string of ``module`` that is not a docstring or a bare string beside a definition."""
    bare = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node


def dotted(node: ast.expr) -> str:
    """Return ``a.b.c`` for a chain of names, with ``?`` where the chain begins with something else."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"
