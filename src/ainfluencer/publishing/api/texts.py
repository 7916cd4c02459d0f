"""The texts that were written for a post, and the words on its picture."""

from __future__ import annotations

from typing import Annotated

from fastapi import status
from pydantic import BaseModel, Field

from ainfluencer.publishing import content, overlay, queries, service
from ainfluencer.publishing.api.posts import view
from ainfluencer.publishing.schemas import PostView
from ainfluencer.studio.schemas import PosterText
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router
from ainfluencer.writing.schemas import PosterWords

router = Router(prefix="/api/v2/posts", tags=["posts"])


class CandidateView(BaseModel):
    """One of the texts that were written for a post. `needs_person` says why nobody should take it without a look."""

    index: int
    caption: str
    hashtags: list[str]
    alt_text: str
    poster: PosterWords
    score: float
    reasons: list[str]
    source: str
    needs_person: str
    is_taken: bool


class CandidateList(BaseModel):
    """All of them, best first; empty for a post that a person wrote."""

    items: list[CandidateView]


class ChoiceIn(BaseModel):
    """Which candidate, counted from 0."""

    index: Annotated[int, Field(ge=0, le=99)]


class PictureWordsIn(PosterText):
    """Every word that the picture shall carry. Without an alt text one is made that reads them out."""

    alt_text: str = Field("", max_length=2000)


class PictureWordsView(BaseModel):
    """The words on a post's picture. `drawing_job_id` is set while a job draws others; `text` is None without a design."""

    text: PosterText | None
    format: str
    asset_ids: list[str]
    drawing_job_id: str | None


@router.get("/{post_id}/candidates")
async def list_candidates(post_id: str, session: Read, actor: Who) -> CandidateList:
    """What was written for this post."""
    post = await queries.get(session, actor, post_id)
    found = await queries.candidates_of(session, actor, post)
    return CandidateList(
        items=[CandidateView(index=i, **one.model_dump(), is_taken=taken) for i, (one, taken) in enumerate(found)]
    )


@router.post("/{post_id}/candidate", status_code=status.HTTP_202_ACCEPTED)
async def choose_candidate(post_id: str, body: ChoiceIn, session: Write, actor: Who) -> PostView:
    """Take another of the written texts. A job draws the picture with its words; the post goes back to review."""
    return await view(session, actor, await service.choose_candidate(session, actor, post_id, body.index))


@router.get("/{post_id}/picture-words")
async def show_picture_words(post_id: str, session: Read, actor: Who) -> PictureWordsView:
    """The words on the post's picture."""
    post = await queries.get(session, actor, post_id)
    shown = await overlay.find(session, actor, await content.load(session, post))
    return PictureWordsView(
        text=shown.text if shown else None,
        format=shown.recipe.format if shown else "",
        asset_ids=[asset.id for asset in shown.assets] if shown else [],
        drawing_job_id=post.drawing_job_id or None,
    )


@router.put("/{post_id}/picture-words", status_code=status.HTTP_202_ACCEPTED)
async def change_picture_words(post_id: str, body: PictureWordsIn, session: Write, actor: Who) -> PostView:
    """Put other words on it: a job draws it anew, and the post goes back to review."""
    text = PosterText(**body.model_dump(exclude={"alt_text"}))
    return await view(
        session, actor, await service.change_picture_words(session, actor, post_id, text, body.alt_text.strip())
    )


@router.post("/{post_id}/drawing", status_code=status.HTTP_202_ACCEPTED)
async def draw_again(post_id: str, session: Write, actor: Who) -> PostView:
    """Draw once more what could not be drawn."""
    return await view(session, actor, await service.draw_again(session, actor, post_id))


@router.delete("/{post_id}/drawing")
async def keep_picture(post_id: str, session: Write, actor: Who) -> PostView:
    """Stop drawing; the post keeps the picture that it has."""
    return await view(session, actor, await service.keep_picture(session, actor, post_id))
