"""Every page of cards in a real browser: readable for everybody in both themes, no wider than a phone, usable to its end."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from typer.testing import CliRunner

from ainfluencer.cards.bundles import bundle
from ainfluencer.cards.bundles.shapes import About
from ainfluencer.cli.app import app
from ainfluencer.core import config
from ainfluencer.core.errors import NotAllowed, NotFound
from tests.e2e.test_journeys import PHONE, window
from tests.support.browser import AXE, Instance, barriers
from tests.support.cards import cards, pngs

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]


def picture_card(**changes: Any) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((300, 450)).save(out, "PNG")
    return out.getvalue()[:-12] + pngs.text("chara", pngs.b64(cards.v2(**changes))) + pngs.END


def packed() -> bytes:
    about = About(name="Harbour people", author="Ada", licence="CC0", description="Two by the sea.")
    files = [("mira.png", picture_card(name="Mira")), ("bo.json", json.dumps(cards.v3(name="Bo")).encode())]
    return bundle.pack(about, files, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture(scope="module")
def places(studio: Instance) -> list[str]:
    """One of each page, each with something on it."""
    with studio.api() as client:
        mine, other = (added(client, name="Mira", description=text) for text in ("Keeps bees.", "Keeps two bees."))
        edit = {"rev": 1, "set": {"personality": "Patient.", "alternate_greetings": ["Ahoy."]}}
        client.patch(f"/cards/{mine}", json=edit).raise_for_status()
        sent = [("files", ("a.json", json.dumps(cards.v2(name="Zed")))), ("files", ("b.json", "{}"))]
        brought = client.post("/cards/imports", files=sent).raise_for_status().json()["job_id"]
        given = client.post("/cards/exports", json={"ids": [mine, other], "to": "v1", "allow_loss": True}).json()[
            "job_id"
        ]
        made = client.post("/cards/bundles/packings", json={"name": "Ours", "ids": [mine]}).json()["job_id"]
        opened = client.post("/cards/bundles", files={"file": ("h.cardbundle", packed())}).raise_for_status().json()
        offered(client, studio)
        config = client.get("/profiles/config").json()["items"][0]["id"]
        prompt = client.get("/profiles/prompts").json()["items"][0]["id"]
        forged = client.post("/generation/start", json={"content": "Mira keeps bees on a roof."})
        waited = [brought, given, made] + ([forged.json()["job_id"]] if forged.is_success else [])
    for job in waited:
        ended(studio, job)
    return [
        "/cards", "/cards?view=table", "/cards/bin", "/cards/new", f"/cards/{mine}", f"/cards/{mine}/edit", "/cards/duplicates",
        f"/cards/{mine}/diff", f"/cards/{mine}/diff?other={other}", f"/cards/{mine}/merge", f"/cards/{mine}/merge?theirs={other}",
        f"/cards/{mine}/download?to=v1", f"/cards/imports/{brought}", f"/cards/exports/{given}", "/characters/import",
        "/cards/bundles", "/cards/bundles/new", f"/cards/bundles/{opened['id']}", f"/cards/bundles/packings/{made}",
        "/cards/forge", "/cards/forge/profiles", f"/cards/forge/profiles/config/{config}", f"/cards/forge/profiles/prompts/{prompt}",
        "/characters/import/starters/marisol_vaz", f"/cards/forge/{forged}",
    ]  # fmt: skip


def ended(studio: Instance, job: str) -> None:
    studio.until(lambda client: client.get(f"/jobs/{job}").json()["job"]["state"] in {"completed", "failed"})


def added(client: httpx.Client, **changes: Any) -> str:
    sent = {"file": ("mira.png", picture_card(**changes))}
    return str(client.post("/cards", files=sent).raise_for_status().json()["card"]["id"])


def offered(client: httpx.Client, studio: Instance) -> Path:
    """A source with a good bundle and a broken one; answers its folder."""
    refusal = client.post("/cards/bundles/sources", json={"address": "/"}).json()
    folder = Path(refusal["next_step"].split("into ")[1].split(", or")[0])
    assert folder.is_relative_to(studio.data)
    (folder / "harbour.cardbundle").write_bytes(packed())
    (folder / "broken.cardbundle").write_bytes(b"zip?")
    client.post("/cards/bundles/sources", json={"address": str(folder)}).raise_for_status()
    return folder


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: python tools/build_assets.py")
@pytest.mark.parametrize("theme", ["day", "night"])
def test_everybody_can_use_every_page_of_cards(
    browser: Browser, studio: Instance, places: list[str], theme: str
) -> None:
    found: list[str] = []
    with window(browser, studio, bypass_csp=True, reduced_motion="reduce") as page:
        page.evaluate("(theme) => localStorage.setItem('theme', theme)", theme)
        for place in places:
            page.goto(place)
            expect(page.locator("h1")).to_have_count(1)
            found += [f"{place}: {one}" for one in barriers(page, only_colours=theme == "night")]
    assert not found, "\n".join(found)


def test_a_phone_shows_every_page_of_cards(browser: Browser, studio: Instance, places: list[str]) -> None:
    wide: list[str] = []
    with window(browser, studio, **PHONE) as page:
        for place in places:
            page.goto(place)
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 1:
                wide.append(f"{place}: {over} px too wide")
    assert not wide, "\n".join(wide)


def test_a_bundle_goes_from_a_source_into_the_library(browser: Browser, studio: Instance, places: list[str]) -> None:
    del places  # the source is there with them
    with window(browser, studio) as page:
        page.goto("/cards/bundles")
        offer = page.locator(".bundle-offer").filter(has_text="Harbour people")
        offer.get_by_role("button", name="Look inside").click()
        expect(page).to_have_url(re.compile(r"/cards/bundles/[0-9a-z]{26}$"))
        page.get_by_label("Bring Mira").uncheck()
        expect(page.locator("body")).to_contain_text("Unknown key")
        page.get_by_label("Trust this key from now on").check()
        page.get_by_role("button", name="Bring what is picked").click()
        expect(page).to_have_url(re.compile(r"/cards/imports/"))
        expect(page.get_by_role("link", name="cards/bo.json")).to_be_visible(timeout=30_000)
        expect(page.get_by_role("link", name="cards/mira.png")).to_have_count(0)
        page.goto("/cards/bundles")
        expect(offer).to_contain_text("Known key")


def test_a_merge_is_decided_and_saved(browser: Browser, studio: Instance) -> None:
    with studio.api() as client:
        mine, other = (added(client, name="Tom", description="Mends nets.", scenario="A pier.") for _ in range(2))
        client.patch(
            f"/cards/{mine}", json={"rev": 1, "set": {"description": "Mends nets at dawn."}}
        ).raise_for_status()
        client.patch(
            f"/cards/{other}", json={"rev": 1, "set": {"description": "Mends nets at night."}}
        ).raise_for_status()
    with window(browser, studio) as page:
        page.goto(f"/cards/{mine}/merge?theirs={other}")
        save(page)
        expect(page.get_by_role("alert")).to_contain_text("1 conflict is still open")
        page.get_by_label("The other side").first.check()
        save(page)
        expect(page).to_have_url(re.compile(rf"/cards/{mine}$"))
        expect(page.locator("body")).to_contain_text("Mends nets at night.")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save as a new version").click()


@pytest.fixture
def command(studio: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The command line beside the running instance, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    before = config.settings()

    # In a thread of its own: the browser's driver keeps a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        yield lambda *words: thread.submit(CliRunner().invoke, app, ["--data", str(studio.data), *words]).result()
    config.use(before)


def test_the_command_line_does_what_the_pages_do(command: Any, places: list[str], tmp_path: Path) -> None:
    del places  # the source is there with them
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "h.cardbundle").write_bytes(packed())
    assert json.loads(command("card", "bundle", "list", "shop", "--json").stdout)["items"][0]["cards"] == 2
    kept = command("card", "bundle", "add", "shop")
    assert isinstance(kept.exception, NotAllowed)
    folder = Path(kept.exception.next_step.split("into ")[1].split(", or")[0])
    (folder / "more.cardbundle").write_bytes(packed())
    sources = json.loads(command("card", "bundle", "sources", "--json").stdout)["items"]
    assert [one["address"] for one in sources] == [str(folder)]
    assert command("card", "bundle", "refresh", str(folder)).exit_code == 0
    offers = json.loads(command("card", "bundle", "offers", "harbour", "--json").stdout)["items"]
    assert {one["name"] for one in offers} == {"Harbour people"}

    some = command("card", "bundle", "import", "shop/h.cardbundle", "--only", "bo", "--on-same", "keep_both", "--json")
    assert some.exit_code == 0, (some.exception, some.output)
    told = json.loads(some.stdout)
    assert [one["outcome"] for one in told["items"]] == ["added"]
    wrong = command("card", "bundle", "import", "shop/h.cardbundle", "--only", "Zed")
    assert isinstance(wrong.exception, NotFound)
    mark = told["bundle"]["fingerprint"]
    assert command("card", "bundle", "keys", "block", mark).exit_code == 0
    assert command("card", "bundle", "import", "shop/h.cardbundle").exception.reason == "key_blocked"
    assert mark in command("card", "bundle", "keys", "list").stdout
    assert command("card", "bundle", "keys", "forget", mark).exit_code == 0

    made = json.loads(
        command("character", "create", "Ada Vale", "--template", "creative", "--age", "30", "--json").stdout
    )
    assert "boats" not in command("character", "export", made["id"], "--format", "txt").stdout
    assert len(json.loads(command("character", "templates", "--json").stdout)["items"]) == 5
    card_id = told["items"][0]["card_id"]
    ours = command("card", "bundle", "pack", "ours.cardbundle", "--id", card_id, "--character", made["id"], "--json")
    assert json.loads(ours.stdout)["packed"] == 2
    names = [one.name for one in bundle.read((tmp_path / "ours.cardbundle").read_bytes()).cards]
    assert names == ["Bo", "Ada Vale"]
    (folder / "more.cardbundle").unlink()
    assert command("card", "bundle", "remove", str(folder)).exit_code == 0
    assert command("card", "bundle", "add", str(folder)).exit_code == 0


def test_a_file_is_merged_from_the_command_line(command: Any, studio: Instance, tmp_path: Path) -> None:
    with studio.api() as client:
        mine = added(client, name="Ken", description="Mends nets.", scenario="A pier.")
    (tmp_path / "copy.png").write_bytes(picture_card(name="Ken", description="Mends nets.", scenario="A storm."))
    told = command("card", "merge-in", mine, "copy.png", "--dry-run", "--json")
    assert told.exit_code == 0, told.exception
    plan = json.loads(told.stdout)
    assert [(one["field"], one["side"]) for one in plan["decisions"]] == [("scenario", "theirs")]
    assert command("card", "merge-in", mine, "copy.png", "--take", "scenario=mine").exit_code == 2
    done = command("card", "merge-in", mine, "copy.png", "--take", "scenario=theirs", "--json")
    assert json.loads(done.stdout)["version"] == 2
