"""Files and functions stay readable, and nothing unfinished is left in them."""

import ast
import re

import pytest

from tests.support.source import PACKAGES, PYTHON_FOLDERS, Module, functions, modules, texts

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 40
UNFINISHED = re.compile(
    r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b|NotImplemented" + "Error"
)
COLLECTORS = {"utils", "util", "helpers", "helper", "misc", "common", "service", "manager"}
FOREIGN_PATHS = re.compile(r"/(?:root|home/\w+|work|tmp/\w+)/")


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of ``function`` without its docstring."""
    docstring = function.body[0] if ast.get_docstring(function) is not None else None
    return function.end_lineno - function.lineno + 1 - (docstring.end_lineno - docstring.lineno + 1 if docstring else 0)


class TestFiles:
    def test_none_is_longer_than_a_reader_holds(self):
        long = {
            module.path: lines
            for module in modules(*PYTHON_FOLDERS)
            if (lines := module.text.count("\n")) > FILE_LINES_MAX
        }
        assert long == {}

    def test_none_collects_what_has_no_name(self):
        assert [
            m.path for m in modules() if COLLECTORS & {part.removesuffix(".py") for part in m.path.split("/")}
        ] == []

    @pytest.mark.parametrize("package", PACKAGES)
    def test_every_module_says_what_it_is_for(self, package: str):
        assert [m.path for m in modules(package) if not ast.get_docstring(m.tree)] == []

    def test_nothing_unfinished_is_left(self):
        found = [
            f"{path}:{number}"
            for path, text in texts()
            for number, line in enumerate(text.splitlines(), 1)
            if UNFINISHED.search(line)
        ]
        assert found == []

    def test_no_path_of_somebodys_machine(self):
        found = [
            path
            for path, text in texts()
            if path.endswith((".py", ".toml", ".md", "Makefile")) and FOREIGN_PATHS.search(text)
        ]
        assert found == []


class TestFunctions:
    def test_none_is_longer_than_a_screen(self):
        long = {
            m.at(f): lines for m in modules() for f in functions(m) if (lines := code_lines(f)) > FUNCTION_LINES_MAX
        }
        assert long == {}

    def test_none_imports(self):
        local = (ast.Import, ast.ImportFrom)
        assert [
            m.at(f) for m in modules() for f in functions(m) if any(isinstance(n, local) for n in ast.walk(f))
        ] == []


class TestImports:
    def test_all_are_absolute(self):
        assert [m.at(n) for m in modules(*PYTHON_FOLDERS) for n in relative_imports(m)] == []


def relative_imports(module: Module) -> list[ast.ImportFrom]:
    """Return the imports of ``module`` that begin with a dot."""
    return [node for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom) and node.level]
