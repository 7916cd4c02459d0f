"""Pages of operations: services, jobs, models, logs, errors, backups, doctor."""

from fastapi import APIRouter

from ainfluencer.operations.pages import instance, jobs, logs, models

router = APIRouter(include_in_schema=False)
for _part in (instance, jobs, models, logs):
    router.include_router(_part.router)

__all__ = ["router"]
