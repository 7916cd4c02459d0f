"""The description of the API: how to sign in, and the problem that any route may answer."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ainfluencer.api.schemas import Problem

PUBLIC: dict[str, Any] = {"security": []}
"""`openapi_extra=PUBLIC` marks a route that needs no login."""

DESCRIPTION = """\
Everything that the pages can do. Lists answer `items` and `next_cursor`; refusals are problem+json with a stable
`code` and a `next_step`. Send `Idempotency-Key` with a POST to make it safe to repeat for 24 hours. Sign in with
`Authorization: Bearer` and an API key (Settings, Keys) or the token of a session.
"""
_SECURITY: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, or the token of /api/v2/auth/sign-in."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "ainfluencer_session",
        "description": "The session of a browser.",
    },
}
_PROBLEM = {
    "description": "A refusal.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_KEY_HEADER = {
    "name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 200},
    "description": "The same key makes a repeat harmless for 24 hours.",
}  # fmt: skip


def _complete(operation: dict[str, Any], method: str) -> None:
    answers = operation.setdefault("responses", {})
    answers.pop("422", None)
    answers["default"] = _PROBLEM
    if method == "post" and operation.get("security") != []:
        operation.setdefault("parameters", []).append(_KEY_HEADER)


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the routes under /api."""
    made = get_openapi(title="AInfluencer", version=app.version, description=DESCRIPTION, routes=app.routes)
    made["paths"] = {path: methods for path, methods in made.get("paths", {}).items() if path.startswith("/api")}
    parts = made.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    parts["securitySchemes"] = _SECURITY
    made["security"] = [{name: []} for name in _SECURITY]
    for path in made["paths"].values():
        for method, operation in path.items():
            _complete(operation, method)
    return made


def install(app: FastAPI) -> None:
    """Let the app describe itself this way."""

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the schema
