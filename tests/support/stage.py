"""A Stage in this process, and characters that are on it."""

from __future__ import annotations

import httpx
from fastapi import FastAPI

from ainfluencer.channels import service as channels
from ainfluencer.channels.models import Channel
from ainfluencer.characters import service as characters
from ainfluencer.characters.models import Character
from ainfluencer.characters.schemas import CharacterDraft
from ainfluencer.core import crypto
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.engine import jobs
from ainfluencer.integrations.client import OutsideClient
from ainfluencer.integrations.values import Link
from ainfluencer.stage import api
from tests.support.clients import small_app


def stage_app() -> FastAPI:
    """An app with nothing but the Stage's own API."""
    jobs.load_all()
    return small_app(api.router)


async def character(db: Database, actor: Actor, name: str = "Marina Duarte") -> Character:
    """A character of that name."""
    async with db.writing() as session:
        return await characters.create(session, actor, CharacterDraft(name=name, bio=f"{name} is made up."))


async def channel(db: Database, actor: Actor, character_id: str) -> Channel:
    """The character's channel on the Stage."""
    async with db.writing() as session:
        return await channels.ensure_built_in(session, actor, character_id)


def link(app: FastAPI, actor: Actor, character_id: str, handle: str = "marina") -> Link:
    """A connection of the Stage's adapter to this app, without a socket."""
    client = OutsideClient("stage", "http://127.0.0.1:8000", transport=httpx.ASGITransport(app=app))
    token = crypto.sign(f"{actor.workspace_id}:{character_id}", api.PURPOSE)
    return Link("stage", client, {"handle": handle, "name": "Marina", "bio": "Waves."}, {"token": token})
