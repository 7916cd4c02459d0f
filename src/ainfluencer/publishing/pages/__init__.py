"""Pages of posts: the list, review, one post, and the composer."""

from ainfluencer.publishing.pages import actions, board, composer, review, rewording, show
from ainfluencer.web.routing import join

# The words after /posts/ come before the ids.
router = join(review.router, rewording.router, actions.router, composer.router, board.router, show.router)

__all__ = ["router"]
