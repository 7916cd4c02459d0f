"""The forge in a real browser: profiles, uploads, the button, a job from its beginning to its end, and everything that can fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.test_journeys import enter
from tests.support.browser import Instance, Watched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
IDEA = "A grumpy lighthouse keeper called Mira who talks to gulls and keeps a list of every ship she has ever forgiven."
GO, WHY = "[data-forge-go]", "[data-forge-why]"


@pytest.fixture
def page(browser: Browser, studio: Instance) -> Iterator[Page]:
    """The form, for Ada. Complaints of the browser about answers that a test makes fail are expected."""
    watched = Watched(browser, studio.url)
    enter(watched.page, studio)
    watched.page.goto("/cards/forge")
    yield watched.page
    made_to_fail = re.compile(r"status of 5\d\d|ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to fetch")
    watched.complaints = [one for one in watched.complaints if not made_to_fail.search(one)]
    watched.close()


def notes(chapters: int = 1, name: str = "notes.md") -> Any:
    """A file of source material; some thousand chapters take a few seconds."""
    said = "“Who goes there?” cried Tomas Harrow. Tomas Harrow was a tall, quiet man. He kept the clocks of street {}."
    text = "# Tomas Harrow\n\nAge: 58\n\n" + "\n\n".join(f"CHAPTER {n}\n\n{said.format(n)}" for n in range(chapters))
    return {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}


def profile(studio: Instance, name: str) -> str:
    """A config profile of the workspace; its id."""
    with studio.api() as client:
        shipped = client.get("/profiles/config").raise_for_status().json()["items"]
        basic = next(one for one in shipped if one["name"] == "offline")
        made = client.post(f"/profiles/config/{basic['id']}/copies", json={"name": name}).raise_for_status().json()
    return str(made["id"])


def chosen(page: Page, name: str = "offline") -> None:
    """The profile that needs no model, and its panel."""
    page.locator("select[name=config_profile]").select_option(label=name)
    expect(page.locator("#forge-details")).to_contain_text(f"Who writes: {name}")


# -- the form --


def test_generate_waits_for_a_source_and_both_profiles(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("Forge a card")
    expect(page.locator(GO)).to_be_disabled()
    expect(page.locator(WHY)).to_have_text("Add a text or a file.")
    page.get_by_label("An idea, notes, or a text").fill(IDEA)
    expect(page.locator(GO)).to_be_enabled()
    page.get_by_label("An idea, notes, or a text").fill("   ")
    expect(page.locator(GO)).to_be_disabled()
    page.locator("input[name=source]").set_input_files(notes())
    expect(page.locator(GO)).to_be_enabled()
    for name in ("config_profile", "prompt_profile"):  # as where a workspace has none to choose
        select = page.locator(f"select[name={name}]")
        kept = select.inner_html()
        select.evaluate("one => { one.replaceChildren(); one.dispatchEvent(new Event('input', {bubbles: true})); }")
        expect(page.locator(GO)).to_be_disabled()
        expect(page.locator(WHY)).to_have_text("Choose both profiles.")
        select.evaluate(
            "(one, html) => { one.innerHTML = html; one.dispatchEvent(new Event('input', {bubbles: true})); }", kept
        )
        expect(page.locator(GO)).to_be_enabled()


def test_each_way_asks_for_what_it_needs(page: Page) -> None:
    expect(page.locator("input[name=card]")).to_be_hidden()
    page.get_by_text("A card, changed").click()
    expect(page.locator(WHY)).to_have_text("Add the card that it is about.")
    card: Any = {"name": "a.json", "mimeType": "application/json", "buffer": b'{"name": "Ada"}'}
    page.locator("input[name=card]").set_input_files(card)
    expect(page.locator(WHY)).to_have_text("Say what is to be changed.")
    page.locator("[name=instruction]").fill("Shorter.")
    expect(page.locator(GO)).to_be_enabled()
    page.get_by_text("A card, translated").click()
    expect(page.locator(WHY)).to_have_text("Say into which language.")


def test_the_panel_shows_both_profiles_and_bones_while_it_reads(page: Page) -> None:
    expect(page.locator("#forge-details")).to_contain_text("Who writes: basic")
    expect(page.locator("#forge-details")).to_contain_text("What is asked: default")
    waiting: list[Route] = []
    page.route("**/cards/forge/details?*", lambda route: waiting.append(route))  # noqa: PLW0108 - Playwright hangs an attribute on its handler
    page.locator("select[name=config_profile]").select_option("offline")
    expect(page.locator("#forge-details .forge-bones")).to_be_visible()
    expect(page.locator("#forge-details")).to_have_attribute("aria-busy", "true")
    expect(page.get_by_text("Who writes: basic")).to_be_hidden()
    waiting[0].continue_()
    expect(page.locator("#forge-details")).to_contain_text("Who writes: offline")
    expect(page.locator("#forge-details .forge-bones")).to_have_count(0)
    page.unroute("**/cards/forge/details?*")


@pytest.mark.parametrize("failure", ["answers 500", "is not there"])
def test_a_panel_that_cannot_be_read_says_so_and_is_tried_again(page: Page, failure: str) -> None:
    page.get_by_label("An idea, notes, or a text").fill(IDEA)

    def fail(route: Route) -> None:
        route.fulfill(status=500, body="") if failure == "answers 500" else route.abort("internetdisconnected")

    page.route("**/cards/forge/details?*", fail)
    page.locator("select[name=prompt_profile]").select_option(label="novel")
    alert = page.locator("#forge-details [role=alert]")
    expect(alert).to_contain_text("The profile could not be read")
    expect(page.get_by_label("An idea, notes, or a text")).to_have_value(IDEA)
    page.unroute("**/cards/forge/details?*")
    alert.get_by_role("button", name="Try again").click()
    expect(page.locator("#forge-details")).to_contain_text("What is asked: novel")


def test_a_profile_that_is_gone_is_told_before_and_after_the_button(page: Page, studio: Instance) -> None:
    gone = profile(studio, "Gone soon")
    page.reload()
    page.get_by_label("An idea, notes, or a text").fill(IDEA)
    chosen(page, "Gone soon")
    with studio.api() as client:
        client.delete(f"/profiles/config/{gone}").raise_for_status()
    page.locator("select[name=prompt_profile]").select_option(label="novel")
    expect(page.locator("#forge-details [role=alert]")).to_contain_text("may have been deleted")
    page.locator(GO).click()
    expect(page.locator("#forge")).to_contain_text("no config profile")
    expect(page.get_by_label("An idea, notes, or a text")).to_have_value(IDEA)


# -- uploads --


def test_files_are_ready_and_then_done(page: Page) -> None:
    page.locator("input[name=source]").set_input_files([notes(), notes(name="more.txt")])
    states = page.locator(".forge-state")
    expect(states).to_have_text(["Ready", "Ready"])
    chosen(page)
    sent: list[Route] = []
    page.route(
        "**/cards/forge", lambda route: sent.append(route) if route.request.method == "POST" else route.continue_()
    )
    page.locator(GO).click()
    expect(states).to_have_text(["Sending…", "Sending…"])
    expect(page.locator(GO)).to_be_disabled()  # nobody sends it twice
    page.evaluate(
        "addEventListener('beforeunload', () => sessionStorage.said = document.querySelector('.forge-state').textContent)"
    )
    sent[0].continue_()
    page.wait_for_url("**/cards/forge/0*")
    assert page.evaluate("sessionStorage.said") == "Done"


def test_a_file_too_large_is_told_at_once(page: Page) -> None:
    page.evaluate("""() => { const input = document.querySelector('input[name=source]'), all = new DataTransfer();
        all.items.add(new File([new Uint8Array(20_000_001)], 'novel.txt')); input.files = all.files;
        input.dispatchEvent(new Event('change', {bubbles: true})); }""")
    expect(page.locator(".forge-state")).to_have_text("Too large")
    expect(page.locator(WHY)).to_contain_text("“novel.txt” is larger than 20 MB.")
    expect(page.locator(GO)).to_be_disabled()


# -- jobs --


def test_a_job_from_the_button_to_its_card(page: Page, studio: Instance) -> None:
    page.locator("input[name=source]").set_input_files(notes(1500))
    chosen(page)
    page.locator(GO).click()
    page.wait_for_url("**/cards/forge/0*")
    expect(page.locator(".toasts")).to_contain_text("The forge has begun.")
    job = page.locator("#forge-job")
    expect(page.locator("[data-forge-time]")).to_have_text(re.compile(r"^[\d.:]+( s)?$"), timeout=60_000)
    expect(job).to_contain_text("Done", timeout=120_000)
    expect(page.get_by_role("heading", name="Tomas Harrow")).to_be_visible()
    expect(job).not_to_have_attribute("aria-busy", "true")
    page.get_by_role("button", name="Keep as a card").click()
    expect(page).to_have_url(re.compile(r"/cards/[0-9a-z]{26}$"))
    with studio.api() as client:
        assert "Tomas Harrow" in [one["name"] for one in client.get("/cards").json()["items"]]


def test_a_job_is_asked_about_every_two_seconds_and_not_at_all_when_it_is_over(page: Page) -> None:
    page.locator("input[name=source]").set_input_files(notes(4000))
    chosen(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/cards/forge/0" in request.url else None)
    page.locator(GO).click()
    page.wait_for_url("**/cards/forge/0*")
    expect(page.locator("#forge-job")).to_have_attribute("aria-busy", "true")
    before = len(asked)
    page.wait_for_timeout(5_000)  # what does not happen has no event to wait for
    assert len(asked) - before <= 4, asked
    expect(page.locator("#forge-job")).to_contain_text("Done", timeout=120_000)
    after = len(asked)
    page.wait_for_timeout(5_000)
    assert len(asked) - after <= 1, asked[after:]


def test_a_job_can_be_stopped_and_tried_again(page: Page) -> None:
    page.locator("input[name=source]").set_input_files(notes(9000))
    chosen(page)
    page.locator(GO).click()
    page.wait_for_url("**/cards/forge/0*")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#forge-job")).to_contain_text("The steps that were done are kept", timeout=60_000)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#forge-job")).to_contain_text("Done", timeout=180_000)


# -- what can fail --


def test_a_refusal_keeps_words_and_files(page: Page) -> None:
    page.locator("input[name=source]").set_input_files(notes())
    page.get_by_label("An idea, notes, or a text").fill(IDEA)
    page.get_by_text("More options").click()
    page.locator("[name=language]").fill("nonsense language")
    page.locator(GO).click()
    expect(page.locator("#forge [role=alert]").first).to_be_visible()
    expect(page.get_by_label("An idea, notes, or a text")).to_have_value(IDEA)
    expect(page.locator(".forge-state")).to_have_text("Ready")
    assert page.evaluate("document.querySelector('input[name=source]').files[0].name") == "notes.md"


@pytest.mark.parametrize("failure", ["answers 500", "is not there"])
def test_a_server_that_fails_loses_nothing(page: Page, failure: str) -> None:
    page.locator("input[name=source]").set_input_files(notes())
    chosen(page)

    def fail(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
        elif failure == "answers 500":
            route.fulfill(status=500, body="")
        else:
            route.abort("internetdisconnected")

    page.route("**/cards/forge", fail)
    page.locator(GO).click()
    told = "The server did not take it (500)." if failure == "answers 500" else "The server cannot be reached."
    expect(page.locator(WHY)).to_contain_text(told)
    expect(page.locator(".forge-state")).to_have_text("Not sent")
    page.unroute("**/cards/forge")
    page.locator(GO).click()
    page.wait_for_url("**/cards/forge/0*")
