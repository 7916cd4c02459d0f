"""Pages of the library of cards. Words after /cards/ come before the ids."""

from ainfluencer.cards.library.pages import bulk, index, kinship, merge, people, show, states
from ainfluencer.web.routing import join

router = join(index.router, bulk.router, kinship.router, people.router, states.router, merge.router, show.router)

__all__ = ["router"]
