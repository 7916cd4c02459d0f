"""Other words for a post in review: another text that was written, one's own, and those on the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import Form, Request
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import ProductError
from ainfluencer.publishing import service
from ainfluencer.publishing.pages.review import ReviewPage, moved, region_at
from ainfluencer.publishing.schemas import PostEdit
from ainfluencer.studio.schemas import PosterText
from ainfluencer.web.deps import Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import came_from, flash, go_to, is_htmx, render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)


@router.post("/posts/review/{post_id}/candidate")
async def choose(
    request: Request,
    session: Write,
    actor: Who,
    post_id: str,
    index: Annotated[int, Form()],
    character: Annotated[str, Form()] = "",
    done: Annotated[int, Form()] = 0,
) -> Response:
    """Take another of the written texts."""
    post = await service.choose_candidate(session, actor, post_id, index)
    if post.drawing_job_id:
        flash(request, "Taken. The picture is drawn with its words.", "info")
    return moved(request, await region_at(session, actor, character, post_id, done))


@router.post("/posts/review/{post_id}/words")
async def reword(request: Request, session: Write, actor: Who, post_id: str) -> Response:
    """Keep what was edited in place: caption, hashtags, alt texts and the words on the picture."""
    form = {name: str(value).replace("\r\n", "\n") for name, value in (await request.form()).items()}
    character, done = form.get("character", ""), int(form["done"]) if form.get("done", "").isdigit() else 0
    try:
        is_drawn = await _keep(session, actor, post_id, form)
    except (ProductError, ValidationError) as mistake:
        await session.rollback()
        region = await region_at(session, actor, character, post_id, done, editing=True)
        redrawn = replace(region, values=form, errors=form_errors(mistake))
        return swap(request, redrawn, status=422) if is_htmx(request) else render(request, ReviewPage(redrawn), 422)
    flash(request, "Kept. The picture is drawn anew." if is_drawn else "Kept.", "success")
    return moved(request, await region_at(session, actor, character, post_id, done))


async def _keep(session: AsyncSession, actor: Actor, post_id: str, form: Mapping[str, str]) -> bool:
    """Write it down; whether the picture is to be drawn anew."""
    alt_texts = {name.removeprefix("alt_"): value for name, value in form.items() if name.startswith("alt_")}
    tags = tuple(tag for tag in form.get("hashtags", "").replace("#", " ").replace(",", " ").split() if tag)
    change = PostEdit(caption=form.get("caption", ""), hashtags=tags, alt_texts=alt_texts)
    post = await service.edit(session, actor, post_id, change)
    if "title" in form:
        before = post.drawing_job_id
        await service.change_picture_words(session, actor, post_id, _text(form))
        return post.drawing_job_id != before
    return False


def _text(form: Mapping[str, str]) -> PosterText:
    lines = tuple(line.strip() for line in form.get("items", "").splitlines() if line.strip())
    words = {name: form.get(name, "").strip() for name in ("kicker", "title", "body", "attribution")}
    return PosterText.model_validate({**words, "items": lines})


@router.post("/posts/{post_id}/drawing")
async def draw_again(request: Request, session: Write, actor: Who, post_id: str) -> Response:
    """Draw once more what could not be drawn."""
    await service.draw_again(session, actor, post_id)
    return go_to(request, _back(request, post_id))


@router.post("/posts/{post_id}/drawing/cancellation")
async def keep_picture(request: Request, session: Write, actor: Who, post_id: str) -> Response:
    """Stop drawing and keep the present picture."""
    await service.keep_picture(session, actor, post_id)
    flash(request, "The post keeps its picture.", "info")
    return go_to(request, _back(request, post_id))


def _back(request: Request, post_id: str) -> str:
    here = came_from(request)
    return here if here.startswith("/posts/review") else f"/posts/{post_id}"
