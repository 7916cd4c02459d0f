"""A post as it would be: checked and previewed before anything is written down. Reads rows, writes none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels import queries as channels
from ainfluencer.channels import registry
from ainfluencer.channels.models import Channel, ChannelState
from ainfluencer.core.actor import Actor
from ainfluencer.integrations import text as lengths
from ainfluencer.integrations.manifest import Manifest
from ainfluencer.publishing import preflight
from ainfluencer.publishing.content import Content, Picture, facts
from ainfluencer.publishing.labels import Labelled
from ainfluencer.publishing.models import Post, Variant
from ainfluencer.publishing.preflight import Problem, Severity
from ainfluencer.publishing.schemas import NewPost
from ainfluencer.studio import queries as studio

BUILT_IN = "built-in"
"""Stands for the character's channel on the local network while that has not been made."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A post on one channel: its final text, how long that is, and what the channel objects to."""

    channel: Channel
    manifest: Manifest
    labelled: Labelled
    size: int
    limit: int | None
    problems: tuple[Problem, ...]

    @property
    def is_over(self) -> bool:
        """Whether the text is too long."""
        return self.limit is not None and self.size > self.limit

    @property
    def is_nearly_over(self) -> bool:
        """Whether little room is left."""
        return self.limit is not None and self.size > self.limit * 0.9

    @property
    def errors(self) -> int:
        """How many things stop it."""
        return sum(problem.severity is Severity.ERROR for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Every channel's preview, and what concerns the whole post."""

    previews: tuple[Preview, ...]
    problems: tuple[Problem, ...]

    @property
    def is_fit(self) -> bool:
        """Whether it may go out like this."""
        return not any(p.severity is Severity.ERROR for p in self.everything)

    @property
    def everything(self) -> tuple[Problem, ...]:
        """All findings, those of the whole post first."""
        return (*self.problems, *(problem for preview in self.previews for problem in preview.problems))


async def open_channels(session: AsyncSession, actor: Actor, character_id: str) -> tuple[Channel, ...]:
    """Connected channels that a character may use, the local network first (as `BUILT_IN` before it was made)."""
    found = await channels.list_channels(
        session, actor, character_id=character_id, state=ChannelState.CONNECTED, limit=200
    )
    local = {manifest.slug: manifest for manifest in registry.built_in()}
    here = [channel for channel in found.items if channel.platform in local and channel.character_id == character_id]
    outside = [channel for channel in found.items if channel.platform not in local]
    if not here and local:
        slug, manifest = next(iter(local.items()))
        # Never added to the session: it only stands in a form.
        here = [
            Channel(
                id=BUILT_IN,
                workspace_id=actor.workspace_id,
                platform=slug,
                title=manifest.title,
                state=ChannelState.CONNECTED,
                character_id=character_id,
                limits={},
            )
        ]
    return (*here, *outside)


async def imagine(session: AsyncSession, actor: Actor, new: NewPost) -> Content:
    """The content that a new post would have. Unknown assets and channels are left out."""
    post = Post(
        character_id=new.character_id,
        caption=new.caption,
        hashtags=[tag.strip().lstrip("#") for tag in new.hashtags if tag.strip(" #")],
        language=new.language,
        unlabelled_reason="",
    )
    known = await studio.assets_with_files(session, actor, new.asset_ids)
    pictures = tuple(Picture(asset, file, new.alt_texts.get(asset.id, "") or asset.alt_text) for asset, file in known)
    wanted = set(new.channel_ids)
    found = await open_channels(session, actor, new.character_id)
    variants = tuple(
        (Variant(channel_id=channel.id, text=new.texts.get(channel.id, "").strip()), channel)
        for channel in found
        if channel.id in wanted
    )
    return Content(post, pictures, variants)


def outlook(content: Content, beside: Sequence[Problem] = ()) -> Outlook:
    """What each channel would get, with the preflight's findings (and those `beside` them) where they belong."""
    problems = [*preflight.check(content), *beside]
    previews = []
    for variant, channel in content.variants:
        manifest, limits = facts(channel)
        labelled = content.labelled(variant, channel)
        mine = tuple(problem for problem in problems if problem.channel_id == channel.id)
        size = lengths.measure_text(labelled.text, limits)
        previews.append(Preview(channel, manifest, labelled, size, limits.text, mine))
    return Outlook(tuple(previews), tuple(problem for problem in problems if not problem.channel_id))
