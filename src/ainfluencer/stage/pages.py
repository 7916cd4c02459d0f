"""Pages of the Stage: the feed, a post with what is said under it, a profile. People may play the audience here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from fastapi import Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.accounts import queries as accounts
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, NotFound
from ainfluencer.stage import queries, scenes, visitors
from ainfluencer.stage.models import StageAccount
from ainfluencer.stage.scenes import Card, Cover, Face, Remark
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.render import flash, go_to, is_htmx, render, swap
from ainfluencer.web.routing import Router

router = Router(prefix="/stage", include_in_schema=False)

PAGE = 12
TILES = 24


@dataclass(frozen=True, slots=True)
class FeedPage:
    """The feed; `who` is the handle of the one character that is shown."""

    cards: tuple[Card, ...]
    cast: tuple[tuple[Face, int], ...]
    who: str
    newest: str
    next_url: str
    can_play: bool
    can_create: bool
    me: Face | None
    template: ClassVar[str] = "stage/index.html"


@dataclass(frozen=True, slots=True)
class MorePage:
    """The next cards of the feed."""

    cards: tuple[Card, ...]
    next_url: str
    can_play: bool
    template: ClassVar[str] = "stage/_more.html"
    region: ClassVar[str] = "more"


@dataclass(frozen=True, slots=True)
class FreshPage:
    """Cards that came while somebody watches."""

    cards: tuple[Card, ...]
    who: str
    newest: str
    can_play: bool
    template: ClassVar[str] = "stage/_fresh.html"
    region: ClassVar[str] = "fresh"


@dataclass(frozen=True, slots=True)
class PulseRegion:
    """Counts and latest comments of one card."""

    card: Card
    can_play: bool
    template: ClassVar[str] = "stage/_pulse.html"

    @property
    def id(self) -> str:
        """The element that it draws."""
        return f"pulse-{self.card.id}"


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A post with everything said under it."""

    card: Card
    remarks: tuple[Remark, ...]
    reactions: tuple[tuple[Face, str], ...]
    zone: str
    can_play: bool
    text: str = ""
    error: str = ""
    answer_to: str = ""
    template: ClassVar[str] = "stage/thread.html"
    region: ClassVar[str] = "talk"

    @property
    def id(self) -> str:
        """The element that its region draws."""
        return "talk"


@dataclass(frozen=True, slots=True)
class TalkRegion:
    """What is said under a post, with the box to write in."""

    card: Card
    remarks: tuple[Remark, ...]
    reactions: tuple[tuple[Face, str], ...]
    can_play: bool
    text: str = ""
    error: str = ""
    answer_to: str = ""
    template: ClassVar[str] = "stage/_talk.html"
    id: ClassVar[str] = "talk"


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """Somebody on the Stage."""

    account: StageAccount
    face: Face
    tab: str
    followers: int
    following: int
    posts: int
    covers: tuple[Cover, ...]
    people: tuple[Face, ...]
    remarks: tuple[tuple[Remark, Face, str], ...]
    next_url: str
    is_followed: bool
    can_play: bool
    template: ClassVar[str] = "stage/profile.html"


@router.get("")
async def feed(request: Request, session: Read, actor: Who, who: str = "", before: str = "") -> Response:
    """Everything that was posted, newest first."""
    actor.require(Right.READ)
    account = await _filtered(session, actor, who)
    me = await visitors.find_visitor(session, actor)
    cards, next_url = await _cards(session, actor, me, account, before)
    if is_htmx(request) and before:
        return render(request, MorePage(cards, next_url, visitors.may_play(actor)))
    cast = await scenes.cast(session, actor.workspace_id)
    mine = (await scenes.faces(session, [me]))[me.id] if me else None
    return render(
        request,
        FeedPage(
            cards=cards,
            cast=tuple(cast),
            who=account.handle if account else "",
            newest=cards[0].id if cards and not before else "",
            next_url=next_url,
            can_play=visitors.may_play(actor),
            can_create=actor.can(Right.CREATE),
            me=mine,
        ),
    )


@router.get("/fresh")
async def fresh(request: Request, session: Read, actor: Who, who: str = "", after: str = "") -> Response:
    """What was posted after a post that is known already."""
    account = await _filtered(session, actor, who)
    if not is_htmx(request):
        return go_to(request, f"/stage?{urlencode({'who': who})}" if who else "/stage")
    items = await queries.feed(
        session, actor.workspace_id, account_id=account.id if account else "", after=after[:26], limit=PAGE
    )
    cards = tuple(await scenes.cards(session, items, await visitors.find_visitor(session, actor)))
    newest = cards[0].id if cards else after[:26]
    return render(request, FreshPage(cards, account.handle if account else "", newest, visitors.may_play(actor)))


async def _filtered(session: AsyncSession, actor: Actor, who: str) -> StageAccount | None:
    return await queries.account_by_handle(session, actor.workspace_id, who[:60]) if who else None


async def _cards(
    session: AsyncSession, actor: Actor, me: StageAccount | None, account: StageAccount | None, before: str
) -> tuple[tuple[Card, ...], str]:
    items = await queries.feed(
        session,
        actor.workspace_id,
        account_id=account.id if account else "",
        before=before[:26],
        limit=PAGE + 1,
    )
    shown = items[:PAGE]
    more = {"before": shown[-1].post.id} | ({"who": account.handle} if account else {}) if len(items) > PAGE else {}
    return tuple(await scenes.cards(session, shown, me)), f"/stage?{urlencode(more)}" if more else ""


@router.get("/posts/{post_id}")
async def thread(request: Request, session: Read, actor: Who, post_id: str, answer: str = "") -> Response:
    """A post and what is said under it; the address of a comment leads to its post."""
    return render(request, await _thread(session, actor, post_id, answer_to=answer[:26]))


