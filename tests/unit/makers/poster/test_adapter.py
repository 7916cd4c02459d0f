"""The maker's methods, and that cancelling takes hold between pages."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ainfluencer.core.errors import InvalidInput, Unsupported
from ainfluencer.integrations import registry
from ainfluencer.integrations.client import OutsideClient
from ainfluencer.integrations.values import ImageRequest, Link
from ainfluencer.makers.adapters.poster import MANIFEST
from ainfluencer.makers.adapters.poster.adapter import ADAPTER
from ainfluencer.makers.adapters.poster.render import render_poster
from tests.unit.makers.poster.conftest import Ask


@pytest.fixture
def link(tmp_path: Path) -> Link:
    return Link("poster", OutsideClient.__new__(OutsideClient), {}, {}, tmp_path)


def test_it_is_found_with_its_manifest() -> None:
    assert registry.adapter("ainfluencer.makers.adapters", "poster") is ADAPTER
    assert ADAPTER.manifest is MANIFEST


async def test_the_check_names_fonts_and_engine(link: Link) -> None:
    account = await ADAPTER.check(link)
    assert "pytakumi" in account.title
    assert "font families" in account.notes[0]


async def test_make_gives_what_the_pure_function_gives(link: Link, ask: Ask) -> None:
    request = ask("carousel", seed=4)
    assert await ADAPTER.make(link, request) == render_poster(request)


async def test_other_requests_are_refused(link: Link, ask: Ask) -> None:
    with pytest.raises(Unsupported):
        await ADAPTER.make(link, ImageRequest("a cat"))
    with pytest.raises(InvalidInput):
        await ADAPTER.make(link, ask("quote", body=""))


async def test_it_can_be_cancelled_between_pages(link: Link, ask: Ask) -> None:
    task = asyncio.create_task(ADAPTER.make(link, ask("carousel", items=("A page of words",) * 8)))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
