"""Pages of posts: the list, review, one post, and the composer."""

from fastapi import APIRouter

from ainfluencer.publishing.pages import actions, board, composer, review, show

router = APIRouter(include_in_schema=False)
# The words after /posts/ come before the ids.
for part in (review, actions, composer, board, show):
    router.include_router(part.router)

__all__ = ["router"]
