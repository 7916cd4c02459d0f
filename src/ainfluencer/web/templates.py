"""The one Jinja environment: strict, escaped, and finding `<module>/templates/x.html` as "<module>/x.html"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound
from jinja2_fragments import render_block

from ainfluencer.core.config import settings
from ainfluencer.web import filters
from ainfluencer.web.assets import asset, icon
from ainfluencer.web.compiled import Compiled
from ainfluencer.web.states import look_of

PACKAGE = Path(__file__).parent.parent
_MACRO_FILES = ("actions", "fields", "choices", "layout", "lists", "data", "cards", "feedback", "overlays", "art")


@dataclass(frozen=True, slots=True)
class Scene:
    """What macros may know about the request without being handed it."""

    csrf: str = ""
    path: str = "/"


_NOWHERE = Scene()
_scene: ContextVar[Scene] = ContextVar("ainfluencer_scene", default=_NOWHERE)


@contextmanager
def scene(now: Scene) -> Iterator[None]:
    """While this is open, `csrf_token()` and `current_path()` in templates answer for that request."""
    token = _scene.set(now)
    try:
        yield
    finally:
        _scene.reset(token)


class ModuleLoader(BaseLoader):
    """Loads "characters/index.html" from `characters/templates/index.html`; a module needs no registration."""

    def __init__(self, package: Path = PACKAGE) -> None:
        self.package = package

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The text, its path, and whether it is still the same; `TemplateNotFound` otherwise."""
        del environment
        module, _, rest = template.partition("/")
        path = self.package / module / "templates" / rest
        if not rest or ".." in template.split("/") or not path.is_file():
            raise TemplateNotFound(template)
        changed = path.stat().st_mtime
        return path.read_text("utf-8"), str(path), lambda: path.is_file() and path.stat().st_mtime == changed

    def list_templates(self) -> list[str]:
        """Every template of every module, by its name."""
        return sorted(
            f"{folder.parent.name}/{path.relative_to(folder).as_posix()}"
            for folder in self.package.glob("*/templates")
            for path in folder.rglob("*.html")
        )


class Macros:
    """`ui` in every template: all macros of web/macros under one name, loaded when first used."""

    def __init__(self, env: Environment) -> None:
        self._env = env

    def __getattr__(self, name: str) -> Any:
        """The macro of that name; `AttributeError` (which strict templates report) when there is none."""
        if name.startswith("_"):
            raise AttributeError(name)
        for file in _MACRO_FILES:
            module = self._env.get_template(f"web/macros/{file}.html").module
            if hasattr(module, name):
                macro = getattr(module, name)
                if not self._env.auto_reload:  # found once, it is an attribute: a page calls hundreds of macros
                    setattr(self, name, macro)
                return macro
        raise AttributeError(f"There is no macro called {name} in web/macros.")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The environment of this process. With `debug` templates are read again when they change on disk."""
    env = Environment(
        loader=ModuleLoader(),
        auto_reload=settings().debug,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=800,
        bytecode_cache=Compiled(),
    )
    env.filters.update(filters.FILTERS)
    env.globals.update(
        asset=asset,
        icon=icon,
        look_of=look_of,
        ui=Macros(env),
        csrf_token=lambda: _scene.get().csrf,
        current_path=lambda: _scene.get().path,
    )
    return env


def to_text(template: str, block: str, context: dict[str, Any], now: Scene) -> str:
    """Render a template, or one block of it when `block` is given, for the request that `now` describes."""
    with scene(now):
        if block:
            return _sendable(render_block(environment(), template, block, **context))
        return _sendable(environment().get_template(template).render(**context))


def _sendable(text: str) -> str:
    """Halves of characters, which strangers' files hold and UTF-8 does not, are shown as �."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return re.sub(r"[\ud800-\udfff]", "\ufffd", text)
    return text
