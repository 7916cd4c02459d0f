"""What people do, in a real browser on a real instance: from the first start to the post that is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import AXE, Instance, Watched, barriers, bring_content, running

CARDS = Path(str(files("ainfluencer.cards"))) / "samples"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PLACES = (
    "/", "/characters", "/characters/import", "/characters/new", "/studio", "/library", "/posts", "/calendar",
    "/weeks/new", "/channels", "/stage", "/inbox", "/insights", "/operations", "/settings/workspace",
    "/settings/account", "/settings/people", "/settings/keys", "/search?q=sea",
)  # fmt: skip
WORDS = "correct horse battery"
Opens = Callable[..., Page]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance with a character and posts in review, shared by the journeys below."""
    with running(tmp_path_factory.mktemp("studio") / "data") as made:
        bring_content(made, CARDS / "marisol_vaz.json", days=7)
        yield made


@contextmanager
def window(browser: Browser, instance: Instance, *, signed_in: bool = True, **options: Any) -> Iterator[Page]:
    """A window that may not complain."""
    watched = Watched(browser, instance.url, **options)
    if signed_in:
        enter(watched.page, instance)
    try:
        yield watched.page
    except BaseException:
        watched.complaints.clear()
        raise
    finally:
        watched.close()


def enter(page: Page, instance: Instance) -> None:
    """Through the one-time link; the first time it asks for a name."""
    page.goto(instance.way_in())
    if "/welcome" in page.url:
        name = page.get_by_label("Your name")
        if name.count():
            name.fill("Ada")
        page.locator("form button.btn-primary").first.click()
    expect(page.locator("h1")).to_be_visible()
    expect(page).not_to_have_url(re.compile("/welcome"))


def waiting(instance: Instance) -> list[dict[str, Any]]:
    with instance.api() as client:
        items: list[dict[str, Any]] = client.get("/posts?state=in_review").json()["items"]
    return items


# -- the main path --


def test_from_the_first_start_to_the_stage(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path / "data") as fresh, window(browser, fresh) as page:
        expect(page.locator("h1")).to_have_count(1)

        page.goto("/characters/import")
        page.locator("input[type=file]").first.set_input_files(CARDS / "marisol_vaz.json")
        expect(page.locator("h1")).to_contain_text("Marisol Vaz")  # what was understood, before anything is made
        page.get_by_role("button", name="Bring to life").click()
        expect(page).to_have_url(re.compile(r"/characters/[0-9a-z]{26}"))
        expect(page.locator("h1")).to_contain_text("Marisol Vaz")
        character = page.url.rsplit("/", 1)[1].partition("?")[0]

        page.goto(f"/weeks/new?character={character}")
        days = page.locator("input[name=days]")
        page.locator(f"label:has(input[name=days][value='{days.first.get_attribute('value')}'])").first.click()
        for name, value in (("start", "now"), ("approve", "all")):
            page.locator(f"label:has(input[name={name}][value={value}])").click()
        page.get_by_role("button", name="Make the week").click()
        expect(page).to_have_url(re.compile(r"/weeks/[0-9a-z]{26}"))
        slots = page.locator("li[id^=slot-]")
        expect(slots.first).to_be_visible()
        # Watched as it happens: nobody reloads.
        expect(slots.filter(has_text=re.compile("published", re.IGNORECASE))).to_have_count(
            slots.count(), timeout=120_000
        )

        page.goto("/stage")
        posts = page.locator("[data-stage-feed] article")
        expect(posts.first).to_be_visible()
        assert posts.count() >= 1
        picture = page.locator("[data-stage-feed] img").first
        expect(picture).to_be_visible()
        page.locator("[data-stage-feed] a[href^='/stage/posts/']").first.click()
        expect(page).to_have_url(re.compile(r"/stage/posts/[0-9a-z]{26}"))
        expect(page.locator("h1")).to_have_count(1)


# -- review --


def test_review_by_keyboard(browser: Browser, studio: Instance) -> None:
    before = len(waiting(studio))
    with window(browser, studio) as page:
        page.goto("/posts/review")
        box = page.locator("#review")
        first = box.get_attribute("data-post")
        page.keyboard.press("a")
        expect(box).not_to_have_attribute("data-post", first or "")
        second = box.get_attribute("data-post") or ""
        page.keyboard.press("e")
        expect(page.get_by_label("Caption")).to_be_focused()
        page.get_by_label("Caption").fill("Salt on the window, tea on the stove.")
        page.get_by_role("button", name="Keep").click()
        expect(page.get_by_text("Salt on the window").first).to_be_visible()
        expect(page.get_by_label("Caption")).to_have_count(0)
        page.keyboard.press("r")
        reason = page.get_by_label("Reason")
        expect(reason).to_be_visible()
        reason.fill("Too quiet for a Monday.")
        reason.press("Enter")
        expect(box).not_to_have_attribute("data-post", second)
    assert len(waiting(studio)) == before - 2
    with studio.api() as client:
        assert client.get(f"/posts/{first}").json()["state"] in {"approved", "scheduled"}
        refused = client.get(f"/posts/{second}").json()
        assert (refused["state"], refused["caption"]) == ("rejected", "Salt on the window, tea on the stove.")
        assert "Too quiet for a Monday." in str(refused)


# -- calendar --


