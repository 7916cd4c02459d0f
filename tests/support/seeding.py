"""A workspace with one of everything: every table of a workspace has a row, every path parameter a value."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from PIL import Image
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import service as accounts
from ainfluencer.accounts.models import Membership, User, Workspace, WorkspaceSetting
from ainfluencer.accounts.schemas import Client
from ainfluencer.api.models import IdempotentRequest
from ainfluencer.cards import service as cards
from ainfluencer.cards.library import exporting, importing
from ainfluencer.cards.models import CardImport
from ainfluencer.channels import service as channels
from ainfluencer.channels.models import ChannelCursor
from ainfluencer.characters import service as characters
from ainfluencer.characters.models import Character
from ainfluencer.characters.schemas import CharacterDraft, ConsentDraft, Look, Material, MaterialKind, Persona
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.db.session import Database, database
from ainfluencer.engine.models import Job, JobLog, JobState
from ainfluencer.inbox.models import Conversation, Message, MessageState, Reaction
from ainfluencer.insights.models import Sample
from ainfluencer.library.models import AssetTag, Collection, CollectionItem
from ainfluencer.makers.models import MakerConnection
from ainfluencer.media import service as media
from ainfluencer.media import storage
from ainfluencer.media.models import MediaFile
from ainfluencer.planning.models import Slot, SlotState, Week, WeekState
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.models import (
    Approval,
    Attempt,
    AttemptOutcome,
    Decision,
    Delivery,
    Post,
    PostAsset,
    Receipt,
    Variant,
)
from ainfluencer.publishing.post_states import PostState
from ainfluencer.quality.models import Score
from ainfluencer.stage.models import StageAccount, StageFollow, StageMedia, StagePost, StageReaction
from ainfluencer.studio.models import Asset, AssetState, Run, RunState
from ainfluencer.writing.models import Draft, DraftCandidate
from tests.support import bundling, forging

Row = TypeVar("Row")
DAY = timedelta(days=1)
DELIVERED: dict[PostState, DeliveryState] = {
    PostState.SCHEDULED: DeliveryState.SCHEDULED,
    PostState.PUBLISHING: DeliveryState.SENDING,
    PostState.PUBLISHED: DeliveryState.PUBLISHED,
    PostState.PARTLY_PUBLISHED: DeliveryState.PUBLISHED,
    PostState.FAILED: DeliveryState.FAILED,
    PostState.NEEDS_PERSON: DeliveryState.NEEDS_PERSON,
    PostState.WITHDRAWN: DeliveryState.WITHDRAWN,
}


@dataclass(slots=True, repr=False)
class World:
    """One workspace, its owner, a word that stands in everything of it, and an id for every path parameter."""

    actor: Actor
    mark: str
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def workspace_id(self) -> str:
        """The workspace."""
        return self.actor.workspace_id


def picture(seed: int, size: tuple[int, int] = (108, 135)) -> bytes:
    """A PNG that differs by `seed`."""
    out = io.BytesIO()
    made = Image.linear_gradient("L").resize(size).convert("RGB")
    made.putpixel((seed % size[0], seed // size[0] % size[1]), (255, 0, 0))
    made.save(out, "PNG")
    return out.getvalue()


async def new_world(db: Database, mark: str) -> World:
    """A workspace and its owner, and nothing in it."""
    async with db.writing() as session:
        workspace = Workspace(name=f"{mark} house", timezone="Europe/Lisbon")
        user = User(email=f"{mark.lower()}@example.org", name=f"{mark} Owner", is_verified=True)
        session.add_all([workspace, user])
        await session.flush()
        user.claimed_at = workspace.created_at
        session.add(Membership(workspace_id=workspace.id, user_id=user.id, role=Role.OWNER))
    return World(Actor(workspace_id=workspace.id, role=Role.OWNER, user_id=user.id, name=user.name), mark)


async def seed(db: Database, world: World) -> World:
    """Fill the world with one of everything."""
    async with db.writing() as session:
        seeding = _Seeding(session, world, datetime.now(UTC).replace(microsecond=0))
        await seeding.everything()
    return world


class _Seeding:
    """Writes the rows, from the people down to the numbers."""

    def __init__(self, session: AsyncSession, world: World, now: datetime) -> None:
        self.session, self.now = session, now
        self.mark, self.ids, self.actor = world.mark, world.ids, world.actor
        self.number = sum(map(ord, world.mark))
        self.own: dict[str, Any] = {"workspace_id": world.workspace_id}

    async def everything(self) -> None:
        """All of it, in the order in which rows need each other."""
        await self.people()
        await self.character()
        await self.assets()
        await self.writing()
        for number, state in enumerate(PostState):
            await self.post(state, number)
        await self.plan()
        await self.talk()
        await self.stage()
        await self.work()

    async def add(self, row: Row) -> Row:
        """Write it, so that its id is known."""
        self.session.add(row)
        await self.session.flush()
        return row

    async def people(self) -> None:
        """A colleague, an invitation, a key, a session, a setting; the trail comes with them."""
        mira = await self.add(User(email=f"{self.mark.lower()}.mira@example.org", name=f"{self.mark} Mira"))
        self.session.add(Membership(**self.own, user_id=mira.id, role=Role.CREATOR))
        address = f"{self.mark.lower()}.bo@example.org"
        link, _ = await accounts.invite(self.session, self.actor, address, Role.VIEWER)
        key, _ = await accounts.create_key(self.session, self.actor, f"{self.mark} key", {Right.READ})
        owner = await self.session.get_one(User, self.actor.user_id)
        signed = await accounts.open_session(self.session, owner, Client(user_agent=f"{self.mark} browser"))
        self.session.add(WorkspaceSetting(**self.own, key="people.registration", value="closed"))
        self.session.add(
            IdempotentRequest(**self.own, caller=owner.id, key=f"{self.mark}-1", request="POST /x?", body_hash="0")
        )
        self.ids |= {"user_id": mira.id, "invitation_id": link.id, "link_id": link.id, "key_id": key.id}
        self.ids |= {"session_id": signed.session.id, "workspace_id": self.actor.workspace_id}

    async def character(self) -> None:
        """A character with a picture, words of its own, a consent, a card and a channel."""
        said = [(MaterialKind.QUOTE, "said so"), (MaterialKind.FACT, "was born"), (MaterialKind.LORE, "has a harbour")]
        draft = CharacterDraft(
            name=f"{self.mark} Vale", age=29, bio=f"{self.mark} paints boats.", location="Lisbon", timezone="Europe/Lisbon",
            interests=("boats", "tea"), tags=("sea",), greeting=f"{self.mark} says hello.", origin="card v2 (PNG)",
            persona=Persona(topics=("boats", "tea", "light"), content_tone="warm"),
            look=Look(hair="copper", colours=("#884422",), style_words=("linen",)),
            material=tuple(Material(kind=kind, text=f"{self.mark} {text}.", source="card") for kind, text in said),
        )  # fmt: skip
        face = await media.store(self.session, self.actor, picture(self.number), filename=f"{self.mark}.png")
        made = await characters.create(self.session, self.actor, draft, picture=face)
        consent = await characters.add_consent(
            self.session, self.actor, made.id, ConsentDraft(statement=f"{self.mark} is invented.")
        )
        source = f'{{"spec": "chara_card_v2", "data": {{"name": "{self.mark} Vale", "tags": ["sea"]}}}}'.encode()
        card = (await cards.add(self.session, self.actor, source, f"{self.mark}.json")).row
        card.character_id, card.picture_file_id = made.id, face.id
        self.channel = await channels.ensure_built_in(self.session, self.actor, made.id)
        self.session.add(ChannelCursor(**self.own, channel_id=self.channel.id, position=f"{self.mark}-7"))
        self.made: Character = made
        self.face: MediaFile = face
        self.ids |= {"character_id": made.id, "consent_id": consent.id, "card_id": card.id, "file_id": face.id}
        self.ids |= {"channel_id": self.channel.id, "handle": made.handle}

    async def assets(self) -> None:
        """A run and what it made, in each state, scored, tagged and collected."""
        recipe = {"kind": "poster", "format": "quote", "title": f"{self.mark} sea", "width": 1080, "height": 1350}
        for state in RunState:
            run = Run(**self.own, character_id=self.made.id, title=f"{self.mark} {state} run", kind="poster")
            run.recipe, run.state, run.maker, run.started_at = recipe, state, "poster", self.now
            self.run = await self.add(run)
        self.pictures: list[Asset] = []
        for number, kept in enumerate(AssetState):
            data = picture(self.number + number + 1)
            file = await media.store(self.session, self.actor, data, filename=f"{self.mark}-{number}.png")
            asset = Asset(**self.own, character_id=self.made.id, run_id=self.run.id, file_id=file.id, kind="image")
            asset.title, asset.alt_text, asset.recipe = f"{self.mark} boat {number}", f"{self.mark}: a boat", recipe
            asset.state, asset.score, asset.maker = kept, 0.8, "poster"
            self.pictures.append(await self.add(asset))
        first = self.pictures[0]
        said = {"verdict": "pass", "value": 0.8, "limit": 0.5, "message": f"{self.mark} is sharp."}
        self.session.add(Score(**self.own, asset_id=first.id, check="sharpness", **said))
        self.session.add(AssetTag(**self.own, asset_id=first.id, tag=f"{self.mark.lower()}-sea"))
        boats = await self.add(Collection(**self.own, name=f"{self.mark} boats"))
        self.session.add(CollectionItem(**self.own, collection_id=boats.id, asset_id=first.id))
        self.session.add(MakerConnection(**self.own, slug="poster", title=f"{self.mark} maker"))
        self.ids |= {
            "run_id": self.run.id,
            "asset_id": first.id,
            "library.ids": first.id,
            "collection_id": boats.id,
            "slug": "poster",
        }
        self.ids |= {"form": "json", "width": "320", "index": "0", "archetype": "index", "number": "1"}
        self.ids |= {"pack_id": "smollm2", "channels.slug": "mastodon", "platforms.slug": "mastodon"}
        self.ids |= {"characters.slug": "marisol_vaz", "studio.name": "quote_monument"}

    async def writing(self) -> None:
        """A draft with two candidates."""
        draft = Draft(**self.own, character_id=self.made.id, brief={"theme": f"{self.mark} tea"}, maker="embedded")
        draft.chosen = 0
        await self.add(draft)
        for position in range(2):
            words = f"{self.mark} drinks tea {position}."
            self.session.add(
                DraftCandidate(**self.own, draft_id=draft.id, position=position, caption=words, alt_text=words)
            )
        self.ids["draft_id"] = draft.id

    async def post(self, state: PostState, number: int) -> None:
        """A post in that state with what a post in that state has: approval, delivery, ledger, receipt, numbers."""
        due = self.now + DAY * (number - 6)
        post = Post(**self.own, character_id=self.made.id, caption=f"{self.mark} is {state}.", hashtags=["sea"])
        post.state, post.due_at, post.timezone, post.slot_label = state, due, "Europe/Lisbon", f"{self.mark} {number}"
        post.content_hash, post.candidates_id, post.created_by = "0" * 64, self.ids["draft_id"], self.actor.name
        await self.add(post)
        self.session.add(PostAsset(post_id=post.id, position=0, asset_id=self.pictures[1].id))
        variant = await self.add(Variant(**self.own, post_id=post.id, channel_id=self.channel.id))
        if state == PostState.IN_REVIEW:
            self.ids["post_id"] = post.id
        if state in {PostState.DRAFT, PostState.IN_REVIEW}:
            return
        decision = Decision.REJECTED if state == PostState.REJECTED else Decision.APPROVED
        self.session.add(
            Approval(**self.own, post_id=post.id, decision=decision, note=f"{self.mark} note", content_hash="0" * 64)
        )
        if state in DELIVERED:
            await self.delivery(post, variant, DELIVERED[state])

    async def delivery(self, post: Post, variant: Variant, state: DeliveryState) -> None:
        """What the engine did with it, and what came of it."""
        row = Delivery(**self.own, post_id=post.id, variant_id=variant.id, channel_id=self.channel.id)
        row.platform, row.state, row.due_at = self.channel.platform, state, post.due_at or self.now
        if state in {DeliveryState.FAILED, DeliveryState.NEEDS_PERSON}:
            row.last_error = {"code": "rejected", "detail": f"{self.mark} refused.", "next_step": "Look at it."}
        await self.add(row)
        outcome = AttemptOutcome.PUBLISHED if state == DeliveryState.PUBLISHED else AttemptOutcome.UNKNOWN
        self.session.add(
            Attempt(**self.own, delivery_id=row.id, number=1, outcome=outcome, worker=f"{self.mark} worker")
        )
        self.ids.setdefault("delivery_id", row.id)
        if state not in {DeliveryState.PUBLISHED, DeliveryState.WITHDRAWN}:
            return
        row.remote_id, row.remote_url, row.published_at = f"{self.mark}-{row.id}", "/stage", self.now - DAY
        post.published_at = row.published_at
        receipt = Receipt(**self.own, post_id=post.id, delivery_id=row.id, channel_id=self.channel.id, content_hash="0")
        receipt.platform, receipt.text, receipt.idempotency_key = row.platform, post.caption, row.idempotency_key
        receipt.published_at = row.published_at
        self.session.add(receipt)
        numbers = {"likes": 7, "views": 70, "replies": 2, "reposts": 1}
        seen = {"delivery_id": row.id, "post_id": post.id, "channel_id": self.channel.id}
        self.session.add(Sample(**self.own, **seen, character_id=self.made.id, at=self.now, **numbers))

    async def plan(self) -> None:
        """A week with a slot in each state."""
        week = Week(**self.own, character_id=self.made.id, starts_on=self.now.date(), days=7, timezone="Europe/Lisbon")
        week.channel_ids, week.state = [self.channel.id], WeekState.READY
        await self.add(week)
        for number, state in enumerate(SlotState):
            slot = Slot(**self.own, week_id=week.id, character_id=self.made.id, position=number, format="quote")
            slot.local_day, slot.local_time, slot.due_at = (
                self.now.date(),
                f"{9 + number:02}:00",
                self.now + number * DAY,
            )
            slot.theme, slot.state, slot.run_id = f"{self.mark} theme {number}", state, self.run.id
            slot.post_id = self.ids["post_id"] if state == SlotState.DONE else None
            self.session.add(slot)
        await self.session.flush()
        self.ids["week_id"], self.ids["slot_id"] = week.id, slot.id

    async def talk(self) -> None:
        """A conversation with messages both ways, and a reaction."""
        talk = Conversation(**self.own, channel_id=self.channel.id, character_id=self.made.id)
        talk.post_id, talk.thread_key, talk.author_id = self.ids["post_id"], f"{self.mark}-t", f"{self.mark}-a"
        talk.author, talk.unread, talk.last_at, talk.last_text = f"{self.mark} fan", 1, self.now, f"{self.mark} nice"
        await self.add(talk)
        for ours in (False, True):
            note = Message(**self.own, conversation_id=talk.id, is_ours=ours, author=f"{self.mark} fan", at=self.now)
            note.text, note.state = f"{self.mark} nice", MessageState.FAILED if ours else MessageState.RECEIVED
            await self.add(note)
            self.ids["message_id"] = note.id
        liked = Reaction(**self.own, channel_id=self.channel.id, post_id=self.ids["post_id"], kind="like", at=self.now)
        liked.remote_id, liked.author = f"{self.mark}-r", f"{self.mark} fan"
        self.session.add(liked)
        self.ids["conversation_id"] = talk.id

    async def stage(self) -> None:
        """The character and a fan on the local network, with a post, a reply, a like and a follow."""
        star = StageAccount(**self.own, handle=self.made.handle, name=self.made.name, character_id=self.made.id)
        star.avatar_file_id = self.face.id
        fan = StageAccount(**self.own, handle="fan", name=f"{self.mark} fan", is_audience=True)
        await self.add(star)
        await self.add(fan)
        post = await self.add(
            StagePost(**self.own, account_id=star.id, key=f"{self.mark}-1", text=f"{self.mark} sails.")
        )
        reply = StagePost(**self.own, account_id=fan.id, key=f"{self.mark}-2", text=f"{self.mark} lovely.")
        reply.root_id = reply.parent_id = post.id
        self.session.add(reply)
        self.session.add(StageMedia(**self.own, account_id=star.id, file_id=self.face.id, post_id=post.id, alt_text=""))
        self.session.add(StageReaction(**self.own, post_id=post.id, account_id=fan.id, kind="like"))
        self.session.add(StageFollow(**self.own, follower_id=fan.id, followed_id=star.id))
        self.ids |= {"stage.post_id": post.id, "account_id": star.id}

    async def work(self) -> None:
        """A job in each state, with a line of its log."""
        for state in JobState:
            job = Job(**self.own, kind="channels.check", title=f"{self.mark} {state} job", queue="light", state=state)
            job.subject_kind, job.subject_id, job.handed = "channel", self.channel.id, True
            job.started_at = None if state == JobState.PENDING else self.now
            if state in {JobState.COMPLETED, JobState.FAILED}:
                job.finished_at, job.result = self.now, {"said": f"{self.mark} result"}
            await self.add(job)
            self.session.add(JobLog(**self.own, job_id=job.id, level="info", message=f"{self.mark} log"))
            self.ids["job_id" if state == JobState.COMPLETED else f"{state}_job_id"] = job.id
        await self.card_work()
        self.ids |= await forging.forged(self.session, self.own, self.mark, self.now)

    async def card_work(self) -> None:
        """An import of cards and an export with its zip."""
        done = {"state": JobState.COMPLETED, "handed": True, "started_at": self.now, "finished_at": self.now}
        brought = Job(**self.own, kind=importing.KIND, title=f"{self.mark} import", queue="light", **done)
        brought.result = {"added": 1}
        packed = Job(**self.own, kind=exporting.KIND, title=f"{self.mark} export", queue="light", **done)
        file = storage.put_waiting(b"PK\x05\x06" + bytes(18), ".zip")
        packed.result = {"packed": 1, "left_out": 0, "size_bytes": 22, "waiting": file, "kept_days": 7, "report": []}
        await self.add(brought)
        await self.add(packed)
        took = {"filename": f"{self.mark}.json", "outcome": "added", "card_id": self.ids["card_id"]}
        self.session.add(CardImport(**self.own, job_id=brought.id, position=0, waiting="gone.json", **took))
        self.ids |= {"cards.imports.job_id": brought.id, "cards.exports.job_id": packed.id}
        self.ids |= await bundling.bundled(self.session, self.own, self.actor, self.mark, self.now)


async def add_member(world: World, name: str, role: Role) -> Actor:
    """One more person in the world."""
    async with database().writing() as session:
        user = User(email=f"{name.lower()}.{world.mark.lower()}@example.org", name=name, is_verified=True)
        session.add(user)
        await session.flush()
        session.add(Membership(workspace_id=world.workspace_id, user_id=user.id, role=role))
    return Actor(workspace_id=world.workspace_id, role=role, user_id=user.id, name=name)
