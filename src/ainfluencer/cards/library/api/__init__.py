"""The library of cards over the API. Words come before ids, so that no word is taken for an id."""

from ainfluencer.cards.library.api import lists, many, people, single, states
from ainfluencer.web.routing import join

router = join(lists.router, many.router, people.router, states.router, single.router)

__all__ = ["router"]
