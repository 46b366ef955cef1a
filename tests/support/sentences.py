"""What errors say: every sentence that a refusal or a problem of a field is raised with, found in the sources."""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.source import Module, modules

PROBLEM = "FieldProblem"
PLACE_OF_SENTENCE = {PROBLEM: 2}
"""Which argument is the sentence, where it is not the first."""
NAMES_OF_SENTENCE = ("sentence", "detail")
"""What that argument is called where it is given by name."""


@dataclass(frozen=True)
class Said:
    """Where something is said, and the sentences it may be; none where the source does not hold them."""

    place: str
    sentences: tuple[str, ...]


def said_by_errors() -> Iterator[Said]:
    """Yield titles of refusals, what they say where they are raised, and what they say about fields."""
    for module in modules("rewards_service"):
        for scope in [module.tree, *(node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef))]:
            for node in _own_nodes(scope):
                expression = _sentence(node)
                if expression is not None:
                    yield Said(module.at(node), tuple(_texts(expression, scope=scope, module=module)))


def _own_nodes(scope: ast.Module | ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield what is in a scope, but not in a function within it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef):
            waiting += ast.iter_child_nodes(node)


def _sentence(node: ast.AST) -> ast.expr | None:
    """Return the expression that says something, where ``node`` is a title of a refusal or makes an error."""
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        is_title = any(isinstance(target, ast.Name) and target.id == "title" for target in targets)
        return node.value if is_title and id(node) in _titles() else None
    if not isinstance(node, ast.Call):
        return None
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name not in _refusals() | {PROBLEM} and id(node) not in _calls_of_super():
        return None
    place = PLACE_OF_SENTENCE.get(name, 0)
    named = [keyword.value for keyword in node.keywords if keyword.arg in NAMES_OF_SENTENCE]
    return next(iter([*node.args[place : place + 1], *named]), None)


def _texts(expression: ast.expr, *, scope: ast.AST, module: Module) -> Iterator[str]:
    """Yield the texts that an expression may be; none, where that is not to be seen."""
    match expression:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp(body=first, orelse=second):
            yield from _texts(first, scope=scope, module=module)
            yield from _texts(second, scope=scope, module=module)
        case ast.Dict(values=values):
            for value in values:
                yield from _texts(value, scope=scope, module=module)
        case ast.Subscript(value=ast.Name() as table):
            yield from _texts(table, scope=scope, module=module)
        case ast.Name(id=name):
            for value in _values(name, scope=scope, module=module):
                yield from _texts(value, scope=scope, module=module)


def _values(name: str, *, scope: ast.AST, module: Module) -> list[ast.expr]:
    """Return what a name stands for in its function, else in its module, else where it is imported from."""
    here = _assigned(name, scope) or _assigned(name, module.tree)
    imported = {alias.name for node in module.tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    if here or name not in imported:
        return here
    return [value for other in modules("rewards_service") for value in _assigned(name, other.tree)]


def _assigned(name: str, scope: ast.AST) -> list[ast.expr]:
    """Return what is assigned to a name in a scope itself."""
    nodes = _own_nodes(scope) if isinstance(scope, ast.Module | ast.FunctionDef) else iter(())
    return [
        node.value
        for node in nodes
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == name
    ]


def _classes() -> Iterator[ast.ClassDef]:
    """Yield every class of the product."""
    for module in modules("rewards_service"):
        yield from (node for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef))


@functools.cache
def _refusals() -> frozenset[str]:
    """Return the names of all classes that are refusals, by what they are derived from."""
    bases = {node.name: {base.id for base in node.bases if isinstance(base, ast.Name)} for node in _classes()}
    names = {"Refusal"}
    while more := {name for name, parents in bases.items() if parents & names} - names:
        names |= more
    return frozenset(names)


@functools.cache
def _titles() -> frozenset[int]:
    """Return the statements in the bodies of refusals."""
    return frozenset(id(statement) for node in _classes() if node.name in _refusals() for statement in node.body)


@functools.cache
def _calls_of_super() -> frozenset[int]:
    """Return the calls by which refusals make themselves: ``super().__init__(…)``."""
    return frozenset(
        id(call)
        for node in _classes()
        if node.name in _refusals() - {"Refusal"}
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"
    )
