"""One call that makes an app speak our way. `main` and tests use it; routers are added by their folders."""

from __future__ import annotations

from fastapi import FastAPI

from ainfluencer.api import errors, idempotency, middleware, openapi


def install(app: FastAPI) -> None:
    """Handlers, middleware and the API's description. The app still needs `app.state.resolve_actor` and its routers.

    Middleware that is added afterwards (compression, trusted hosts, security headers) stands outside these.
    """
    errors.install(app)
    idempotency.install(app)
    middleware.install(app)
    openapi.install(app)
