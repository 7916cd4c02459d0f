"""Routes whose forms and answers are worked out at their first use: doing it for all of them at start takes a second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Match, compile_path, get_name
from starlette.types import Scope

_BUILDING = threading.RLock()
_PATTERN = frozenset({"path_regex", "path_format", "param_convertors"})


class LateRoute(APIRoute):
    """Has at once what rules it out for an address; the pattern, and FastAPI's whole rest, come when they are asked for."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.path, self.endpoint, self._options = path, endpoint, options
        self._beginning = path.partition("{")[0]
        self.name = options.get("name") or get_name(endpoint)
        self.methods = {method.upper() for method in options.get("methods") or ("GET",)}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As ever; most routes are ruled out by how the address begins, which is quicker than a pattern."""
        if not scope.get("root_path") and not scope["path"].startswith(self._beginning):
            return Match.NONE, {}
        return super().matches(scope)

    def __getattr__(self, name: str) -> Any:
        # Python asks here only for what an object does not have; `app` is what FastAPI sets last.
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _PATTERN:
            self.path_regex, self.path_format, self.param_convertors = compile_path(self.path)
            return vars(self)[name]
        with _BUILDING:
            if "app" not in vars(self):
                super().__init__(self.path, self.endpoint, **self._options)
        return object.__getattribute__(self, name)


class Router(APIRouter):
    """FastAPI's router with late routes: what every `pages` and `api` collects its routes in."""

    def __init__(self, *, prefix: str = "", tags: list[str] | None = None, include_in_schema: bool = True) -> None:
        super().__init__(
            prefix=prefix, tags=list(tags or ()), include_in_schema=include_in_schema, route_class=LateRoute
        )


def join(*parts: APIRouter) -> APIRouter:
    """One router with the routes of all parts in that order; the first that fits an address answers it.

    `include_router` would build every route a second time, and ask each part anew at every request.
    """
    joined = Router()
    for part in parts:
        joined.routes.extend(part.routes)
    return joined