def test_a_post_moves_to_another_day_and_back(browser: Browser, studio: Instance) -> None:
    with window(browser, studio) as page:
        page.goto("/calendar")
        chips = page.locator(".cal-chip")
        expect(chips.first).to_be_visible()
        post = waiting(studio)[0]
        day = page.evaluate(
            """(id) => {
              const event = window.calendar.getEvents().find((one) => one.id === id);
              const next = new Date(event.start);
              next.setDate(next.getDate() + (next.getDay() === 0 ? -1 : 1));  // in the same row of the month
              return [next.getFullYear(), next.getMonth() + 1, next.getDate()].map((n) => String(n).padStart(2, '0')).join('-');
            }""",
            post["id"],
        )
        chip = page.locator(f"[data-calendar] a[href*='{post['id']}']").first
        target = page.locator(f"[data-date='{day}']").first
        chip.scroll_into_view_if_needed()
        start, end = chip.bounding_box(), target.bounding_box()
        assert start
        assert end
        page.mouse.move(start["x"] + 10, start["y"] + start["height"] / 2)
        page.mouse.down()
        page.mouse.move(end["x"] + end["width"] / 2, start["y"] + start["height"] / 2, steps=12)
        page.mouse.up()
        expect(page.get_by_text(re.compile("Moved to")).first).to_be_visible()
        assert due(studio, post["id"]).startswith(day)
        page.get_by_role("button", name="Undo").click()
        studio.until(lambda _: due(studio, post["id"]) == post["due_at"], 20)


def due(instance: Instance, post_id: str) -> str:
    with instance.api() as client:
        return str(client.get(f"/posts/{post_id}").json()["due_at"])


# -- people --


def test_a_password_and_a_viewer(browser: Browser, studio: Instance) -> None:
    with studio.api() as client:
        asked = {"email": "vera@example.org", "role": "viewer"}
        link = client.post("/invitations", json=asked).raise_for_status().json()
    address = next(str(value) for value in link.values() if "/invitation" in str(value))
    with window(browser, studio, signed_in=False) as page:
        page.goto(address)
        page.get_by_label("Your name").fill("Vera")
        page.locator("input[type=password]").fill(WORDS)
        page.get_by_role("button", name="Join").click()
        expect(page).not_to_have_url(re.compile("/invitation"))
        for place in ("/characters", "/posts", "/library", "/stage", "/channels"):
            page.goto(place)
            expect(page.locator("h1")).to_have_count(1)
            for action in ("Make a week", "New character", "Approve", "Upload", "Connect"):
                expect(page.locator("main").get_by_role("button", name=action, exact=True)).to_have_count(0)
                expect(page.locator("main").get_by_role("link", name=action, exact=True)).to_have_count(0)

        page.context.clear_cookies()
        page.goto("/characters")
        expect(page).to_have_url(re.compile("/sign-in"))
        page.get_by_label("E-mail address").fill("vera@example.org")
        page.get_by_label("Password").fill("not this one at all")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert").first).to_be_visible()
        page.get_by_label("Password").fill(WORDS)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(re.compile("/characters$"))

        form = page.locator("form[action='/sign-out']").first
        form.evaluate("(form) => form.requestSubmit()")
        expect(page).to_have_url(re.compile("/sign-in"))
        page.goto("/characters")
        expect(page).to_have_url(re.compile("/sign-in"))


# -- every page, as it looks --


def test_the_theme_stays(browser: Browser, studio: Instance) -> None:
    with window(browser, studio) as page:
        root = page.locator("html")
        before = root.get_attribute("data-theme")
        page.locator("[data-theme-toggle]").first.click()
        expect(root).not_to_have_attribute("data-theme", before or "")
        now = root.get_attribute("data-theme")
        page.goto("/characters")
        expect(root).to_have_attribute("data-theme", now or "")
        page.reload()
        expect(root).to_have_attribute("data-theme", now or "")


def every_place(studio: Instance) -> list[str]:
    """The places above, and one of each kind of thing."""
    with studio.api() as client:
        character = client.get("/characters").json()["items"][0]["id"]
        post = client.get("/posts").json()["items"][0]["id"]
        asset = client.get("/assets").json()["items"][0]["id"]
        week = client.get("/weeks").json()["items"][0]["id"]
    more = [f"/characters/{character}", f"/posts/{post}", f"/library/{asset}", f"/weeks/{week}", "/posts/review"]
    return [*PLACES, f"/characters/{character}/edit", f"/weeks/new?character={character}", *more]


def test_a_phone_shows_every_page(browser: Browser, studio: Instance) -> None:
    wide: list[str] = []
    with window(browser, studio, **PHONE) as page:
        for place in every_place(studio):
            page.goto(place)
            expect(page.locator("h1")).to_have_count(1)
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 1:
                wide.append(f"{place}: {over} px too wide")
        page.goto("/")
        dock = page.get_by_role("navigation", name="Main places")
        expect(dock).to_be_visible()
        dock.get_by_role("link", name="Characters").click()
        expect(page).to_have_url(re.compile("/characters"))
    assert not wide, "\n".join(wide)


def test_no_page_complains_on_a_desk(browser: Browser, studio: Instance) -> None:
    with window(browser, studio) as page:
        for place in every_place(studio):
            page.goto(place)
            expect(page.locator("h1")).to_have_count(1)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: python tools/build_assets.py")
@pytest.mark.parametrize("theme", ["day", "night"])
def test_everybody_can_use_every_page(browser: Browser, studio: Instance, theme: str) -> None:
    found: list[str] = []
    with window(browser, studio, bypass_csp=True, reduced_motion="reduce") as page:
        page.evaluate("(theme) => localStorage.setItem('theme', theme)", theme)
        for place in every_place(studio):
            page.goto(place)
            if place == "/calendar":
                expect(page.locator(".cal-chip").first).to_be_visible()  # they come after the page
            found += [f"{place}: {one}" for one in barriers(page, only_colours=theme == "night")]
    assert not found, "\n".join(found)
