"""The inbox over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from ainfluencer.inbox import queries, service
from ainfluencer.inbox.models import ConversationState
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2", tags=["inbox"])


class ConversationOut(BaseModel):
    """A conversation in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    channel_id: str
    character_id: str | None
    post_id: str | None
    author: str
    state: str
    unread: int
    last_at: datetime
    last_text: str
    mood: float


class MessageOut(BaseModel):
    """One message; `mood` runs from -1 to 1."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    is_ours: bool
    author: str
    text: str
    at: datetime
    url: str
    mood: float
    state: str
    error: dict[str, str]


class ReactionOut(BaseModel):
    """A like, repost or follow."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    channel_id: str
    post_id: str | None
    kind: str
    author: str
    at: datetime


class ConversationPage(BaseModel):
    """One page of conversations."""

    items: list[ConversationOut]
    next_cursor: str | None


class ReactionPage(BaseModel):
    """One page of reactions."""

    items: list[ReactionOut]
    next_cursor: str | None


class ConversationDetail(ConversationOut):
    """A conversation with its messages."""

    messages: list[MessageOut]


class Answer(BaseModel):
    """An answer to send."""

    text: str = Field(min_length=1, max_length=service.MAX_REPLY)


class Draft(BaseModel):
    """A possible answer and whose words it is."""

    text: str
    source: str


class Drafts(BaseModel):
    """Possible answers; a person chooses and sends."""

    items: list[Draft]


class NewState(BaseModel):
    """open or done."""

    state: ConversationState


@router.get("/conversations")
async def index(
    session: Read,
    actor: Who,
    state: str = "open",
    character_id: str = "",
    channel_id: str = "",
    q: str = "",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 30,
) -> ConversationPage:
    """Conversations, the latest message first."""
    page = await queries.list_conversations(
        session, actor, state=state, character_id=character_id, channel_id=channel_id, q=q, cursor=cursor, limit=limit
    )
    return ConversationPage(items=[ConversationOut.model_validate(c) for c in page.items], next_cursor=page.next_cursor)


@router.get("/conversations/{conversation_id}")
async def show(conversation_id: str, session: Read, actor: Who) -> ConversationDetail:
    """One conversation with its messages."""
    conversation = await queries.get_conversation(session, actor, conversation_id)
    rows = await queries.messages(session, actor, conversation_id)
    return ConversationDetail(
        **ConversationOut.model_validate(conversation).model_dump(),
        messages=[MessageOut.model_validate(m) for m in rows],
    )


@router.put("/conversations/{conversation_id}/state")
async def set_state(conversation_id: str, body: NewState, session: Write, actor: Who) -> ConversationOut:
    """Put aside or take up again."""
    return ConversationOut.model_validate(await service.set_state(session, actor, conversation_id, body.state))


@router.post("/conversations/{conversation_id}/drafts")
async def drafts(conversation_id: str, actor: Who) -> Drafts:
    """Possible answers in the character's voice."""
    found = await service.draft_replies(actor, conversation_id)
    return Drafts(items=[Draft(text=d.text, source=d.source) for d in found])


@router.post("/conversations/{conversation_id}/replies", status_code=202)
async def reply(conversation_id: str, body: Answer, session: Write, actor: Who) -> MessageOut:
    """Send an answer; a person did this."""
    return MessageOut.model_validate(await service.send(session, actor, conversation_id, body.text))


@router.get("/reactions")
async def reactions(
    session: Read, actor: Who, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 30
) -> ReactionPage:
    """Likes, reposts and follows."""
    page = await queries.list_reactions(session, actor, cursor=cursor, limit=limit)
    return ReactionPage(items=[ReactionOut.model_validate(r) for r in page.items], next_cursor=page.next_cursor)
