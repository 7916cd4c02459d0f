"""Every template compiles, every pattern renders, nothing inline, nothing undefined."""

from __future__ import annotations

import re

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from starlette.testclient import TestClient

from ainfluencer.web.pages import ARCHETYPES, FAMILIES, LOOKS
from ainfluencer.web.states import all_states, look_of
from ainfluencer.web.templates import PACKAGE, ModuleLoader, Scene, environment, to_text

TEMPLATES = ModuleLoader().list_templates()


@pytest.mark.parametrize("name", [n for n in TEMPLATES if n.startswith("web/")])
def test_every_template_of_the_design_system_compiles(name: str, dist: object) -> None:
    del dist
    environment().get_template(name)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_renders(client: TestClient, family: str) -> None:
    check(client.get(f"/_patterns?family={family}"))


@pytest.mark.parametrize("archetype", ARCHETYPES)
@pytest.mark.parametrize("look", LOOKS)
def test_every_archetype_renders_in_every_look(client: TestClient, archetype: str, look: str) -> None:
    check(client.get(f"/_patterns/pages/{archetype}?look={look}"))


def check(answer: object) -> None:
    """A page that the content policy lets work, with one heading and a token in every form that changes something."""
    text = getattr(answer, "text", "")
    assert getattr(answer, "status_code", 0) == 200
    assert text.count("<h1") == 1
    assert not re.search(r"<[^>]+\sstyle=", text)
    assert not re.search(r"<[^>]+\son[a-z]+=", text)
    assert not re.search(r"<script(?![^>]+src=)", text)
    for form in re.findall(r'<form[^>]+method="post".*?</form>', text, re.DOTALL):
        assert 'name="csrf"' in form
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids)), [i for i in ids if ids.count(i) > 1]


def test_macros_hold_no_name_twice() -> None:
    seen: dict[str, str] = {}
    for path in (PACKAGE / "web/templates/macros").glob("*.html"):
        for name in re.findall(r"{% macro ([a-z]\w*)", path.read_text("utf-8")):
            assert name not in seen, f"{name} is in {seen.get(name)} and {path.name}"
            seen[name] = path.name


def test_an_undefined_name_is_an_error(dist: object) -> None:
    del dist
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nobody }}").render()
    with pytest.raises(UndefinedError):
        environment().from_string("{{ ui.no_such_macro() }}").render()


def test_values_are_escaped(dist: object) -> None:
    del dist
    text = (
        environment()
        .from_string("{{ ui.row(title, title) }}{{ ui.avatar(title) }}{{ ui.copy(title) }}")
        .render(title='<img src=x onerror="a">')
    )
    assert "<img src=x" not in text
    assert "&lt;img" in text


@pytest.mark.parametrize("name", ["web/../web/base.html", "web", "nowhere/x.html", "web/", "/etc/passwd"])
def test_the_loader_stays_in_its_folders(name: str) -> None:
    with pytest.raises(TemplateNotFound):
        environment().get_template(name)


def test_the_scene_reaches_macros_and_ends(dist: object) -> None:
    del dist
    text = to_text("web/patterns/_job.html", "", {}, Scene(csrf="t0ken", path="/x"))
    assert 'value="t0ken"' in text
    assert environment().from_string("{{ csrf_token() }}").render() == ""


def test_unknown_states_are_shown_as_they_are() -> None:
    assert look_of("half_baked").label == "Half baked"
    assert {look_of(name).tone for name in all_states()} <= {
        "neutral",
        "primary",
        "info",
        "success",
        "warning",
        "error",
        "iris",
    }
