"""The card editor in a real browser: nothing that is typed gets lost, whatever happens to network, session or other people."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_journeys import PHONE, enter, window
from tests.support.browser import AXE, Instance, Watched
from tests.support.cards import cards, pngs

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
STATE = "[data-state]"


@pytest.fixture
def card(studio: Instance) -> str:
    """A PNG card with a lorebook; its id."""
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((300, 450)).save(out, "PNG")
    entries = [
        {"id": n, "keys": [f"key{n}"], "content": f"Lore {n}.", "enabled": True, "insertion_order": n, "extensions": {}}
        for n in range(60)
    ]
    entries[1]["extensions"] = {"seed": 9007199254740993}
    text = cards.v2(
        name="Mira", description="Keeps bees.", first_mes="Hello {{user}}.",
        extensions={"big": 9007199254740993, "one": 1.5}, character_book={"extensions": {}, "entries": entries},
    )  # fmt: skip
    data = out.getvalue()[:-12] + pngs.text("chara", pngs.b64(text)) + pngs.END
    with studio.api() as client:
        added = client.post("/cards", files={"file": ("mira.png", data)}).raise_for_status().json()
    return str(added["card"]["id"])


def fields(studio: Instance, card: str) -> dict[str, Any]:
    with studio.api() as client:
        found: dict[str, Any] = client.get(f"/cards/{card}/fields").raise_for_status().json()
    return found


def opened(page: Page, card: str) -> None:
    page.goto(f"/cards/{card}/edit")
    expect(page.locator(STATE)).to_have_attribute("data-state", "saved")


def saved(page: Page) -> None:
    expect(page.locator(STATE)).to_have_attribute("data-state", "saved", timeout=15_000)


def box(page: Page, name: str) -> Any:
    return page.locator(f"#f-{name}")


def test_what_is_typed_is_saved_and_can_be_taken_back(browser: Browser, studio: Instance, card: str) -> None:
    with window(browser, studio) as page:
        opened(page, card)
        box(page, "description").fill("Keeps bees on the pier.")
        expect(page.locator(STATE)).to_have_attribute("data-state", "typing")
        saved(page)
        assert fields(studio, card)["data"]["description"] == "Keeps bees on the pier."
        page.locator("[data-section=prompts]").click()
        box(page, "system_prompt").fill("Be brief.")
        page.keyboard.press("Control+s")
        saved(page)

        page.keyboard.press("Control+z")  # over the whole card: the prompt, then the description in its section
        page.keyboard.press("Control+z")
        expect(box(page, "description")).to_have_value("Keeps bees.")
        page.keyboard.press("Control+Shift+z")
        expect(box(page, "description")).to_have_value("Keeps bees on the pier.")
        saved(page)
        data = fields(studio, card)["data"]
        assert (data["description"], data["system_prompt"]) == ("Keeps bees on the pier.", "")
        assert data["extensions"]["big"] == 9007199254740993  # beyond what a browser counts with


def test_the_meter_follows_every_key(browser: Browser, studio: Instance, card: str) -> None:
    with window(browser, studio) as page:
        opened(page, card)
        meter = page.locator("[data-meter=description]").first
        before = meter.inner_text()
        box(page, "description").press_sequentially(" Slowly and with care, every morning.")
        expect(meter).not_to_have_text(before)
        expect(meter).to_have_text(re.compile(r"^\d+ tok"))  # the server's count, without the sign of an estimate


def test_the_lorebook_says_what_fires(browser: Browser, studio: Instance, card: str) -> None:
    with window(browser, studio) as page:
        opened(page, card)
        page.locator("[data-section=lore]").click()
        page.get_by_role("tab", name="Lore test").click()
        page.locator("[data-trial]").fill("Where is key7 now?")
        expect(page.locator(".ce-marked mark")).to_have_text("key7")
        expect(page.locator("tr[data-at='7'] .ce-dot")).to_have_class(re.compile("ce-fired"))

        row = page.locator("tr[data-at='7']")
        row.locator(".ce-keys").click()
        expect(page.get_by_role("heading", name="Entry 8")).to_be_visible()
        row.focus()
        page.keyboard.press("ArrowDown")
        expect(page.locator("tr[data-at='8']")).to_be_focused()
        page.keyboard.press("Space")  # off
        page.keyboard.press("Alt+ArrowUp")  # moved up
        saved(page)
        entries = fields(studio, card)["data"]["character_book"]["entries"]
        assert [(one["id"], one["enabled"]) for one in entries[6:9]] == [(6, True), (8, False), (7, True)]
        page.locator("tr[data-at='0']").focus()
        page.keyboard.press("d")
        page.keyboard.press("Delete")
        saved(page)
        assert len(fields(studio, card)["data"]["character_book"]["entries"]) == 60


def test_a_chat_is_played_message_by_message(browser: Browser, studio: Instance, card: str) -> None:
    other(studio, card, **{"book.entries[3].extensions": {"sticky": 3, "cooldown": 2}})
    with window(browser, studio) as page:
        opened(page, card)
        page.locator("[data-section=lore]").click()
        page.get_by_role("tab", name="Lore test").click()
        page.locator("[data-trial]").fill("Where is key3?\n\n{{char}}: Here.\n\nAnd now?\n\nSo.")
        turns = page.locator(".ce-turns > li")
        expect(turns).to_have_count(4)
        expect(turns.nth(0)).to_contain_text("Stays through message 3.")
        expect(turns.nth(1).locator(".ce-results")).to_have_count(
            0
        )  # nobody asks a model after the character's own words
        expect(turns.nth(2)).to_contain_text("It fired at message 1 and stays through message 3")
        expect(turns.nth(3)).to_contain_text("It rests through message 5")


def test_a_key_in_a_large_lorebook_is_cheap(browser: Browser, studio: Instance, card: str, tmp_path: Path) -> None:
    """Not by the clock, which says more about the machine: by how much of the page a key makes the browser look at again."""
    entries = [
        {
            "id": n,
            "keys": [f"key{n}"],
            "content": f"Lore {n}. " * 20,
            "enabled": True,
            "insertion_order": n,
            "extensions": {},
        }
        for n in range(500)
    ]
    other(studio, card, **{"book.entries": entries})
    with window(browser, studio) as page:
        opened(page, card)
        page.locator("[data-section=lore]").click()
        page.locator("tr[data-at='7'] .ce-keys").click()
        assert page.locator("tr[data-at]").count() < 100
        typed = page.locator("[data-field='book.entries[7].content']")
        typed.focus()
        page.keyboard.press("End")
        browser.start_tracing(page=page, categories=["devtools.timeline"])
        page.keyboard.type("The harbour smells of tar and honey", delay=40)
        saved(page)
        page.keyboard.type(" and rain", delay=40)
        events = json.loads(browser.stop_tracing())["traceEvents"]
        looked = [
            one["args"].get("elementCount", 0) for one in events if one["name"] == "UpdateLayoutTree" and "args" in one
        ]
        assert len(looked) > 20
        assert max(looked) < 500, sorted(looked)[-5:]  # of some 1,500 elements
        expect(page.locator("tr[data-at='7'] td").last).to_have_text(re.compile(r"^\d+$"))


# -- files of the card --


def asset_card(studio: Instance, **changes: Any) -> str:
    """A V3 card in a PNG; its id."""
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((200, 300)).save(out, "PNG")
    text = pngs.b64(cards.v3(name="Mira", **changes))
    data = out.getvalue()[:-12] + pngs.text("ccv3", text) + pngs.END
    with studio.api() as client:
        added = client.post("/cards", files={"file": ("mira.png", data)}).raise_for_status().json()
    return str(added["card"]["id"])


def a_picture(name: str, colour: str = "teal") -> Any:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


def assets(studio: Instance, card: str) -> list[dict[str, Any]]:
    with studio.api() as client:
        found: list[dict[str, Any]] = client.get(f"/cards/{card}/assets").raise_for_status().json()["items"]
    return found


def test_files_are_added_named_exchanged_and_removed(browser: Browser, studio: Instance) -> None:
    card = asset_card(studio)
    with window(browser, studio) as page:
        opened(page, card)
        page.locator("[data-section=picture]").click()
        expect(page.get_by_text("programs take the card's own picture")).to_be_visible()
        page.get_by_label("Choose files to add").set_input_files([a_picture("happy.png"), a_picture("sad.png", "red")])
        expect(page.get_by_text("2 files are in the card.")).to_be_visible()
        rows = page.locator("[data-asset]")
        expect(rows).to_have_count(3)
        expect(rows.nth(1).locator("img")).to_have_js_property("complete", value=True)

        name = page.get_by_label("Name of emotion happy")
        name.fill("glad")
        name.press("Enter")
        expect(page.get_by_label("Name of emotion glad")).to_be_visible()
        page.get_by_label("Kind of emotion sad").fill("icon")
        page.get_by_label("Kind of emotion sad").press("Enter")
        page.get_by_role("button", name="Make icon sad the main icon").click()
        expect(page.get_by_text("“sad” is the main icon now.")).to_be_visible()
        page.get_by_label("Another file for emotion glad").set_input_files(a_picture("other.png", "gold"))
        expect(page.get_by_text("“glad” has another file.")).to_be_visible()
        page.get_by_role("button", name="Remove icon icon").click()
        expect(rows).to_have_count(2)
        saved(page)

        page.locator("[data-section=who]").click()
        box(page, "description").fill("With files.")
        saved(page)
        page.keyboard.press("Control+z")  # words go back, files stay
        saved(page)
    found = assets(studio, card)
    assert [(one["type"], one["name"], one["place"]) for one in found] == [
        ("emotion", "glad", "inside"), ("icon", "main", "inside"),
    ]  # fmt: skip


def test_what_is_no_picture_is_refused_and_said(browser: Browser, studio: Instance) -> None:
    card = asset_card(studio)
    with window(browser, studio) as page:
        opened(page, card)
        page.locator("[data-section=picture]").click()
        fake: Any = {"name": "face.png", "mimeType": "image/png", "buffer": b"MZ no picture"}
        page.get_by_label("Choose files to add").set_input_files(fake)
        expect(page.locator("[aria-label=Assets] [role=alert]")).to_contain_text("is called a picture, and is none")
    assert assets(studio, card) == []


def test_an_older_card_is_converted_where_it_has_no_place(browser: Browser, studio: Instance, card: str) -> None:
    with window(browser, studio) as page:
        opened(page, card)
        page.locator("[data-section=picture]").click()
        expect(page.get_by_text("A card of version 2 has no place for files.")).to_be_visible()
        page.get_by_role("button", name="Convert to V3").click()
        expect(page.get_by_label("Choose files to add")).to_be_attached()
        expect(page.locator(".ce-kind")).to_have_text("V3")
    assert fields(studio, card)["data"]["extensions"]["big"] == 9007199254740993


def test_nothing_is_lost_without_a_network(browser: Browser, studio: Instance, card: str) -> None:
    words = "Written in a tunnel. " * 3_500  # too long for what a browser still sends while it closes a page
    watched = Watched(browser, studio.url)
    page = watched.page
    enter(page, studio)
    opened(page, card)
    page.route("**/api/v2/cards/*", lambda route: route.fulfill(status=503, body="{}"))  # where edits go
    page.keyboard.press("Alt+4")
    page.locator("tr[data-at='1'] [data-toggle=enabled]").click()
    page.keyboard.press("Alt+1")
    box(page, "description").fill(words)
    expect(page.locator(STATE)).to_have_attribute("data-state", "offline", timeout=10_000)
    page.reload()  # the tab is closed before the network is back
    expect(page.get_by_text("that were not saved are back")).to_be_visible()
    expect(box(page, "description")).to_have_value(words)
    page.unroute("**/api/v2/cards/*")
    page.keyboard.press("Control+s")
    saved(page)
    stored = fields(studio, card)["data"]
    assert stored["description"] == words
    assert stored["character_book"]["entries"][1]["enabled"] is False
    assert stored["character_book"]["entries"][1]["extensions"] == {"seed": 9007199254740993}
    watched.complaints = [one for one in watched.complaints if "status of 503" not in one]
    watched.close()


def test_another_persons_edit_is_never_overwritten_unseen(browser: Browser, studio: Instance, card: str) -> None:
    with window(browser, studio) as page:
        opened(page, card)
        other(studio, card, personality="Dry.")
        box(page, "scenario").fill("A pier.")
        saved(page)  # different fields: both are in
        data = fields(studio, card)["data"]
        assert (data["personality"], data["scenario"]) == ("Dry.", "A pier.")

        other(studio, card, description="Theirs.")
        box(page, "description").fill("Mine.")
        expect(page.locator(STATE)).to_have_attribute("data-state", "clash", timeout=10_000)
        page.reload()  # nobody has chosen yet: it is asked again, not saved
        expect(page.locator(STATE)).to_have_attribute("data-state", "clash")
        expect(box(page, "description")).to_have_value("Mine.")
        assert fields(studio, card)["data"]["description"] == "Theirs."
        page.get_by_role("button", name="Choose").click()
        dialog = page.locator("dialog[open]")
        expect(dialog).to_contain_text("Theirs.")
        dialog.get_by_text("Mine (right)").click()
        dialog.get_by_role("button", name="Save like this").click()
        saved(page)
    assert fields(studio, card)["data"]["description"] == "Mine."


def other(studio: Instance, card: str, **values: Any) -> None:
    """Somebody else saves."""
    with studio.api() as client:
        rev = client.get(f"/cards/{card}").json()["rev"]
        client.patch(f"/cards/{card}", json={"rev": rev, "set": values}).raise_for_status()


def test_an_ended_session_keeps_the_words(browser: Browser, studio: Instance, card: str) -> None:
    with window(browser, studio) as page:
        opened(page, card)
        page.context.clear_cookies()
        box(page, "description").fill("After the session.")
        expect(page.locator(STATE)).to_have_attribute("data-state", "signed-out", timeout=10_000)
        expect(page.get_by_role("link", name="Sign in")).to_have_attribute("href", "/sign-in")
        again = page.context.new_page()
        enter(again, studio)
        again.close()
        page.bring_to_front()
        page.keyboard.press("Control+s")
        saved(page)
    assert fields(studio, card)["data"]["description"] == "After the session."


def test_safe_faults_are_mended_in_place(browser: Browser, studio: Instance, card: str) -> None:
    with window(browser, studio) as page:
        opened(page, card)
        box(page, "description").fill("{char} keeps bees.")
        page.get_by_role("tab", name="Checks").click()
        page.get_by_role("button", name="Mend what is safe to mend").click()
        expect(box(page, "description")).to_have_value("{{char}} keeps bees.")
        saved(page)
        page.get_by_role("button", name="Undo").click()
        expect(box(page, "description")).to_have_value("{char} keeps bees.")


def test_what_changed_is_seen_side_by_side(browser: Browser, studio: Instance, card: str) -> None:
    with window(browser, studio) as page:
        opened(page, card)
        box(page, "description").fill("Keeps two bees.")
        saved(page)
        page.keyboard.press("Control+d")
        dialog = page.locator("dialog[open]")
        expect(dialog.get_by_text("Nothing differs.")).to_be_visible()
        dialog.get_by_label("Compare with").select_option("1")
        expect(dialog.locator("ins")).to_contain_text("two")
        dialog.get_by_role("button", name="Take this back").click()
        page.keyboard.press("Escape")
        expect(box(page, "description")).to_have_value("Keeps bees.")
        saved(page)


def test_the_picture_is_cut_and_the_text_stays(browser: Browser, studio: Instance, card: str) -> None:
    with window(browser, studio) as page:
        opened(page, card)
        page.locator("[data-section=picture]").click()
        crop = page.locator("[data-crop]")
        expect(crop).to_be_visible()
        crop.focus()
        for _ in range(5):
            page.keyboard.press("Shift+ArrowDown")
        page.get_by_role("button", name="Save the picture").click()
        expect(page.get_by_text("The new picture is saved")).to_be_visible()
        box_ = page.locator("[data-crop-image]")
        expect(box_).to_have_js_property("naturalWidth", 300)
        expect(box_).to_have_js_property("naturalHeight", 300)
        page.locator("[data-section=who]").click()
        box(page, "description").fill("With a new face.")
        saved(page)
    assert fields(studio, card)["data"]["extensions"]["big"] == 9007199254740993


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_every_section_is_accessible(browser: Browser, studio: Instance, card: str, options: dict[str, Any]) -> None:
    with window(browser, studio, **options) as page:
        opened(page, card)
        script = AXE.read_text("utf-8")
        for section in ("who", "greetings", "lore", "notes", "picture", "extensions"):
            page.locator(f"[data-section={section}]").click()
            page.evaluate(script)
            found = page.evaluate(
                "async () => (await axe.run(document.querySelector('card-editor'), {runOnly: ['wcag2a', 'wcag2aa']})).violations"
            )
            told = [(one["id"], one["nodes"][0]["html"][:200]) for one in found]
            assert not told, f"{section}: {json.dumps(told, indent=1)}"
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 1, "the page is wider than the screen"


def test_without_scripts_a_form_saves(browser: Browser, studio: Instance, card: str) -> None:
    with window(browser, studio, signed_in=False, java_script_enabled=False) as page:
        page.goto(studio.way_in())
        page.goto(f"/cards/{card}/edit")
        page.get_by_label("Description").fill("Plainly.\nIn two lines.")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_label("Description")).to_have_value("Plainly.\nIn two lines.")
    data = fields(studio, card)["data"]
    assert (data["description"], data["first_mes"]) == ("Plainly.\nIn two lines.", "Hello {{user}}.")


def test_a_new_card_begins_with_a_name(browser: Browser, studio: Instance, tmp_path: Path) -> None:
    with window(browser, studio) as page:
        page.goto("/cards/new")
        page.get_by_label("Name").fill("Ada Quill")
        page.get_by_role("button", name="Open the editor").click()
        expect(page.get_by_role("heading", name="Ada Quill")).to_be_visible()
        page.locator("[data-section=picture]").click()
        picture = tmp_path / "ada.png"
        Image.new("RGB", (200, 300), "teal").save(picture)
        page.get_by_label("Choose a picture").set_input_files(picture)
        page.get_by_role("button", name="2 : 3").click()
        page.get_by_role("button", name="Save the picture").click()
        expect(page.get_by_text("The new picture is saved")).to_be_visible()
