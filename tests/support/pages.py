"""A browser without scripts for tests of pages: asks for HTML, keeps cookies, sends the token of its session."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import APIRouter, FastAPI, Request

from ainfluencer.accounts.access import COOKIE
from ainfluencer.core.actor import Actor
from ainfluencer.web import errors, security
from ainfluencer.web.shell import Person, Place, Shell
from tests.support.clients import client_for, small_app, token_for

HTMX = {"hx-request": "true"}


def plain_shell(_request: Request) -> Shell:
    """A frame without navigation."""
    return Shell(sections=(), user=Person("Ada", "owner"), workspace=Place("w", "Harbour"))


def page_app(*routers: APIRouter) -> FastAPI:
    """An app with these pages, framed plainly."""
    made = small_app(*routers)
    made.state.shell = plain_shell
    made.state.error_page = errors.page
    return made


@asynccontextmanager
async def browsing(app: FastAPI, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """That person's browser, signed in."""
    token = await token_for(actor)
    async with client_for(app, cookies={COOKIE: token}) as client:
        client.headers.update({"accept": "text/html", security.CSRF_HEADER: security._token(token)})
        yield client