async def _thread(
    session: AsyncSession, actor: Actor, post_id: str, *, text: str = "", error: str = "", answer_to: str = ""
) -> ThreadPage:
    me = await visitors.find_visitor(session, actor)
    card, remarks = await scenes.thread(session, actor.workspace_id, post_id[:26], me)
    return ThreadPage(
        card=card,
        remarks=remarks,
        reactions=tuple(await scenes.reactions_of(session, card.id)),
        zone=(await accounts.get_workspace(session, actor)).timezone,
        can_play=visitors.may_play(actor),
        text=text,
        error=error,
        answer_to=answer_to if any(r.id == answer_to for r in remarks) else "",
    )


@router.get("/posts/{post_id}/pulse")
async def pulse(request: Request, session: Read, actor: Who, post_id: str) -> Response:
    """Counts and latest comments of a card, asked for when something happened to it."""
    return swap(request, await _pulse(session, actor, post_id), back=f"/stage/posts/{post_id[:26]}")


async def _pulse(session: AsyncSession, actor: Actor, post_id: str) -> PulseRegion:
    asked = await queries.get_post(session, actor.workspace_id, post_id[:26])
    items = await queries.thread(session, actor.workspace_id, asked.root_id or asked.id, replies=False)
    me = await visitors.find_visitor(session, actor)
    return PulseRegion((await scenes.cards(session, items, me))[0], visitors.may_play(actor))


@router.post("/posts/{post_id}/likes")
async def like(
    request: Request,
    session: Write,
    actor: Who,
    post_id: str,
    wanted: Annotated[bool, Form()] = True,
    on: Annotated[str, Form()] = "card",
) -> Response:
    """Like as a visitor, or take it back. `on` says which part of which page asked: card or talk."""
    post = await visitors.like(session, actor, post_id[:26], wanted=wanted)
    if on == "talk":
        return await _talk(request, session, actor, post.id)
    return swap(request, await _pulse(session, actor, post.id))


async def _talk(request: Request, session: AsyncSession, actor: Actor, post_id: str) -> Response:
    return swap(request, _region(await _thread(session, actor, post_id)))


def _region(shown: ThreadPage) -> TalkRegion:
    return TalkRegion(
        shown.card, shown.remarks, shown.reactions, shown.can_play, shown.text, shown.error, shown.answer_to
    )


@router.post("/posts/{post_id}/comments")
async def comment(
    request: Request,
    session: Write,
    actor: Who,
    post_id: str,
    text: Annotated[str, Form()] = "",
    answer_to: Annotated[str, Form()] = "",
) -> Response:
    """Say something as a visitor; the character finds it in its inbox."""
    try:
        await visitors.comment(session, actor, answer_to[:26] or post_id[:26], text)
    except InvalidInput as mistake:
        await session.rollback()
        said = f"{mistake.detail} {mistake.next_step}"
        page = await _thread(session, actor, post_id, text=text[:2000], error=said, answer_to=answer_to[:26])
        return swap(request, _region(page), status=422) if is_htmx(request) else render(request, page, status=422)
    flash(request, "Said. It reaches the inbox within minutes.", "success")
    if not is_htmx(request):
        return go_to(request, f"/stage/posts/{post_id[:26]}")
    return await _talk(request, session, actor, post_id)


@router.post("/@{handle}/followers")
async def follow(
    request: Request, session: Write, actor: Who, handle: str, wanted: Annotated[bool, Form()] = True
) -> Response:
    """Follow as a visitor, or stop."""
    whom = await visitors.follow(session, actor, handle[:60], wanted=wanted)
    return go_to(request, f"/stage/@{whom.handle}")


@router.get("/@{handle}")
async def profile(
    request: Request, session: Read, actor: Who, handle: str, tab: str = "posts", before: str = ""
) -> Response:
    """Somebody on the Stage: what they posted, said, and who is around them."""
    account = await queries.account_by_handle(session, actor.workspace_id, handle[:60])
    if tab not in {"posts", "comments", "followers", "following"}:
        raise NotFound("A profile has no such part.", f"Open /stage/@{account.handle}.")
    if tab == "posts" and account.kind != "character":
        tab = "comments"
    followers, following, posts = await queries.follow_counts(session, account)
    covers, next_url = await _tiles(session, account, before) if tab == "posts" else ((), "")
    face = (await scenes.faces(session, [account]))[account.id]
    said = await scenes.remarks_by(session, account) if tab == "comments" else []
    people: list[Face] = []
    if tab in {"followers", "following"}:
        people = await scenes.circle(session, account, followers=tab == "followers")
    me = await visitors.find_visitor(session, actor)
    return render(
        request,
        ProfilePage(
            account=account,
            face=face,
            tab=tab,
            followers=followers,
            following=following,
            posts=posts,
            covers=covers,
            people=tuple(people),
            remarks=tuple((Remark(p.id, face, p.text, p.created_at), whose, str(p.root_id)) for p, whose in said),
            next_url=next_url,
            is_followed=await scenes.is_following(session, me, account),
            can_play=visitors.may_play(actor) and account.user_id != actor.user_id,
        ),
    )


async def _tiles(session: AsyncSession, account: StageAccount, before: str) -> tuple[tuple[Cover, ...], str]:
    items = await queries.feed(
        session, account.workspace_id, account_id=account.id, before=before[:26], limit=TILES + 1
    )
    shown = items[:TILES]
    more = f"/stage/@{account.handle}?before={shown[-1].post.id}" if len(items) > TILES else ""
    return tuple(scenes.covers(shown)), more
