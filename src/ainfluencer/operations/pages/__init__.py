"""Pages of operations: services, jobs, models, logs, errors, backups, doctor."""

from ainfluencer.operations.pages import instance, jobs, logs, models
from ainfluencer.web.routing import join

router = join(instance.router, jobs.router, models.router, logs.router)

__all__ = ["router"]
