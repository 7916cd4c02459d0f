"""Pages of planning: weeks, and the calendar."""

from fastapi import APIRouter

from ainfluencer.planning.pages import calendar, weeks

router = APIRouter(include_in_schema=False)
router.include_router(weeks.router)
router.include_router(calendar.router)

__all__ = ["router"]
