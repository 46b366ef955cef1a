"""What is installed is what the project says it needs."""

import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.source import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
GROUPS = PROJECT["dependency-groups"]


def locked(name: str) -> dict[str, str]:
    """Return package → version of a lock."""
    text = (ROOT / ".ci" / f"{name}.lock").read_text(encoding="utf8")
    return {canonicalize_name(package): version for package, version in LOCKED.findall(text)}


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [("run", PROJECT["project"]["dependencies"] + GROUPS["build"]), ("test", GROUPS["dev"])],
    ids=["run", "test"],
)
class TestLocks:
    def test_cover_what_the_project_asks_for(self, lock: str, wanted: list[str]):
        versions = locked(lock)
        requirements = [Requirement(text) for text in wanted]
        uncovered = [
            r.name for r in requirements if not r.specifier.contains(versions.get(canonicalize_name(r.name), ""))
        ]
        assert uncovered == []


class TestEnvironment:
    def test_has_all_that_its_packages_need(self):
        checked = subprocess.run(
            [sys.executable, "-m", "pip", "--disable-pip-version-check", "check"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout


class TestLockOfTests:
    def test_agrees_with_the_lock_of_the_product(self):
        product, tests = locked("run"), locked("test")
        assert {name: tests[name] for name in product.keys() & tests.keys()} == {
            name: product[name] for name in product.keys() & tests.keys()
        }


class TestWheel:
    def test_carries_every_file_that_the_packages_need(self):
        patterns = PROJECT["tool"]["setuptools"]["package-data"]["*"]
        packages = [ROOT / name for name in ("catalog", "rewards_service", "migrations")]
        files = [path for package in packages for path in package.rglob("*") if path.is_file()]
        left_out = [
            path.relative_to(ROOT).as_posix()
            for path in files
            if path.suffix not in {".py", ".pyc"} and not any(fnmatch(path.name, pattern) for pattern in patterns)
        ]
        assert left_out == []

    def test_finds_every_package(self):
        """A folder of files without ``__init__.py`` would stay behind."""
        folders = {
            path.parent for name in ("catalog", "rewards_service", "migrations") for path in (ROOT / name).rglob("*.py")
        }
        assert sorted(str(folder) for folder in folders if not (folder / "__init__.py").exists()) == []
