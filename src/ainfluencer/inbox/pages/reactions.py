"""The stream of likes, reposts and follows."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from ainfluencer.accounts import queries as accounts
from ainfluencer.characters import queries as characters
from ainfluencer.inbox import queries
from ainfluencer.inbox.pages import reading
from ainfluencer.inbox.pages.views import KINDS, ReactionRow, ReactionsPage
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.render import render
from ainfluencer.web.routing import Router

router = Router(prefix="/inbox", include_in_schema=False)


@router.get("/reactions")
async def reactions(
    request: Request,
    session: Read,
    actor: Who,
    kind: str = "",
    character: str = "",
    channel: str = "",
    cursor: str = "",
) -> Response:
    """Likes, reposts and follows as they came."""
    kind = kind if kind in dict(KINDS) else ""
    page = await queries.list_reactions(
        session, actor, kind=kind, character_id=character[:26], channel_id=channel[:26], cursor=cursor or None, limit=40
    )
    faces = await characters.faces(session, actor)
    known = await reading.channels_of(session, actor)
    cards = await reading.cards_of(session, actor, list({r.post_id for r in page.items if r.post_id}))
    rows = []
    for one in page.items:
        where = known.get(one.channel_id)
        rows.append(
            ReactionRow(
                one, where, faces.get((where.character_id if where else "") or ""), cards.get(one.post_id or "")
            )
        )
    own = {"kind": kind, "character": character[:26], "channel": channel[:26], "cursor": page.next_cursor or ""}
    return render(
        request,
        ReactionsPage(
            rows=tuple(rows),
            kind=kind,
            character_id=character[:26],
            channel_id=channel[:26],
            faces=tuple(faces.values()),
            channels=tuple(known.values()),
            counts=await queries.count_by_state(session, actor),
            zone=(await accounts.get_workspace(session, actor)).timezone,
            next_url=f"/inbox/reactions?{urlencode({k: v for k, v in own.items() if v})}" if page.next_cursor else "",
        ),
    )
