"""What the API is, and whether it is well. Both answer without a login."""

from __future__ import annotations

import asyncio

import structlog
from fastapi import Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ainfluencer import __version__
from ainfluencer.api.openapi import PUBLIC
from ainfluencer.api.schemas import CheckOut, Health, HealthCheck, HealthOut, InfoOut
from ainfluencer.core.errors import ProductError
from ainfluencer.db.session import database
from ainfluencer.web.routing import Router

log = structlog.get_logger("api")
router = Router(prefix="/api", tags=["about"])
CHECK_SECONDS = 2.0


async def database_check() -> Health:
    """Whether the database answers."""
    async with database().reading() as session:
        await session.execute(text("select 1"))
    return Health(ok=True, critical=True)


@router.get("", include_in_schema=False)
@router.get("/v2", openapi_extra=PUBLIC)
async def info(request: Request) -> InfoOut:
    """What this is and where to go on."""
    links: dict[str, str] = {}
    for path, methods in request.app.openapi().get("paths", {}).items():
        for operation in methods.values():
            links.setdefault((operation.get("tags") or ["other"])[0], path)
    return InfoOut(version=__version__, openapi=request.app.openapi_url or "", links=links)


async def _run(name: str, check: HealthCheck) -> tuple[str, Health]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return name, await check()
    except (OSError, SQLAlchemyError, ProductError, RuntimeError, ValueError, LookupError) as error:
        log.warning("health check failed", check=name, error=repr(error))
        return name, Health(ok=False, detail="does not answer", critical=name == "database")


@router.get("/v2/health", openapi_extra=PUBLIC)
async def health(request: Request, response: Response) -> HealthOut:
    """Whether the parts work: 200 with ok or degraded, 503 when a part is out without which nothing works.

    Parts come from `app.state.health_checks` (name -> async function that returns a `Health`).
    """
    checks: dict[str, HealthCheck] = {"database": database_check, **getattr(request.app.state, "health_checks", {})}
    found = dict(await asyncio.gather(*(_run(name, check) for name, check in checks.items())))
    if any(h.critical and not h.ok for h in found.values()):
        response.status_code = 503
    response.headers["Cache-Control"] = "no-store"
    return HealthOut(
        status="ok" if all(h.ok for h in found.values()) else "degraded",
        version=__version__,
        checks={name: CheckOut(ok=h.ok, detail=h.detail) for name, h in found.items()},
    )
