"""The channel doctor: a live test of a stored channel, written down in words for a person."""

from __future__ import annotations

from dataclasses import dataclass

from ainfluencer.channels import queries, registry
from ainfluencer.channels.models import Channel, ChannelState
from ainfluencer.channels.service import links
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import ProductError
from ainfluencer.db.session import database
from ainfluencer.integrations.values import Link


@dataclass(frozen=True, slots=True)
class Checkup:
    """What the doctor found."""

    channel_id: str
    ok: bool
    state: str
    handle: str
    detail: str
    next_step: str
    notes: tuple[str, ...] = ()


async def check(actor: Actor, channel_id: str) -> Checkup:
    """Test a channel now and record the finding. Calls outside; hold no transaction.

    A channel whose sign-in had ended is tested all the same: when the platform accepts it again, it is back in use.
    """
    async with database().reading() as session:
        channel = await queries.get(session, actor, channel_id)
    try:
        account = await registry.adapter(channel.platform).check(await _link(actor, channel))
    except ProductError as e:
        async with database().writing() as session:
            channel = await links.note_failure(session, actor, channel_id, e)
        return Checkup(
            channel.id, ok=False, state=channel.state, handle=channel.handle, detail=e.detail, next_step=e.next_step
        )
    async with database().writing() as session:
        channel = await links.note_success(session, actor, channel_id)
        links.fill(channel, account)
    return Checkup(channel.id, True, channel.state, channel.handle, "Everything works.", "", tuple(channel.notes))


async def _link(actor: Actor, channel: Channel) -> Link:
    if channel.state == ChannelState.CONNECTED:
        return await links.open_link(actor, channel.id)
    manifest = registry.manifest(channel.platform)
    return links.make_link(manifest, channel.settings, links.secrets_of(channel), key=channel.id)
