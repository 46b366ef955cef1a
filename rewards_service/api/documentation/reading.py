"""The OpenAPI document as a page shows it: operations by resource, fields by name, every error code."""

import json
from collections.abc import Iterator
from typing import Any

from rewards_service.api.documentation.specification import specification
from rewards_service.kit.errors import Refusal

BOUNDS = (
    ("minimum", "from {}"),
    ("maximum", "to {}"),
    ("maxLength", "up to {} characters"),
    ("minItems", "at least {}"),
    ("maxItems", "at most {}"),
)


def known_errors() -> list[dict[str, Any]]:
    """Return every code that a problem document may carry, with its status, title and meaning, by code."""
    found: dict[tuple[str, int], type[Refusal]] = {}
    for refusal in _family(Refusal):
        found.setdefault((refusal.code, refusal.status), refusal)
    return [
        {"code": code, "status": status, "title": refusal.title, "about": (refusal.__doc__ or "").partition("\n")[0]}
        for (code, status), refusal in sorted(found.items())
        if refusal is not Refusal
    ]


def _family(refusal: type[Refusal]) -> Iterator[type[Refusal]]:
    """Yield a class and all that are made from it, parents first."""
    yield refusal
    for child in refusal.__subclasses__():
        yield from _family(child)


def operations_by_resource(base_url: str) -> list[dict[str, Any]]:
    """Return the operations by resource, each as the page shows it."""
    document = specification()
    operations = [
        _operation(document, path, method, details, base_url=base_url)
        for path, methods in document["paths"].items()
        for method, details in methods.items()
        if method != "parameters"
    ]
    return [
        {**tag, "operations": [each for each in operations if each["tag"] == tag["name"]]} for tag in document["tags"]
    ]


def _operation(
    document: dict[str, Any], path: str, method: str, details: dict[str, Any], *, base_url: str
) -> dict[str, Any]:
    """Return one operation as the page shows it."""
    body = details.get("requestBody", {}).get("content", {}).get("application/json", {})
    example = body.get("example")
    return {
        "id": details["operationId"],
        "tag": details["tags"][0],
        "method": method.upper(),
        "path": path,
        "summary": details["summary"],
        "description": details.get("description", ""),
        "scope": details["security"][0]["apiKey"][0],
        "parameters": [_resolved(document, each) for each in details.get("parameters", [])],
        "fields": list(_fields(document, body.get("schema", {}))),
        "curl": _curl(path, method.upper(), example, keyed="parameters" in details and _is_keyed(details), at=base_url),
        "answers": [(status, _answer(answer)) for status, answer in sorted(details["responses"].items())],
    }


def _fields(document: dict[str, Any], schema: dict[str, Any], prefix: str = "") -> Iterator[dict[str, Any]]:
    """Yield the fields of a body, those of objects inside it by dotted names."""
    resolved = _resolved(document, schema)
    required = set(resolved.get("required", []))
    for name, inner in resolved.get("properties", {}).items():
        whole = _resolved(document, inner)
        items = _resolved(document, whole.get("items", {}))
        yield {
            "name": prefix + name,
            "is_required": name in required,
            "about": inner.get("description", ""),
            **_type(whole),
        }
        nested = items if "properties" in items else whole
        if "properties" in nested:
            yield from _fields(document, nested, prefix=f"{prefix}{name}{'[]' if nested is items else ''}.")


def _type(schema: dict[str, Any]) -> dict[str, str]:
    """Return what a field is, and its bounds, in words."""
    kind = schema.get("format") or schema.get("type", "object")
    bounds = [words.format(schema[name]) for name, words in BOUNDS if name in schema]
    if "enum" in schema:
        bounds.append("one of " + ", ".join(map(str, schema["enum"])))
    return {"type": str(kind), "bounds": ", ".join(bounds)}


def _answer(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what an operation answers with one status: the example of a success, the name of a problem."""
    if "$ref" in answer:
        return {"text": "", "example": None}
    example = answer["content"]["application/json"].get("example")
    return {"text": answer["description"], "example": _pretty(example)}


def _curl(path: str, method: str, example: object, *, keyed: bool, at: str) -> str:
    """Return the operation as a command."""
    lines = [f"curl -X {method} {at}{path}", '-H "Authorization: Bearer $REWARDS_KEY"']
    if keyed:
        lines.append("-H 'Idempotency-Key: a-name-of-your-own'")
    if example is not None:
        lines += ["-H 'Content-Type: application/json'", f"-d '{_pretty(example)}'"]
    return " \\\n  ".join(lines)


def _is_keyed(details: dict[str, Any]) -> bool:
    """Tell whether an operation needs an Idempotency-Key."""
    return any("IdempotencyKey" in each.get("$ref", "") for each in details["parameters"])


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference within the document points to, or the thing itself."""
    while "$ref" in schema:
        target: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = target
    return schema


def _pretty(example: object) -> str:
    """Return a JSON value as people read it."""
    return json.dumps(example, indent=2, ensure_ascii=False)
