"""Pages of planning: weeks, their slots, and the calendar."""

from ainfluencer.planning.pages import calendar, slots, weeks
from ainfluencer.web.routing import join

router = join(weeks.router, slots.router, calendar.router)

__all__ = ["router"]
